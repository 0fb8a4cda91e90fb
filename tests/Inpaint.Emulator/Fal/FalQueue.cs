using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator.Fal;

/// <summary>queue.fal.run: jobs are handed in, watched, collected and cancelled (fal.ai/docs, "Queue").</summary>
internal sealed class FalQueue(FalModel model) : IEmulatedService
{
    private static readonly TimeSpan Ping = TimeSpan.FromSeconds(15);

    public WireRoute Resolve(string method, string[] segments)
    {
        string path = "/" + string.Join('/', segments);
        int at = Array.LastIndexOf(segments, "requests");
        if (at < 2 || at + 1 >= segments.Length || FalEndpoint.Parse(segments.AsSpan(0, at)) is not { } app)
        {
            return method == "POST" && FalEndpoint.Parse(segments) is { } endpoint
                ? new(WireService.Fal, WireOperation.Submit, exchange => Task.FromResult(Submit(exchange, endpoint)))
                : WireRoute.To(WireService.Fal, WireOperation.Unknown, _ => FalErrors.PathNotFound(path));
        }

        string id = segments[at + 1];
        string rest = string.Join('/', segments[(at + 2)..]);
        if (app.Path.Length > 0)
        {
            // Requests live under owner and alias alone; a model's path left in is answered as measured on the service.
            return WireRoute.To(WireService.Fal, WireOperation.Unknown, _ => FalErrors.MethodNotAllowed("POST"), id);
        }

        return (method, rest) switch
        {
            ("GET", "status") => Found(WireOperation.Status, (exchange, job) => Task.FromResult(Status(exchange, job))),
            ("GET", "status/stream") => Found(WireOperation.StatusStream, (exchange, job) => Task.FromResult(Follow(exchange, job))),
            ("GET", "" or "response") => Found(WireOperation.Result, (_, job) => ResultAsync(job)),
            ("PUT", "cancel") => Found(WireOperation.Cancel, (_, job) => Task.FromResult(Cancel(job))),
            (_, "status" or "status/stream" or "" or "response") => WireRoute.To(WireService.Fal, WireOperation.Unknown, _ => FalErrors.MethodNotAllowed("GET"), id),
            (_, "cancel") => WireRoute.To(WireService.Fal, WireOperation.Unknown, _ => FalErrors.MethodNotAllowed("PUT"), id),
            _ => WireRoute.To(WireService.Fal, WireOperation.Unknown, _ => FalErrors.PathNotFound(path), id),
        };

        WireRoute Found(WireOperation operation, Func<Exchange, EmulatedJob, Task<Answer>> handle) => new(
            WireService.Fal,
            operation,
            async exchange =>
            {
                if (FalAccount.RefuseKey(exchange) is { } refusal)
                {
                    return refusal;
                }

                return exchange.State.Jobs.Find(id) is { Service: WireService.Fal } job && FalEndpoint.Parse(job.Endpoint.Split('/'))!.App == app.App
                    ? (await handle(exchange, job)).With("x-fal-request-id", job.Id)
                    : FalErrors.NotFound();
            },
            id);
    }

    /// <summary>The document of a status read, as the queue and its gateways tell it.</summary>
    public static JsonObject StatusDocument(EmulatedJob job, JobView view, string requestsBase, bool withLogs)
    {
        string url = $"{requestsBase}/{FalEndpoint.Parse(job.Endpoint.Split('/'))!.App}/requests/{job.Id}";
        JsonObject document = new()
        {
            ["status"] = view.Step is { } step ? step.Status ?? (step.Phase == JobPhase.InQueue ? "IN_QUEUE" : "IN_PROGRESS") : "COMPLETED",
            ["request_id"] = job.Id,
            ["response_url"] = url,
            ["status_url"] = $"{url}/status",
            ["cancel_url"] = $"{url}/cancel",
            ["logs"] = withLogs ? new JsonArray([.. view.Logs.Select(Log)]) : null,
            ["metrics"] = new JsonObject(),
        };
        if (view.Step is { Phase: JobPhase.InQueue } queued)
        {
            document["queue_position"] = queued.QueuePosition;
        }
        else if (view.Step is null)
        {
            document["metrics"] = new JsonObject { ["inference_time"] = job.IsCancelled ? null : FalModel.InferenceSeconds };
            if (FailureOf(job) is { } failure)
            {
                document["error"] = failure.Text;
                document["error_type"] = failure.Type;
            }
        }

        return document;
    }

    private static JsonNode Log(JobLog log) => new JsonObject
    {
        ["message"] = log.Message,
        ["level"] = "INFO",
        ["source"] = "USER",
        ["timestamp"] = log.Timestamp.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
    };

    private static (string Text, string Type)? FailureOf(EmulatedJob job)
    {
        if (job.IsCancelled)
        {
            return ("Request was cancelled", "client_cancelled");
        }

        if (StartedTooLate(job))
        {
            return ("Request timed out", "request_timeout");
        }

        return job.Script.Error is { } error ? (error, job.Script.ErrorType ?? "internal_error") : null;
    }

    private static bool StartedTooLate(EmulatedJob job) => job.Script.StartsTooLate && job.Headers.ContainsKey("X-Fal-Request-Timeout");

