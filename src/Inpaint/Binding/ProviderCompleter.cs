using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Inpaint.Engine;

namespace Inpaint.Binding;

/// <summary>Completes the names of providers, and says of each what it is and whether it has a key.</summary>
public sealed class ProviderCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.For(wordToComplete, InpaintEngine.Shared.Providers.List().Select(p => (p.Name, Describe(p))));

    private static string Describe(InpaintProvider provider)
    {
        string place = provider.BaseUri is null ? "embedded" : provider.BaseUri.OriginalString;
        string key = provider.Capabilities.Any(c => c.NeedsKey) ? provider.KeySource is null ? ", no key" : $", key from {provider.KeySource}" : "";
        return $"{provider.Kind}, {place}{key}{(provider.IsDefault ? ", default" : "")}";
    }
}
