using System.Text.Json.Nodes;
using Inpaint.Emulator.Fal;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator.FalGateway;

/// <summary>
/// A gateway that re-sells fal, as ChainHub and KkiAi document themselves: fal's submit with a token of the gateway's own, fal's URLs in the answer (to a host where that token
/// is worth nothing), and one address for pending and finished alike. Every look at a pending result moves the job one step on.
/// </summary>
internal sealed class GatewayService(FalQueue queue) : IEmulatedService
{
    private const string UpstreamBase = "https://queue.fal.run";
    private const string WrongApp = "fal-ai/flux-pro";
    private const string AnyApp = "fal-ai/auto";

    public WireRoute Resolve(string method, string[] segments)
    {
        string path = string.Join('/', segments);
        return (method, segments) switch
        {
            ("GET", [string owner, string alias, "requests", string id]) => Known(WireOperation.Result, id, $"{owner}/{alias}", (_, job) => ResultAsync(job)),
            ("GET", [string owner, string alias, "requests", string id, "status"]) => Known(WireOperation.Status, id, $"{owner}/{alias}", Status),
            ("PUT", [string owner, string alias, "requests", string id, "cancel"]) => Known(WireOperation.Cancel, id, $"{owner}/{alias}", Cancel),
            ("POST", _) when path is FalEndpoint.TextToImage or FalEndpoint.Inpainting => WireRoute.To(WireService.FalGateway, WireOperation.Submit, exchange => Submit(exchange, path)),
            _ => WireRoute.To(WireService.FalGateway, WireOperation.Unknown, exchange => Refuse(exchange) ?? UnknownUrl(exchange)),
        };
    }

    private static WireRoute Known(WireOperation operation, string id, string app, Func<Exchange, EmulatedJob, Task<Answer>> handle) => new(
        WireService.FalGateway,
        operation,
        async exchange =>
        {
            if (Refuse(exchange) is { } refusal)
            {
                return refusal;
            }

            return exchange.State.Jobs.Find(id) is { Service: WireService.FalGateway } job && IsUnder(exchange.State.Gateway, job, app)
                ? await handle(exchange, job)
                : Error(exchange, 404, "task_not_exist", "task_not_exist");
        },
        id);

    private static bool IsUnder(GatewaySettings settings, EmulatedJob job, string app) =>
        app == AnyApp ? settings.KnowsAuto : app == FalEndpoint.TextToImage && job.Endpoint.StartsWith(app, StringComparison.Ordinal);

    private static Answer? Refuse(Exchange exchange)
    {
        GatewaySettings settings = exchange.State.Gateway;
        string scheme = settings.AuthScheme + " ";
        string header = exchange.Request.Headers.GetValueOrDefault("Authorization", "");
        return header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && settings.Keys.Contains(header[scheme.Length..].Trim())
            ? null
            : Error(exchange, 401, "", header.Length == 0 ? "未提供令牌" : "无效的令牌");
    }

    private static Answer Error(Exchange exchange, int status, JsonNode? code, string message) =>
        GatewayErrors.Make(status, code, message, exchange.State.Gateway.ErrorType);

    private static Answer UnknownUrl(Exchange exchange) =>
        Error(exchange, 404, "", $"Invalid URL ({exchange.Request.Method} {exchange.Request.Path})");

    private Answer Submit(Exchange exchange, string endpoint)
    {
        if (Refuse(exchange) is { } refusal)
        {
            return refusal;
        }

        if (exchange.State.Gateway.IsOutOfQuota)
        {
            return Error(exchange, 403, "insufficient_user_quota", "用户额度不足, 剩余额度: $0.000000");
        }

        if (exchange.Input is not { } input)
        {
            return Error(exchange, 400, "bad_request_body", "invalid character in request body");
        }

        EmulatedJob job = queue.Accept(exchange, endpoint, input, exchange.State.Jobs.NextScript(), WireService.FalGateway);
        JsonObject document = FalQueue.SubmitDocument(job, UpstreamBase);
        if (exchange.State.Gateway.NamesWrongApp && endpoint == FalEndpoint.Inpainting)
        {
            foreach (string name in (string[])["response_url", "status_url", "cancel_url"])
            {
                document[name] = document[name]!.GetValue<string>().Replace(FalEndpoint.TextToImage, WrongApp, StringComparison.Ordinal);
            }
        }

        return Answer.Json(200, document);
    }

    private static async Task<Answer> ResultAsync(EmulatedJob job)
    {
        JobView view = job.Read();
        if (view.Step is not null)
        {
            return Answer.Json(200, FalQueue.StatusDocument(job, view, UpstreamBase, withLogs: false));
        }

        Answer answer = await FalQueue.ResultAsync(job);
        if (answer.Status != 200 || WireJson.ParseObject(answer.Body.Span) is not { } output)
        {
            return answer with { Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) };
        }

        return Answer.Json(200, new JsonObject
        {
            ["seed"] = output["seed"]?.DeepClone(),
            ["images"] = output["images"]?.DeepClone(),
            ["prompt"] = output["prompt"]?.DeepClone(),
            ["request"] = job.Input.DeepClone(),
            ["timings"] = output["timings"]?.DeepClone(),
            ["has_nsfw_concepts"] = output["has_nsfw_concepts"]?.DeepClone(),
        });
    }

    private static Task<Answer> Status(Exchange exchange, EmulatedJob job) => Task.FromResult(exchange.State.Gateway.KnowsStatus
        ? Answer.Json(200, FalQueue.StatusDocument(job, job.Read(), UpstreamBase, withLogs: false))
        : UnknownUrl(exchange));

    private static Task<Answer> Cancel(Exchange exchange, EmulatedJob job) => Task.FromResult(exchange.State.Gateway.KnowsCancel
        ? FalQueue.Cancel(job)
        : UnknownUrl(exchange));
}
