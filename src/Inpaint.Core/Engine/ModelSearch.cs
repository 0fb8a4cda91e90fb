using System.Runtime.CompilerServices;
using Inpaint.Jobs;

namespace Inpaint.Engine;

/// <summary>Searches a provider's models: at the provider where it supports that, otherwise among the known ones.</summary>
internal static class ModelSearch
{
    /// <summary>Runs a search.</summary>
    /// <param name="borrow">Leases the provider's client.</param>
    /// <param name="query">The query.</param>
    /// <param name="known">The known models.</param>
    /// <param name="warn">Receives the reason when only known models are searched; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The models as they are found.</returns>
    public static async IAsyncEnumerable<InpaintModel> RunAsync(
        Func<ProviderAccess> borrow,
        InpaintModelQuery query,
        IReadOnlyList<InpaintModel> known,
        Action<string>? warn,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using ProviderAccess access = borrow();
        HashSet<string> told = new(StringComparer.Ordinal);
        string? failure = null;
        if (access.Client.Models is { } source)
        {
            IAsyncEnumerator<InpaintModel> found = source.FindAsync(query, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using ConfiguredAsyncDisposable closing = found.ConfigureAwait(false);
            while (true)
            {
                try
                {
                    if (!await found.MoveNextAsync().ConfigureAwait(false))
                    {
                        yield break;
                    }
                }
                catch (InpaintException e) when (!cancellationToken.IsCancellationRequested)
                {
                    failure = e.Message;
                    break;
                }

                told.Add(found.Current.Id);
                yield return found.Current;
            }
        }

        if (failure is not null)
        {
            warn?.Invoke($"The models of {access.Provider.Name} cannot be read, so only the built-in and cached models are listed: {failure}");
        }

        foreach (InpaintModel model in known.Where(model => !told.Contains(model.Id) && Fits(model, query)))
        {
            yield return model;
        }
    }

    private static bool Fits(InpaintModel model, InpaintModelQuery query) =>
        (query.Operation is null || query.Operation == model.Operation)
        && (query.Text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word =>
            model.Id.Contains(word, StringComparison.OrdinalIgnoreCase) || model.Name?.Contains(word, StringComparison.OrdinalIgnoreCase) == true);
}
