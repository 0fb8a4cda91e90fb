using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Control;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Inpaint.Imaging.Masks;

namespace Inpaint.Emulator.ModelsLab;

/// <summary>
/// ModelsLab v6 (docs.modelslab.com). The key is a member of every body. A job that has steps left is answered as processing, with links that lead nowhere yet; every fetch moves
/// it one step on. Fetches are recorded as <see cref="WireOperation.Status"/>, uploads by base64_to_url as <see cref="WireOperation.UploadPut"/>.
/// </summary>
internal sealed class ModelsLabService(ModelsLabModel model) : IEmulatedService
{
    private const long FirstId = 12345678;
    private const int LargestUpload = 5 * 1024 * 1024;

    private readonly ConcurrentDictionary<string, DateTimeOffset> lately = new(StringComparer.Ordinal);
    private long ids = FirstId;

    public WireRoute Resolve(string method, string[] segments) => (method, segments) switch
    {
        ("POST", ["api", "v6" or "v7", "images", "inpaint"]) => To(WireOperation.Submit, (exchange, body) => SubmitAsync(exchange, body, inpainting: true)),
        ("POST", ["api", "v6" or "v7", "images", "text2img"]) => To(WireOperation.Submit, (exchange, body) => SubmitAsync(exchange, body, inpainting: false)),
        ("POST", ["api", "v6" or "v7", "images", "fetch"]) => To(WireOperation.Status, (exchange, body) => FetchAsync(exchange, RequestIdOf(body))),
        ("POST", ["api", "v6" or "v7", "images", "fetch", string id]) => To(WireOperation.Status, (exchange, _) => FetchAsync(exchange, id), id),
        ("POST", ["api", "v6", "base64_to_url"]) => To(WireOperation.UploadPut, (exchange, body) => Task.FromResult(Upload(exchange, body))),
        ("POST", ["api", "v6", "wallet_balance"] or ["api", "wallet_balance"]) => To(WireOperation.Account, (exchange, _) => Task.FromResult(Balance(exchange))),
        _ => WireRoute.To(WireService.ModelsLab, WireOperation.Unknown, _ => Answer.Text(404, "<!DOCTYPE html><title>Not Found</title>", "text/html; charset=UTF-8")),
    };

    private static WireRoute To(WireOperation operation, Func<Exchange, JsonObject, Task<Answer>> handle, string? id = null) => new(
        WireService.ModelsLab,
        operation,
        async exchange =>
        {
            JsonObject body = exchange.Input ?? [];
            string? key = body["key"] is { } value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
            if (string.IsNullOrEmpty(key))
            {
                return Error(exchange, 401, "API key required");
            }

            return exchange.State.ModelsLab.Keys.Contains(key) ? await handle(exchange, body) : Error(exchange, 401, "Invalid API key");
        },
        id);

    private static Answer Error(Exchange exchange, int status, JsonNode message, Action<JsonObject>? more = null)
    {
        ModelsLabSettings settings = exchange.State.ModelsLab;
        JsonObject body = new() { ["status"] = "error", [settings.MisspellsMessage ? "messege" : "message"] = message };
        more?.Invoke(body);
        return Answer.Json(settings.HidesErrorStatus ? 200 : status, body);
    }

    private static string RequestIdOf(JsonObject body) => body["request_id"]?.ToJsonString().Trim('"') ?? "";

    private static Answer Balance(Exchange exchange) => Answer.Json(200, new JsonObject
    {
        ["status"] = "success",
        ["data"] = new JsonObject { ["balance"] = exchange.State.ModelsLab.IsOutOfCredit ? 0m : 12.34m, ["currency"] = "USD" },
    });

    private async Task<Answer> SubmitAsync(Exchange exchange, JsonObject body, bool inpainting)
    {
        ModelsLabSettings settings = exchange.State.ModelsLab;
        if (RefuseAccount(exchange) is { } refusal)
        {
            return refusal;
        }

        ModelsLabInput input = new(body, inpainting, settings);
        if (input.Error is { } error)
        {
            return Error(exchange, 400, error);
        }

        if (IsDuplicate(exchange, settings))
        {
            return Error(exchange, 429, "Rate limit exceeded", more => more["tips"] = "you are sending same request multiple times, please wait for 30 seconds before trying again");
        }

        (Picture Source, Picture Mask)? pictures = null;
        if (inpainting && (pictures = await model.LoadAsync(input)) is null)
        {
            return Error(exchange, 400, "Unable to fetch image from provided URL");
        }

        return await StartAsync(exchange, body, input, pictures);
    }

    private static Answer? RefuseAccount(Exchange exchange)
    {
        ModelsLabSettings settings = exchange.State.ModelsLab;
        if (settings.IsOutOfCredit)
        {
            return Error(exchange, 402, "Insufficient credits. Please recharge your wallet.");
        }

        if (settings.LacksPlan)
        {
            return Error(exchange, 403, "This feature requires a premium subscription");
        }

        int queued = exchange.State.Jobs.All.Count(job => job.Service == WireService.ModelsLab && job.Phase != JobPhase.Completed);
        return queued >= settings.QueueLimit
            ? Error(exchange, 429, $"Rate limit exceeded. Maximum {settings.QueueLimit} queued requests allowed.", more => more["retry_after"] = 30)
            : null;
    }

