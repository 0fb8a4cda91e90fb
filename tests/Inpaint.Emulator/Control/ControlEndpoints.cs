using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Fal;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using HttpResults = Microsoft.AspNetCore.Http.Results;

namespace Inpaint.Emulator.Control;

/// <summary>
/// The state of the emulator over HTTP, below <c>/_emulator</c>, for tests in other languages. These requests are neither recorded nor met by faults; a mistake in one is
/// answered with 400 and a sentence.
/// </summary>
internal static class ControlEndpoints
{
    public const string Prefix = "/_emulator";

    public static void Map(WebApplication application, EmulatorState state)
    {
        RouteGroupBuilder control = application.MapGroup(Prefix);
        control.MapGet("/state", () => Json(StateOf(state)));
        control.MapPost("/reset", Act(_ => state.Reset()));
        control.MapGet("/requests", (string? operation, string? service) => Json(new JsonArray([.. Chosen(state, operation, service).Select(RequestOf)])));
        control.MapDelete("/requests", Act(_ => state.Requests.Clear()));
        control.MapPost("/faults", Act(json => AddFaults(state.Faults, json)));
        control.MapDelete("/faults", Act(_ => state.Faults.Clear()));
        control.MapPost("/release", Act(_ => state.Faults.Release()));
        control.MapPost("/scripts", Act(json => AddScript(state.Jobs, json)));
        control.MapGet("/jobs", () => Json(new JsonArray([.. state.Jobs.All.Select(JobOf)])));
        control.MapDelete("/jobs", Act(_ => state.Jobs.Clear()));
        control.MapPost("/jobs/{id}/{action}", (string id, string action) => ActOnJob(state.Jobs, id, action));
        control.MapPost("/models", Act(json => Offer(state, FalOffer.Read(json))));
        control.MapPut("/settings", Act(json => SettingsJson.Apply(state, json)));
    }

    private static IResult Json(JsonNode json) => HttpResults.Text(json.ToJsonString(WireJson.Plain), "application/json");

    private static Func<HttpContext, Task<IResult>> Act(Action<JsonObject> action) => async http =>
    {
        using MemoryStream body = new();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        try
        {
            action(WireJson.ParseObject(body.GetBuffer().AsSpan(0, (int)body.Length)) ?? []);
            return HttpResults.NoContent();
        }
        catch (Exception mistake) when (mistake is JsonException or InvalidOperationException or FormatException)
        {
            return HttpResults.Text(mistake.Message, statusCode: 400);
        }
    };

    private static JsonObject StateOf(EmulatorState state) => new()
    {
        ["paidJobs"] = state.PaidJobs,
        ["requests"] = state.Requests.All.Count,
        ["cancels"] = state.Requests.Count(WireOperation.Cancel),
        ["uploads"] = state.Requests.Count(WireOperation.UploadPut) + state.Requests.Count(WireOperation.UploadComplete),
        ["downloads"] = state.Requests.Count(WireOperation.Download),
        ["keyLeaks"] = state.KeyLeaks.Count,
        ["malfunctions"] = state.Malfunctions.Count,
        ["pendingFaults"] = state.Faults.Pending,
        ["openConnections"] = state.Connections.Open,
        ["requestsInFlight"] = state.Connections.RequestsInFlight,
        ["mostRequestsInFlight"] = state.Connections.MostRequestsInFlight,
        ["openStreams"] = state.Connections.OpenStreams,
    };

    private static IEnumerable<RecordedRequest> Chosen(EmulatorState state, string? operation, string? service) => state.Requests.All.Where(request =>
        (operation is null || request.Operation.ToString().Equals(operation, StringComparison.OrdinalIgnoreCase))
        && (service is null || request.Service.ToString().Equals(service, StringComparison.OrdinalIgnoreCase)));

    private static JsonNode RequestOf(RecordedRequest request) => new JsonObject
    {
        ["number"] = request.Number,
        ["service"] = request.Service.ToString(),
        ["operation"] = request.Operation.ToString(),
        ["jobId"] = request.JobId,
        ["method"] = request.Method,
        ["path"] = request.Path,
        ["query"] = request.Query,
        ["headers"] = new JsonObject(request.Headers.Select(header => KeyValuePair.Create(header.Key, (JsonNode?)header.Value))),
        ["body"] = request.BodyText,
        ["status"] = request.Status,
        ["fault"] = request.Fault,
        ["abortedByClient"] = request.AbortedByClient,
    };

    private static JsonNode JobOf(EmulatedJob job) => new JsonObject
    {
        ["id"] = job.Id,
        ["service"] = job.Service.ToString(),
        ["endpoint"] = job.Endpoint,
        ["submittedAt"] = job.SubmittedAt,
        ["phase"] = job.Phase.ToString(),
        ["cancelled"] = job.IsCancelled,
        ["statusReads"] = job.StatusReads,
        ["resultReads"] = job.ResultReads,
        ["input"] = job.Input.DeepClone(),
    };

    private static void AddFaults(FaultBook book, JsonObject json)
    {
        WireOperation operation = json.Name<WireOperation>("operation");
        WireService? service = json.ContainsKey("service") ? json.Name<WireService>("service") : null;
        Fault[] faults = [.. json.Objects("faults").Select(FaultJson.Read)];
        if (!json.Flag("always"))
        {
            book.Enqueue(service, operation, faults);
            return;
        }

        string path = json.Text("pathContains") ?? "";
        book.When(
            request => request.Operation == operation && (service is null || request.Service == service) && request.Path.Contains(path, StringComparison.Ordinal),
            faults is [Fault only] ? only : throw new JsonException("\"always\" takes one fault."));
    }

    private static void AddScript(JobStore jobs, JsonObject json)
    {
        JobScript script = ScriptJson.Read(json);
        if (json.Flag("default"))
        {
            jobs.DefaultScript = script;
        }
        else
        {
            jobs.Enqueue(script);
        }
    }

    private static void Offer(EmulatorState state, FalOffer offer) => state.FalOffers[offer.Id] = offer;

    private static IResult ActOnJob(JobStore jobs, string id, string action)
    {
        EmulatedJob? job = id != "last" ? jobs.Find(id) : jobs.All is [.., EmulatedJob last] ? last : null;
        switch (job, action)
        {
            case (null, _):
                return HttpResults.Text($"There is no job {id}.", statusCode: 404);
            case (_, "release"):
                job.Release();
                break;
            case (_, "complete"):
                job.Complete();
                break;
            case (_, "expire"):
                job.Expire();
                break;
            default:
                return HttpResults.Text($"A job can be released, completed or expired, not '{action}'.", statusCode: 400);
        }

        return HttpResults.NoContent();
    }
}
