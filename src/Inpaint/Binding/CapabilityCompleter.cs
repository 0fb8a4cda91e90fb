using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Inpaint.Binding;

/// <summary>Completes models and all parameters with a closed list of values, from the capabilities of the provider that the line names.</summary>
public sealed class CapabilityCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        string? named = (fakeBoundParameters["Provider"] ?? fakeBoundParameters["Name"])?.ToString();
        InpaintProvider? provider = InpaintEngine.Shared.Providers.List()
            .FirstOrDefault(p => named is null ? p.IsDefault : string.Equals(p.Name, named, StringComparison.OrdinalIgnoreCase));
        if (provider is null)
        {
            return [];
        }

        bool isTextToImage = string.Equals(commandName, "New-InpaintImage", StringComparison.OrdinalIgnoreCase);
        ProviderCapabilities? capabilities = provider.CapabilitiesFor(isTextToImage ? InpaintOperation.TextToImage : InpaintOperation.Inpaint);
        return capabilities is null ? [] : Completions.For(wordToComplete, Candidates(provider, capabilities, parameterName));
    }

    private static IEnumerable<(string Value, string ToolTip)> Candidates(InpaintProvider provider, ProviderCapabilities capabilities, string parameterName)
    {
        if (string.Equals(parameterName, "Model", StringComparison.OrdinalIgnoreCase))
        {
            return capabilities.KnownModels.Prepend(capabilities.DefaultModel).Distinct(StringComparer.OrdinalIgnoreCase)
                .Select(m => (m, string.Equals(m, provider.Model ?? capabilities.DefaultModel, StringComparison.OrdinalIgnoreCase) ? $"{m} (default of {provider.Name})" : $"{m} ({provider.Name})"));
        }

        ParameterCapability? parameter = capabilities.Find(parameterName);
        return parameter is null
            ? []
            : parameter.Values.Select(v => (v, string.Equals(v, parameter.Default, StringComparison.OrdinalIgnoreCase) ? $"{v} (default of {provider.Name})" : $"{v} ({provider.Name})"));
    }
}
