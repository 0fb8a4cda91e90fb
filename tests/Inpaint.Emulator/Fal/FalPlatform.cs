using System.Text.Json.Nodes;
using Inpaint.Emulator.Wire;
using Inpaint.Providers.Fal;

namespace Inpaint.Emulator.Fal;

/// <summary>api.fal.ai: prices and the account (fal.ai/docs, "Platform APIs").</summary>
internal sealed class FalPlatform : IEmulatedService
{
    public WireRoute Resolve(string method, string[] segments) => (method, segments) switch
    {
        ("GET", ["v1", "models", "pricing"]) => WireRoute.To(WireService.Fal, WireOperation.Pricing, Pricing),
        ("GET", ["v1", "account", "billing"]) => WireRoute.To(WireService.Fal, WireOperation.Account, Billing),
        _ => WireRoute.To(WireService.Fal, WireOperation.Unknown, _ => FalErrors.PathNotFound("/" + string.Join('/', segments))),
    };

    private static Answer Pricing(Exchange exchange)
    {
        if (FalAccount.RefuseKey(exchange) is { } refusal)
        {
            return refusal;
        }

        IEnumerable<string> asked = exchange.Http.Request.Query["endpoint_id"].SelectMany(value => (value ?? "").Split(',')).Where(exchange.State.FalEndpoints.Contains);
        JsonNode[] prices = [.. asked.Select(endpoint => new JsonObject
        {
            ["endpoint_id"] = endpoint,
            ["unit_price"] = exchange.State.FalUnitPrice,
            ["unit"] = "megapixels",
            ["currency"] = "USD",
        })];
        return Answer.Json(200, new JsonObject { ["prices"] = new JsonArray(prices) });
    }

    private static Answer Billing(Exchange exchange) => FalAccount.RefuseKey(exchange) ?? Answer.Json(200, new JsonObject
    {
        ["username"] = "emulated",
        ["credits"] = new JsonObject { ["current_balance"] = exchange.State.FalLock is null ? 24.5m : 0m, ["currency"] = "USD" },
    });
}
