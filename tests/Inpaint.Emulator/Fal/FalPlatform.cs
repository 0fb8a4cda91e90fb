using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator.Fal;

/// <summary>api.fal.ai: models, prices and the account (fal.ai/docs, "Platform APIs").</summary>
internal sealed class FalPlatform : IEmulatedService
{
    private const int MostIds = 50;

    public WireRoute Resolve(string method, string[] segments) => (method, segments) switch
    {
        ("GET", ["v1", "models"]) => WireRoute.To(WireService.Fal, WireOperation.Models, Models),
        ("GET", ["v1", "models", "pricing"]) => WireRoute.To(WireService.Fal, WireOperation.Pricing, Pricing),
        ("GET", ["v1", "account", "billing"]) => WireRoute.To(WireService.Fal, WireOperation.Account, Billing),
        _ => WireRoute.To(WireService.Fal, WireOperation.Unknown, _ => FalErrors.PathNotFound("/" + string.Join('/', segments))),
    };

    private static Answer Models(Exchange exchange)
    {
        // A key is not needed, but a wrong one is refused.
        if (exchange.Request.Headers.ContainsKey("Authorization") && FalAccount.RefuseKey(exchange) is { } refusal)
        {
            return refusal;
        }

        IQueryCollection query = exchange.Http.Request.Query;
        string[] ids = Ids(query);
        if (ids.Length > MostIds)
        {
            return Error(400, "validation_error", $"At most {MostIds} endpoint_id values are allowed");
        }

        FalOffer[] found =
        [
            .. exchange.State.FalOffers.Values
                .Where(offer => ids.Length == 0 || ids.Contains(offer.Id))
                .Where(offer => Words(query).All(word => offer.Id.Contains(word, StringComparison.OrdinalIgnoreCase)))
                .Where(offer => query["category"].ToString() is not { Length: > 0 } category || offer.Category == category)
                .OrderBy(offer => offer.Id, StringComparer.Ordinal),
        ];
        if (ids.Length > 0 && found.Length == 0)
        {
            return Error(404, "not_found", $"Endpoint id(s) not found: {string.Join(", ", ids)}");
        }

        int from = query["cursor"].ToString() is { Length: > 0 } cursor ? int.Parse(Encoding.ASCII.GetString(Convert.FromBase64String(cursor)), CultureInfo.InvariantCulture) : 0;
        int limit = int.TryParse(query["limit"], CultureInfo.InvariantCulture, out int asked) ? asked : 50;
        bool expands = query["expand"].ToString().Contains("openapi-3.0", StringComparison.Ordinal);
        bool hasMore = from + limit < found.Length;
        return Answer.Json(200, new JsonObject
        {
            ["models"] = new JsonArray([.. found.Skip(from).Take(limit).Select(offer => offer.Entry(expands))]),
            ["next_cursor"] = hasMore ? Convert.ToBase64String(Encoding.ASCII.GetBytes((from + limit).ToString(CultureInfo.InvariantCulture))) : null,
            ["has_more"] = hasMore,
        });
    }

    private static Answer Pricing(Exchange exchange)
    {
        if (FalAccount.RefuseKey(exchange) is { } refusal)
        {
            return refusal;
        }

        string[] ids = Ids(exchange.Http.Request.Query);
        if (ids.Length is 0 or > MostIds)
        {
            return Error(400, "validation_error", $"1 to {MostIds} endpoint_id values are needed");
        }

        JsonNode[] prices = [.. ids.Select(id => exchange.State.FalOffers.TryGetValue(id, out FalOffer? offer) ? offer : null).OfType<FalOffer>().Where(offer => offer.UnitPrice is not null).Select(offer => new JsonObject
        {
            ["endpoint_id"] = offer.Id,
            ["unit_price"] = offer.UnitPrice,
            ["unit"] = offer.Unit,
            ["currency"] = "USD",
        })];
        return Answer.Json(200, new JsonObject { ["prices"] = new JsonArray(prices), ["next_cursor"] = null, ["has_more"] = false });
    }

    private static Answer Billing(Exchange exchange) => FalAccount.RefuseKey(exchange) ?? Answer.Json(200, new JsonObject
    {
        ["username"] = "emulated",
        ["credits"] = new JsonObject { ["current_balance"] = exchange.State.FalLock is null ? 24.5m : 0m, ["currency"] = "USD" },
    });

    private static string[] Ids(IQueryCollection query) => [.. query["endpoint_id"].SelectMany(value => (value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))];

    private static string[] Words(IQueryCollection query) => query["q"].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static Answer Error(int status, string type, string message) =>
        Answer.Json(status, new JsonObject { ["error"] = new JsonObject { ["type"] = type, ["message"] = message, ["docs_url"] = "https://docs.fal.ai/platform-apis" } });
}
