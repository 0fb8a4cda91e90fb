using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.Fal.Models;

/// <summary>
/// Keeps descriptions and prices of fal's models up to date: they are valid for a day, are then refreshed while a job that needs them is submitted, and used as they are while fal cannot be reached.
/// </summary>
internal sealed class FalModelCatalogue(InpaintProvider provider, FalPlatform platform, FalModelCache cache, TimeProvider time) : IModelSource
{
    private static readonly TimeSpan Fresh = TimeSpan.FromDays(1);

    // A proxy may lack the platform API, and the network may be down; not every job should have to find that out.
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, LookupFailure> failures = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> refreshing = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> LearnAsync(string model, CancellationToken cancellationToken)
    {
        FalModelRecord? record = cache.Find(model);
        bool isDescribed = FalCapabilities.IsStandard(model) || FalModels.Find(model) is not null || record?.Model is not null;
        bool isPriced = FalCapabilities.IsStandard(model) || record?.PricedAt is not null || !platform.HasKey;
        if (!isDescribed || !isPriced)
        {
            await LookUpAsync(model, cancellationToken).ConfigureAwait(false);
            record = cache.Find(model);
        }

        // Stale data is refreshed while the job is submitted, so it may not be known yet whether fal can be reached.
        string? stale = record?.DescribedAt is { } at && !IsFresh(at) ? $"The parameters of {model} are those that fal published on {Day(at)}"
            : record?.PricedAt is { } priced && !IsFresh(priced) ? $"The price of {model} is that which fal published on {Day(priced)}"
            : null;
        string? failure = Failure(model);
        return (stale, failure) switch
        {
            (null, null) => [],
            (null, _) => [$"The parameters and price of {model} could not be read from fal: {failure}"],
            (_, null) => [$"{stale}; fal is queried again while the job runs."],
            _ => [$"{stale}: {failure}"],
        };
    }

    /// <inheritdoc/>
    public bool NeedsRefresh(string model)
    {
        FalModelRecord? record = cache.Find(model);
        return (LacksDescription(model, record) || LacksPrice(record)) && Failure(model) is null;
    }