    private Answer Submit(Exchange exchange, FalEndpoint endpoint)
    {
        if ((FalAccount.RefuseKey(exchange) ?? FalAccount.RefuseLocked(exchange)) is { } refusal)
        {
            return refusal;
        }

        if (!exchange.State.FalOffers.ContainsKey(endpoint.Id))
        {
            return FalErrors.PathNotFound($"/{endpoint.Path}");
        }

        if (exchange.Input is not { } input)
        {
            return FalErrors.Model(422, retryable: false, FalErrors.Entry("", "JSON decode error", "json_invalid"));
        }

        JobScript script = exchange.State.Jobs.NextScript();
        if (int.TryParse(exchange.Http.Request.Query["fal_max_queue_length"], CultureInfo.InvariantCulture, out int longest) && script.SubmittedPosition > longest)
        {
            return FalErrors.Model(429, retryable: true, FalErrors.Entry("", "Queue is full", "concurrent_requests_limit"));
        }

        EmulatedJob job = Accept(exchange, endpoint.Id, input, script, WireService.Fal);
        if (exchange.Http.Request.Query["fal_webhook"].ToString() is { Length: > 0 } webhook)
        {
            FalWebhook.Register(exchange.State, job, webhook);
        }

        return Answer.Json(200, SubmitDocument(job, exchange.ServiceBase)).With("x-fal-request-id", job.Id);
    }

    /// <summary>Makes the job of a submit.</summary>
    public EmulatedJob Accept(Exchange exchange, string endpoint, JsonObject input, JobScript script, WireService service)
    {
        string cdn = exchange.CdnBase;
        EmulatorState state = exchange.State;
        EmulatedJob job = new(script.RequestId ?? Guid.NewGuid().ToString(), service, endpoint, input, script, state.Time, made => model.RunAsync(state, made.Endpoint, made.Input, cdn))
        {
            Headers = exchange.Request.Headers,
        };
        return state.Jobs.Add(job);
    }

    /// <summary>The answer of a submit, as the queue and its gateways tell it.</summary>
    public static JsonObject SubmitDocument(EmulatedJob job, string requestsBase)
    {
        JobView view = new(JobStep.Queued(job.Script.SubmittedPosition), []);
        return StatusDocument(job, view, requestsBase, withLogs: false);
    }

    private static bool WantsLogs(Exchange exchange) => exchange.Http.Request.Query["logs"].ToString() is "1" or "true";

    private static Answer Status(Exchange exchange, EmulatedJob job)
    {
        JobView view = job.Read();
        return Answer.Json(view.Step is null ? 200 : 202, StatusDocument(job, view, exchange.ServiceBase, WantsLogs(exchange)));
    }

    private static Answer Follow(Exchange exchange, EmulatedJob job)
    {
        bool withLogs = WantsLogs(exchange);
        string requestsBase = exchange.ServiceBase;
        TimeProvider time = exchange.State.Time;
        return Answer.Events(async (write, cancellationToken) =>
        {
            while (!job.IsExpired)
            {
                JobView view = job.Read();
                await write(WireJson.Event(StatusDocument(job, view, requestsBase, withLogs)));
                if (view.Step is null)
                {
                    return;
                }

                Task next = job.NextAsync(view, cancellationToken);
                while (!next.IsCompleted && await Task.WhenAny(next, Task.Delay(Ping, time, cancellationToken)) != next && !cancellationToken.IsCancellationRequested)
                {
                    await write(Encoding.UTF8.GetBytes(": ping\n\n"));
                }

                await next;
            }
        });
    }

    /// <summary>Replays the model's own answer, whatever it was.</summary>
    public static async Task<Answer> ResultAsync(EmulatedJob job)
    {
        if (job.Phase != JobPhase.Completed)
        {
            return FalErrors.Detail(400, "Request is still in progress");
        }

        job.ResultReads++;
        if (job.IsCancelled)
        {
            return FalErrors.Infrastructure(499, "Request was cancelled", "client_cancelled");
        }

        if (StartedTooLate(job))
        {
            return FalErrors.Infrastructure(504, "Request timed out", "request_timeout").With("X-Fal-Request-Timeout-Type", "user");
        }

        if (job.Script is { Error: { } error, Result: null })
        {
            string type = job.Script.ErrorType ?? "internal_error";
            return FalErrors.Infrastructure(InfrastructureStatus(type), error, type);
        }

        return await job.OutputAsync();
    }

    private static int InfrastructureStatus(string errorType) => errorType switch
    {
        "request_timeout" or "startup_timeout" => 504,
        "runner_scheduling_failure" or "runner_connection_timeout" or "runner_disconnected" or "runner_connection_refused" or "runner_connection_error" => 503,
        "runner_incomplete_response" => 502,
        "client_disconnected" or "client_cancelled" => 499,
        "bad_request" => 400,
        _ => 500,
    };

    public static Answer Cancel(EmulatedJob job) => job.Cancel()
        ? Answer.Json(202, new JsonObject { ["status"] = "CANCELLATION_REQUESTED" })
        : Answer.Json(400, new JsonObject { ["status"] = "ALREADY_COMPLETED" });
}
