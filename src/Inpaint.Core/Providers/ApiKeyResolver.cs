using System.Security;

namespace Inpaint.Providers;

/// <summary>Finds a provider's key: the one set for it, else the environment's. A provider of the user's own never gets a built-in provider's variable.</summary>
internal sealed class ApiKeyResolver(Func<string, string?> environment)
{
    /// <summary>What names the key that was set by <c>Set-InpaintProvider</c>.</summary>
    public const string SetSource = "Set-InpaintProvider";

    /// <summary>Finds the key.</summary>
    /// <param name="provider">Whose.</param>
    /// <returns>A copy of it; null when there is none, or it was taken away since the provider was described.</returns>
    public SecureString? Find(InpaintProvider provider)
    {
        try
        {
            return provider.ApiKey is not null ? provider.ApiKey.Copy() : FromEnvironment(provider.Name)?.Text is { } text ? ToSecureString(text) : null;
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>Says where the key comes from.</summary>
    /// <param name="provider">Whose.</param>
    /// <returns><see cref="SetSource"/> or a variable; null when there is no key.</returns>
    public string? SourceOf(InpaintProvider provider) => provider.ApiKey is not null ? SetSource : FromEnvironment(provider.Name)?.Variable;

    /// <summary>The variables that are looked at for a provider.</summary>
    /// <param name="name">The provider's name.</param>
    /// <returns>Names; two joined by '+' belong together.</returns>
    public static IReadOnlyList<string> VariablesOf(string name)
    {
        BuiltInProvider? builtIn = ProviderCatalogue.BuiltIn.FirstOrDefault(b => string.Equals(b.Provider.Name, name, StringComparison.OrdinalIgnoreCase));
        return builtIn?.KeyVariables ?? [OwnVariable(name)];
    }

    private (string Variable, string Text)? FromEnvironment(string provider)
    {
        foreach (string variable in VariablesOf(provider))
        {
            string?[] parts = [.. variable.Split('+').Select(environment)];
            if (parts.All(part => !string.IsNullOrWhiteSpace(part)))
            {
                return (variable, string.Join(':', parts.Select(part => part!.Trim())));
            }
        }

        return null;
    }

    private static string OwnVariable(string name) =>
        "INPAINT_" + string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_')) + "_API_KEY";

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
