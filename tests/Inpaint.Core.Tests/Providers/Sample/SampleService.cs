using System.Globalization;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Wire;
using Inpaint.Imaging.Masks;

namespace Inpaint.Tests.Providers.Sample;

/// <summary>The emulated service of <see cref="SampleClient"/>.</summary>
internal sealed class SampleService : IEmulatedService
{
    /// <summary>The emulator's path of it.</summary>
    public const string Path = "/sample";

    private const string Key = "sample-key";

    private int ids;

    public static ProviderUnderTest UnderTest { get; } = new()
    {
        Name = "Sample",
        Kind = "Sample",
        Key = Key,
        Uris = new Dictionary<string, string>(StringComparer.Ordinal) { ["BaseUri"] = Path + "/v1" },
        Output = PictureFormat.Png,
        StopOutcome = StopOutcome.NotSupported,
        FailingPrompt = "fail",
        Failure = InpaintErrorId.JobFailed,
        Documented = new Dictionary<InpaintOperation, string>
        {
            [InpaintOperation.Inpaint] = "model prompt image mask strength seed count size mood",
        },
        Fields = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Image"] = "body image",
            ["Mask"] = "body mask",
            ["Prompt"] = "body prompt",
            ["Strength"] = "body strength",
            ["Seed"] = "body seed",
            ["Count"] = "body count",
            ["Size"] = "body size",
            ["Mood"] = "body mood",
        },
    };

    public WireRoute Resolve(string method, string[] segments) => (method, segments) switch
    {
        ("POST", ["v1", "jobs"]) => To(WireOperation.Submit, exchange => Task.FromResult(Submit(exchange))),
        ("GET", ["v1", "jobs", string id]) => To(WireOperation.Status, exchange => FetchAsync(exchange, id), id),
        ("GET", ["v1", "account"]) => To(WireOperation.Account, _ => Task.FromResult(Answer.Json(200, new JsonObject { ["credits"] = 1 }))),
        _ => To(WireOperation.Unknown, _ => Task.FromResult(Error(404, "no such URL"))),
    };

    private static WireRoute To(WireOperation operation, Func<Exchange, Task<Answer>> handle, string? id = null) => new(
        WireService.Other,
        operation,
        exchange => exchange.Request.Headers.GetValueOrDefault("Authorization") == "Bearer " + Key ? handle(exchange) : Task.FromResult(Error(401, "wrong key")),
        id);

    private static Answer Error(int status, string error) => Answer.Json(status, new JsonObject { ["error"] = error });

    private static async Task<Answer> FetchAsync(Exchange exchange, string id)
    {
        if (exchange.State.Jobs.Find(id) is not { } job)
        {
            return Error(404, "no such job");
        }

        JobView view = job.Read();
        return view.Step is { } step
            ? Answer.Json(200, new JsonObject { ["id"] = id, ["state"] = step.Phase == JobPhase.InProgress ? "running" : "queued" })
            : await job.OutputAsync();
    }

    private Answer Submit(Exchange exchange)
    {
        JsonObject input = exchange.Input!;
        string id = "sample-" + Interlocked.Increment(ref ids).ToString(CultureInfo.InvariantCulture);
        exchange.State.Jobs.Add(new EmulatedJob(id, WireService.Other, "sample-1", input, exchange.State.Jobs.NextScript(), exchange.State.Time, _ => RunAsync(exchange, id, input)));
        return Answer.Json(200, new JsonObject { ["id"] = id, ["state"] = "queued" });
    }

    private static async Task<Answer> RunAsync(Exchange exchange, string id, JsonObject input)
    {
        string prompt = (string?)input["prompt"] ?? "";
        if (prompt == UnderTest.FailingPrompt)
        {
            return Answer.Json(200, new JsonObject { ["id"] = id, ["state"] = "failed", ["error"] = "The model failed." });
        }

        long seed = (long?)input["seed"] ?? exchange.State.NextSeed();
        Picture? source = await LoadAsync(exchange, (string?)input["image"]);
        Picture? mask = await LoadAsync(exchange, (string?)input["mask"]);
        Picture made = source is not null && mask is not null ? Painter.Inpaint(source, mask, 0.85, seed, prompt) : Painter.Generate(256, 256, seed, prompt);
        string file = exchange.State.Files.Add("0.png", "image/png", PictureFile.Encode(made).Bytes);
        return Answer.Json(200, new JsonObject
        {
            ["id"] = id,
            ["state"] = "done",
            ["output"] = new JsonArray($"{exchange.CdnBase}/files/{file}/0.png"),
            ["seed"] = seed,
            ["prompt"] = prompt,
        });
    }

    private static async Task<Picture?> LoadAsync(Exchange exchange, string? url)
    {
        using PictureLoader loader = new(exchange.State.Files);
        return url is not null && await loader.FetchAsync(url) is { } bytes ? PictureFile.Decode(bytes) : null;
    }
}