    /// <inheritdoc/>
    public async Task RefreshAsync(string model, CancellationToken cancellationToken)
    {
        // The first jobs of a batch begin together, and one of them is enough.
        if (!refreshing.TryAdd(model, model))
        {
            return;
        }

        try
        {
            await LookUpAsync(model, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            refreshing.TryRemove(model, out _);
        }
    }

    private async Task LookUpAsync(string model, CancellationToken cancellationToken)
    {
        FalModelRecord record = cache.Find(model) ?? new FalModelRecord { Id = model };
        bool mayAsk = Failure(model) is null;
        Task<FalModelRecord> described = mayAsk && LacksDescription(model, record) ? DescribeAsync(record, cancellationToken) : Task.FromResult(record);
        Task<FalModelRecord> priced = mayAsk && LacksPrice(record) ? PriceAsync(record, cancellationToken) : Task.FromResult(record);
        FalModelRecord[] learned = await Task.WhenAll(described, priced).ConfigureAwait(false);
        FalModelRecord together = learned[0] with { Price = learned[1].Price, PricedAt = learned[1].PricedAt };
        if (together != record)
        {
            cache.Keep(together);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<InpaintModel> FindAsync(InpaintModelQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? category = query.Operation switch { InpaintOperation.TextToImage => "text-to-image", InpaintOperation.Inpaint => "image-to-image", _ => null };
        HashSet<string> seen = new(StringComparer.Ordinal);
        await foreach (IReadOnlyList<FalModelRecord> page in platform.SearchAsync(query.Text, category, cancellationToken).ConfigureAwait(false))
        {
            foreach (FalModelRecord record in await CompleteAsync([.. page.Where(found => IsPictorial(found) && seen.Add(found.Id))], cancellationToken).ConfigureAwait(false))
            {
                if (FalKnownModels.Of(provider, record) is { } model && (query.Operation is null || query.Operation == model.Operation))
                {
                    yield return model;
                }
            }
        }
    }

    // There are many models for video and sound, none of which can be used here.
    private static bool IsPictorial(FalModelRecord record) => record.Category is null || record.Category.Contains("image", StringComparison.OrdinalIgnoreCase) || record.Category == "vision";

    /// <summary>Completes entries of the list with what is known, fetches what is missing, and stores all of it.</summary>
    private async Task<IReadOnlyList<FalModelRecord>> CompleteAsync(FalModelRecord[] listed, CancellationToken cancellationToken)
    {
        FalModelRecord[] known = [.. listed.Select(entry => Combine(entry, cache.Find(entry.Id)))];
        string[] undescribed = [.. known.Where(record => !IsFresh(record.DescribedAt)).Select(record => record.Id)];
        string[] unpriced = platform.HasKey ? [.. known.Where(record => !IsFresh(record.PricedAt)).Select(record => record.Id)] : [];
        Task<IReadOnlyList<FalModelRecord>> describing = undescribed.Length > 0 ? platform.DescribeAsync(undescribed, cancellationToken) : Task.FromResult<IReadOnlyList<FalModelRecord>>([]);
        Task<IReadOnlyDictionary<string, InpaintPrice>> pricing = platform.PriceAsync(unpriced, cancellationToken);
        Dictionary<string, FalModelRecord> described = (await describing.ConfigureAwait(false)).Where(record => record.Model is not null).DistinctBy(record => record.Id).ToDictionary(record => record.Id, StringComparer.Ordinal);
        IReadOnlyDictionary<string, InpaintPrice> prices = await pricing.ConfigureAwait(false);
        FalModelRecord[] complete =
        [
            .. known.Select(record => described.TryGetValue(record.Id, out FalModelRecord? found) ? record with { Model = found.Model, DescribedAt = found.DescribedAt } : record)
                .Select(record => unpriced.Contains(record.Id) ? record with { Price = prices.GetValueOrDefault(record.Id), PricedAt = time.GetUtcNow() } : record),
        ];
        foreach (FalModelRecord record in complete)
        {
            cache.Keep(record);
        }

        return complete;
    }

    private static FalModelRecord Combine(FalModelRecord listed, FalModelRecord? known) =>
        known is null ? listed : listed with { Model = known.Model, DescribedAt = known.DescribedAt, Price = known.Price, PricedAt = known.PricedAt };

    private static string Day(DateTimeOffset at) => at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private Task<FalModelRecord> DescribeAsync(FalModelRecord record, CancellationToken cancellationToken) => TryAsync(record, async () =>
    {
        FalModelRecord? fetched = (await platform.DescribeAsync([record.Id], cancellationToken).ConfigureAwait(false)).FirstOrDefault(found => found.Id == record.Id);
        if (fetched?.Model is null)
        {
            failures[record.Id] = new LookupFailure(time.GetUtcNow(), fetched is null ? "fal does not list it." : "fal has no readable description of it.");
        }

        return fetched is null ? record : fetched with { Model = fetched.Model ?? record.Model, DescribedAt = fetched.DescribedAt ?? record.DescribedAt };
    }, cancellationToken);

    private Task<FalModelRecord> PriceAsync(FalModelRecord record, CancellationToken cancellationToken) => TryAsync(record, async () =>
    {
        IReadOnlyDictionary<string, InpaintPrice> prices = await platform.PriceAsync([record.Id], cancellationToken).ConfigureAwait(false);
        return record with { Price = prices.GetValueOrDefault(record.Id), PricedAt = time.GetUtcNow() };
    }, cancellationToken);

    private async Task<FalModelRecord> TryAsync(FalModelRecord record, Func<Task<FalModelRecord>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (InpaintException e) when (!cancellationToken.IsCancellationRequested)
        {
            failures[record.Id] = new LookupFailure(time.GetUtcNow(), e.Message);
            return record;
        }
    }

    private string? Failure(string model) => failures.TryGetValue(model, out LookupFailure? failure) && time.GetUtcNow() - failure.At < Pause ? failure.Reason : null;

    private bool LacksDescription(string model, FalModelRecord? record) => !FalCapabilities.IsStandard(model) && !IsFresh(record?.DescribedAt);

    private bool LacksPrice(FalModelRecord? record) => platform.HasKey && !IsFresh(record?.PricedAt);

    private bool IsFresh(DateTimeOffset? at) => at is { } then && time.GetUtcNow() - then is { Ticks: >= 0 } age && age < Fresh;

    private sealed record LookupFailure(DateTimeOffset At, string Reason);
}