    private bool IsDuplicate(Exchange exchange, ModelsLabSettings settings)
    {
        DateTimeOffset now = exchange.State.Time.GetUtcNow();
        string text = exchange.Request.Path + exchange.Request.BodyText;
        bool repeated = lately.TryGetValue(text, out DateTimeOffset before) && now - before < settings.DuplicateWindow;
        lately[text] = now;
        return repeated;
    }

    private async Task<Answer> StartAsync(Exchange exchange, JsonObject body, ModelsLabInput input, (Picture Source, Picture Mask)? pictures)
    {
        EmulatorState state = exchange.State;
        JobScript script = state.Jobs.NextScript();
        string id = script.RequestId ?? Interlocked.Increment(ref ids).ToString(CultureInfo.InvariantCulture);
        string cdn = exchange.CdnBase;
        string[] files = [.. Enumerable.Range(0, input.Samples).Select(index => state.Files.Add($"{id}-{index}.png", "image/png"))];
        JsonObject known = body.DeepClone().AsObject();
        known.Remove("key");
        EmulatedJob job = new(id, WireService.ModelsLab, exchange.Request.Path, known, script, state.Time, _ => Task.FromResult(Answer.Json(200, ModelsLabModel.Finish(state, id, input, pictures, files, cdn))))
        {
            Headers = exchange.Request.Headers,
        };
        state.Jobs.Add(job);
        if (input.Webhook is { } webhook)
        {
            state.Webhooks.Register(job, webhook, () => ComposeWebhookAsync(job, input));
        }

        return job.Phase == JobPhase.Completed ? await FinishedAsync(exchange, job) : Answer.Json(200, new JsonObject
        {
            ["status"] = "processing",
            ["tip"] = "Your image is processing in background, you can get this image using fetch API",
            ["eta"] = state.ModelsLab.Eta.TotalSeconds,
            ["message"] = "Try to fetch request after seconds estimated",
            ["fetch_result"] = $"{state.ModelsLab.FetchBase ?? exchange.ServiceBase}/api/v6/images/fetch/{id}",
            ["id"] = ModelsLabModel.Id(state.ModelsLab, id),
            ["output"] = new JsonArray(),
            ["meta"] = input.Meta(input.Seed ?? 0),
            ["future_links"] = new JsonArray([.. files.Select(file => JsonValue.Create($"{cdn}/files/{file}/{state.Files.Find(file)!.Name}"))]),
        });
    }

    private static async Task<JsonObject> ComposeWebhookAsync(EmulatedJob job, ModelsLabInput input)
    {
        JsonObject message = WireJson.ParseObject((await job.OutputAsync()).Body.Span) ?? [];
        message["track_id"] = input.TrackId;
        return message;
    }

    private static async Task<Answer> FetchAsync(Exchange exchange, string id)
    {
        if (exchange.State.Jobs.Find(id) is not { Service: WireService.ModelsLab } job)
        {
            return Error(exchange, 404, "Invalid request id");
        }

        JobView view = job.Read();
        return view.Step is null ? await FinishedAsync(exchange, job) : Answer.Json(200, new JsonObject
        {
            ["status"] = view.Step.Status ?? "processing",
            ["id"] = ModelsLabModel.Id(exchange.State.ModelsLab, id),
            ["message"] = "",
            ["output"] = "",
        });
    }

    private static async Task<Answer> FinishedAsync(Exchange exchange, EmulatedJob job)
    {
        job.ResultReads++;
        return job.Script.Error is { } error ? Error(exchange, 500, error) : await job.OutputAsync();
    }

    private static Answer Upload(Exchange exchange, JsonObject body)
    {
        string text = body["base64_string"]?.GetValue<string>() ?? "";
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        byte[] bytes = new byte[text.Length];
        if (comma < 0 || !text.StartsWith("data:image/", StringComparison.Ordinal) || !Convert.TryFromBase64Chars(text.AsSpan(comma + 1), bytes, out int length))
        {
            return Error(exchange, 400, "The base64 string is invalid");
        }

        if (length > LargestUpload)
        {
            return Error(exchange, 400, "The image size must not exceed 5 MB");
        }

        string type = text["data:".Length..text.IndexOf(';', StringComparison.Ordinal)];
        string name = "upload." + type["image/".Length..];
        string id = exchange.State.Files.Add(name, type, bytes.AsMemory(0, length));
        return Answer.Json(200, new JsonObject { ["status"] = "success", ["id"] = 1, ["output"] = new JsonArray($"{exchange.CdnBase}/files/{id}/{name}") });
    }
}
