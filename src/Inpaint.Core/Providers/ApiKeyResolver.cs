using System.Security;

namespace Inpaint.Providers;

/// <summary>Finds a provider's key: from its settings, otherwise from the environment. A provider of the user's own never gets a built-in provider's variable.</summary>
internal sealed class ApiKeyResolver(Func<string, string?> environment, Func<InpaintProvider, IReadOnlyList<string>> variablesOf)
{
    /// <summary>The source of a key that was set with the provider's settings.</summary>
    public const string SettingsSource = "settings";

    /// <summary>Finds the key.</summary>
    /// <returns>A copy of it; null when there is none, or it was removed since the provider was described.</returns>
    public SecureString? Find(InpaintProvider provider)
    {
        try
        {
            return provider.ApiKey is not null ? provider.ApiKey.Copy() : FromEnvironment(provider)?.Text is { } text ? ToSecureString(text) : null;
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>Where the key comes from: <see cref="SettingsSource"/> or a variable; null when there is no key.</summary>
    public string? SourceOf(InpaintProvider provider) => provider.ApiKey is not null ? SettingsSource : FromEnvironment(provider)?.Variable;

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
