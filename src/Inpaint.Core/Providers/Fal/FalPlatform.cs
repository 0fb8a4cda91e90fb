using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Inpaint.Http;
using Inpaint.Providers.Fal.Models;
using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.Fal;

/// <summary>
/// fal's platform API (fal.ai/docs, "Platform APIs"): the list of models, their inputs and their prices. The list needs no key, and has higher rate limits with one; prices are those
/// of an account and require one.
/// </summary>
internal sealed class FalPlatform(ProviderChannel channel, FalEndpoints endpoints, FalErrors errors, TimeProvider time)
{
    /// <summary>The maximum number of ids in one call.</summary>
    public const int MaxIds = 50;

    private const int MaxPages = 200;
    private const int MaxText = 600;

    /// <summary>Whether there is a key, which prices require.</summary>
    public bool HasKey => channel.HasKey;

    /// <summary>Gets models by their ids, including their inputs.</summary>
    /// <param name="ids">The ids, at most <see cref="MaxIds"/>.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Those that fal knows.</returns>
    /// <exception cref="InpaintException">fal cannot be reached, refuses, or its response cannot be read.</exception>
    public async Task<IReadOnlyList<FalModelRecord>> DescribeAsync(IEnumerable<string> ids, CancellationToken cancellationToken) =>
        (await PageAsync($"?{Ids(ids)}&expand=openapi-3.0", cancellationToken).ConfigureAwait(false)).Models;

    /// <summary>Searches the models that fal offers.</summary>
    /// <param name="text">Words; null for all.</param>
    /// <param name="category">fal's category; null for all.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The models in fal's order, page by page, without their inputs.</returns>
    /// <exception cref="InpaintException">fal cannot be reached, refuses, or its response cannot be read.</exception>
    public async IAsyncEnumerable<IReadOnlyList<FalModelRecord>> SearchAsync(string? text, string? category, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string query = $"?status=active&limit={MaxIds}"
            + (string.IsNullOrWhiteSpace(text) ? "" : "&q=" + Uri.EscapeDataString(text))
            + (category is null ? "" : "&category=" + Uri.EscapeDataString(category));
        HashSet<string> cursors = new(StringComparer.Ordinal);
        for (string? cursor = ""; cursor is not null;)
        {
            (IReadOnlyList<FalModelRecord> models, string? next) = await PageAsync(query + (cursor.Length == 0 ? "" : "&cursor=" + Uri.EscapeDataString(cursor)), cancellationToken).ConfigureAwait(false);
            yield return [.. models.DistinctBy(model => model.Id)];

            // Stops when the service repeats a cursor.
            cursor = models.Count > 0 && next is { Length: > 0 } && cursors.Count < MaxPages && cursors.Add(next) ? next : null;
        }
    }

    /// <summary>Gets the prices of models.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The prices of those that have one.</returns>
    /// <exception cref="InpaintException">There is no key, fal cannot be reached, refuses, or its response cannot be read.</exception>
    public async Task<IReadOnlyDictionary<string, InpaintPrice>> PriceAsync(IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        Dictionary<string, InpaintPrice> prices = new(StringComparer.Ordinal);
        foreach (string[] some in ids.Chunk(MaxIds))
        {
            ApiRequest call = new(CallKind.Lookup, HttpMethod.Get, endpoints.Prices("?" + Ids(some)));
            (_, JsonDocument document) = await CallAsync(call, cancellationToken).ConfigureAwait(false);
            using (document)
            {
                foreach (JsonElement entry in Entries(document.RootElement, "prices"))
                {
                    if (entry.Text("endpoint_id") is { } id && PriceOf(entry) is { } price)
                    {
                        prices[id] = price with { StatedAt = time.GetUtcNow() };
                    }
                }
            }
        }

        return prices;
    }

    private static string Ids(IEnumerable<string> ids) => string.Join('&', ids.Select(id => "endpoint_id=" + Uri.EscapeDataString(FalModelId.Ensure(id))));

    private static IEnumerable<JsonElement> Entries(JsonElement root, string name) =>
        root.Member(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.Object) : [];

    private static InpaintPrice? PriceOf(JsonElement entry)
    {
        // A price is exact: converting it through a double would add digits.
        bool isExact = entry.Member("unit_price") is { ValueKind: JsonValueKind.Number } value && value.TryGetDecimal(out decimal amount) && amount is >= 0 and < 1_000_000;
        return isExact && entry.Text("unit") is { } unit
            ? new InpaintPrice(entry.GetProperty("unit_price").GetDecimal(), PlainText.Clean(unit, 40), PlainText.Clean(entry.Text("currency") ?? "USD", 8))
            : null;
    }

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset time) ? time : null;

    private async Task<(IReadOnlyList<FalModelRecord> Models, string? Next)> PageAsync(string query, CancellationToken cancellationToken)
    {
        ApiRequest call = new(CallKind.Lookup, HttpMethod.Get, endpoints.Models(query)) { CarriesKey = channel.HasKey };
        (ApiResponse response, JsonDocument document) = await CallAsync(call, cancellationToken).ConfigureAwait(false);
        using (document)
        {
            if (document.RootElement.Member("models") is not { ValueKind: JsonValueKind.Array })
            {
                throw channel.Errors.Unreadable(call, response, "no list of models");
            }

            FalModelRecord[] models = [.. Entries(document.RootElement, "models").Select(Record).OfType<FalModelRecord>()];
            bool hasMore = document.RootElement.Member("has_more") is not { ValueKind: JsonValueKind.False };
            return (models, hasMore ? document.RootElement.Text("next_cursor") : null);
        }
    }

    private async Task<(ApiResponse Response, JsonDocument Document)> CallAsync(ApiRequest call, CancellationToken cancellationToken)
    {
        ApiResponse response = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        return response.IsSuccess ? (response, channel.ReadJson(call, response)) : throw errors.ToException(call, response);
    }

    private FalModelRecord? Record(JsonElement entry)
    {
        string? id = entry.Text("endpoint_id");
        if (id is null || !FalModelId.IsValid(id))
        {
            return null;
        }

        JsonElement metadata = entry.Member("metadata") ?? default;
        FalModel? model = Described(id, entry);
        return new FalModelRecord
        {
            Id = id,
            Title = Clean(metadata, "display_name"),
            Category = Clean(metadata, "category"),
            Description = Clean(metadata, "description"),
            Status = Clean(metadata, "status"),
            UpdatedAt = Time(metadata.Text("updated_at") ?? metadata.Text("date")),
            Model = model,
            DescribedAt = model is null ? null : time.GetUtcNow(),
        };
    }

    private static string? Clean(JsonElement metadata, string name) => metadata.Text(name) is { } text ? PlainText.Clean(text, MaxText) : null;

    /// <summary>Reads a model's input from its document. A missing or malformed one affects only that model's description.</summary>
    private static FalModel? Described(string id, JsonElement entry)
    {
        if (entry.Member("openapi") is not { ValueKind: JsonValueKind.Object } document || document.GetRawText().Length > FalOpenApi.MaxDocumentLength)
        {
            return null;
        }

        try
        {
            return FalOpenApi.Read(id, document);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
