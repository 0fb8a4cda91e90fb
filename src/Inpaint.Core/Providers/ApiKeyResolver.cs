using System.Security;

namespace Inpaint.Providers;

/// <summary>Finds a provider's key: the one set for it, else the environment's. A provider of the user's own never gets a built-in provider's variable.</summary>
internal sealed class ApiKeyResolver(Func<string, string?> environment)
{
    /// <summary>What names the key that was set by <c>Set-InpaintProvider</c>.</summary>
    public const string SetSource = "Set-InpaintProvider";

    /// <summary>Finds the key.</summary>
    /// <param name="provider">Whose.</param>
    /// <returns>The key and where it comes from; nulls when there is none.</returns>
    public (SecureString? Key, string? Source) Resolve(InpaintProvider provider)
    {
        if (provider.ApiKey is not null)
        {
            return (provider.ApiKey, SetSource);
        }

        foreach (string variable in VariablesOf(provider.Name))
        {
            string?[] parts = variable.Split('+').Select(environment).ToArray();
            if (parts.All(part => !string.IsNullOrWhiteSpace(part)))
            {
                return (ToSecureString(string.Join(':', parts.Select(part => part!.Trim()))), variable);
            }
        }

        return (null, null);
    }

    /// <summary>The variables that are looked at for a provider.</summary>
    /// <param name="name">The provider's name.</param>
    /// <returns>Names; two joined by '+' belong together.</returns>
    public static IReadOnlyList<string> VariablesOf(string name)
    {
        BuiltInProvider? builtIn = ProviderCatalogue.BuiltIn.FirstOrDefault(b => string.Equals(b.Provider.Name, name, StringComparison.OrdinalIgnoreCase));
        return builtIn?.KeyVariables ?? [OwnVariable(name)];
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
