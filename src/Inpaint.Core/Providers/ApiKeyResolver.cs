using System.Security;

namespace Inpaint.Providers;

/// <summary>Finds a provider's key: the one set for it, else its secret, else the environment's. A provider of the user's own never gets a built-in provider's variable.</summary>
internal sealed class ApiKeyResolver(Func<string, string?> environment, Func<InpaintProvider, IReadOnlyList<string>> variablesOf, Func<string, string?, SecureString>? readSecret = null)
{
    /// <summary>The source of a key that was set with the provider's settings.</summary>
    public const string SettingsSource = "settings";

    /// <summary>Finds the key.</summary>
    /// <returns>A copy of it; null when there is none, or it was removed since the provider was described.</returns>
    /// <exception cref="InpaintException">ApiKeyMissing: its secret cannot be read.</exception>
    public SecureString? Find(InpaintProvider provider)
    {
        try
        {
            return provider.ApiKey is not null ? provider.ApiKey.Copy() : provider.ApiKeySecret is { } secret ? FromStore(provider, secret) : FromEnvironment(provider)?.Text is { } text ? ToSecureString(text) : null;
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>The source of the key: <see cref="SettingsSource"/>, its secret, or a variable; null when there is no key.</summary>
    public string? SourceOf(InpaintProvider provider) =>
        provider.ApiKey is not null ? SettingsSource
        : provider.ApiKeySecret is { } secret ? $"secret {secret}{(provider.ApiKeyVault is { } vault ? $" in {vault}" : "")}"
        : FromEnvironment(provider)?.Variable;

    private SecureString FromStore(InpaintProvider provider, string secret)
    {
        string name = $"The secret '{secret}', which is the key of {provider.Name},";
        try
        {
            SecureString? found = readSecret?.Invoke(secret, provider.ApiKeyVault);
            return found is { Length: > 0 } ? found : throw new InpaintException(InpaintErrorId.ApiKeyMissing, $"{name} {(found is null ? "cannot be read: this program has no secret store" : "is empty")}. Nothing was sent.") { Provider = provider.Name };
        }
        catch (InvalidOperationException e)
        {
            throw new InpaintException(InpaintErrorId.ApiKeyMissing, $"{name} cannot be read: {e.Message}", e) { Provider = provider.Name };
        }
    }

    private (string Variable, string Text)? FromEnvironment(InpaintProvider provider)
    {
        foreach (string variable in variablesOf(provider))
        {
            string?[] parts = [.. variable.Split('+').Select(environment)];
            if (parts.All(part => !string.IsNullOrWhiteSpace(part)))
            {
                return (variable, string.Join(':', parts.Select(part => part!.Trim())));
            }
        }

        return null;
    }

    private static SecureString ToSecureString(string text)
    {
        SecureString secure = new();
        foreach (char c in text)
        {
            secure.AppendChar(c);
        }

        secure.MakeReadOnly();
        return secure;
    }
}
