using System.Management.Automation;
using System.Security;
using Inpaint.Loading;

namespace Inpaint.Pipeline;

/// <summary>
/// The key that was passed to a command as -ApiKey. It belongs to one provider: the one on the command line, else the one that all items have in common. Items wait until that
/// is known, so that no provider is ever called with another one's key. Used on the pipeline's thread only, except <see cref="For"/>.
/// </summary>
internal sealed class CommandKey : IDisposable
{
    private readonly SecureString? key;
    private readonly List<(string Provider, Action Begin)> waiting = [];
    private string? owner;

    /// <summary>Copies the key, because a script may dispose its own while the command runs.</summary>
    /// <param name="command">The command.</param>
    /// <param name="given">The value of -ApiKey.</param>
    /// <param name="owner">The provider on the command line; null when the items decide.</param>
    /// <exception cref="InpaintException">ApiKeyMissing: -ApiKey was given but is empty, such as an unset variable, or was disposed.</exception>
    public CommandKey(PSCmdlet command, SecureString? given, string? owner)
    {
        this.owner = owner;
        key = command.MyInvocation.BoundParameters.ContainsKey("ApiKey") ? Copy(given) : null;
    }

    /// <summary>Copies a key.</summary>
    /// <returns>A copy that the caller owns.</returns>
    /// <exception cref="InpaintException">ApiKeyMissing: it is empty, or was disposed.</exception>
    public static SecureString Copy(SecureString? given)
    {
        try
        {
            if (given is { Length: > 0 })
            {
                return given.Copy();
            }
        }
        catch (ObjectDisposedException e)
        {
            throw new InpaintException(InpaintErrorId.ApiKeyMissing, "-ApiKey is a SecureString that has been disposed of. Nothing was changed or sent.", e);
        }

        throw new InpaintException(InpaintErrorId.ApiKeyMissing, "-ApiKey is empty. Nothing was changed or sent.")
        {
            RecommendedAction = "Check whether the variable or secret that should hold the key is set; leave -ApiKey out to use the key that is set or in the environment.",
        };
    }

    /// <summary>Starts an item as soon as its provider is known to own the key: at once, or in <see cref="Settle"/>.</summary>
    /// <param name="provider">The item's provider.</param>
    /// <param name="begin">Starts the item.</param>
    /// <exception cref="InpaintException">InvalidParameter: the command line names another provider.</exception>
    public void Begin(string provider, Action begin)
    {
        if (owner is null && key is not null && NeedsKey(provider))
        {
            waiting.Add((provider, begin));
            return;
        }

        For(provider);
        begin();
    }

    /// <summary>Starts the items that waited. Called when all have been received.</summary>
    /// <exception cref="InpaintException">InvalidParameter: they belong to several providers; none was started.</exception>
    public void Settle()
    {
        string[] providers = [.. waiting.Select(item => item.Provider).Distinct(StringComparer.OrdinalIgnoreCase)];
        Action[] begin = [.. waiting.Select(item => item.Begin)];
        waiting.Clear();
        if (providers.Length > 1)
        {
            throw new InpaintException(
                InpaintErrorId.InvalidParameter,
                $"-ApiKey is the key of one provider, but the input belongs to {string.Join(" and ", providers)}. No provider was called. Set the key of each with Set-InpaintProvider, or specify -Provider.")
            {
                Parameter = "ApiKey",
                RecommendedAction = $"Set-InpaintProvider {providers[0]} -ApiKey (Read-Host -AsSecureString), and so on for each; then leave -ApiKey out. Or run the command separately for each provider.",
            };
        }

        owner ??= providers.FirstOrDefault();
        foreach (Action item in begin)
        {
            item();
        }
    }

    /// <summary>Gets the key for a provider.</summary>
    /// <returns>The key; null when none was given or the provider needs none, in which case the one that is set or in the environment applies.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the key is another provider's.</exception>
    public SecureString? For(string provider)
    {
        if (key is null || !NeedsKey(provider))
        {
            return null;
        }

        return string.Equals(provider, owner, StringComparison.OrdinalIgnoreCase)
            ? key
            : throw new InpaintException(InpaintErrorId.InvalidParameter, $"-ApiKey is the key of {owner}, but this item belongs to {provider}. {provider} was not called. Set its key with Set-InpaintProvider.")
            {
                Parameter = "ApiKey",
                Provider = provider,
                RecommendedAction = $"Set-InpaintProvider {provider} -ApiKey (Read-Host -AsSecureString), or run the command separately for {provider}.",
            };
    }

    /// <inheritdoc/>
    public void Dispose() => key?.Dispose();

    /// <summary>Whether a provider needs a key. A provider that is unknown in this session counts as one that does; the error comes from elsewhere.</summary>
    private static bool NeedsKey(string provider) =>
        ModuleEngine.Shared.Providers.List().FirstOrDefault(p => string.Equals(p.Name, provider, StringComparison.OrdinalIgnoreCase))?.NeedsKey ?? true;
}
