using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using Inpaint.Engine;

namespace Inpaint.Binding;

/// <summary>Completes models and all parameters with a closed list of values, from the capabilities of the provider that the line names.</summary>
public sealed class CapabilityCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        // A model that is still being typed does not decide which models there are.
        bool isModel = string.Equals(parameterName, "Model", StringComparison.OrdinalIgnoreCase);
        (InpaintProvider Provider, ProviderCapabilities Capabilities)? named = Find(commandName, fakeBoundParameters, isModel ? null : fakeBoundParameters?["Model"]?.ToString());
        return named is { } found ? Completions.For(wordToComplete, Candidates(found.Provider, found.Capabilities, parameterName)) : [];
    }

    /// <summary>Finds the provider that a line names, and what it can do with the command's operation.</summary>
    /// <param name="commandName">The command.</param>
    /// <param name="boundParameters">What the line says so far.</param>
    /// <param name="modelId">The model that the line names; null for none.</param>
    /// <returns>Both; null when there is no such provider, or it cannot do that.</returns>
    internal static (InpaintProvider Provider, ProviderCapabilities Capabilities)? Find(string commandName, IDictionary boundParameters, string? modelId)
    {
        ArgumentNullException.ThrowIfNull(boundParameters);
        bool isTextToImage = string.Equals(commandName, "New-InpaintImage", StringComparison.OrdinalIgnoreCase);
        InpaintRequest request = new()
        {
            Operation = isTextToImage ? InpaintOperation.TextToImage : InpaintOperation.Inpaint,
            Provider = (boundParameters["Provider"] ?? boundParameters["Name"])?.ToString(),
            Prompt = boundParameters["Prompt"]?.ToString() ?? (isTextToImage ? "still to be written" : null),
        };
        try
        {
            InpaintProvider provider = InpaintEngine.Shared.Providers.Choose(request).Provider;
            return provider.CapabilitiesFor(request.Operation, modelId) is { } capabilities ? (provider, capabilities) : null;
        }
        catch (InpaintException)
        {
            // No such provider, or the choice is still to be made.
            return null;
        }
    }

    private static IEnumerable<(string Value, string ToolTip)> Candidates(InpaintProvider provider, ProviderCapabilities capabilities, string parameterName)
    {
        if (string.Equals(parameterName, "Model", StringComparison.OrdinalIgnoreCase))
        {
            return InpaintEngine.Shared.Providers.KnownModels(provider).Where(model => model.Operation == capabilities.Operation)
                .Select(model => (model.Id, ToolTip(model, isDefault: string.Equals(model.Id, provider.Model ?? capabilities.DefaultModel, StringComparison.OrdinalIgnoreCase))));
        }

        ParameterCapability? parameter = capabilities.Find(parameterName);
        return parameter is null
            ? []
            : parameter.Values.Select(v => (v, string.Equals(v, parameter.Default, StringComparison.OrdinalIgnoreCase) ? $"{v} (default of {provider.Name})" : $"{v} ({provider.Name})"));
    }

    private static string ToolTip(InpaintModel model, bool isDefault)
    {
        string[] facts =
        [
            model.Name is null || model.Id.EndsWith(model.Name, StringComparison.OrdinalIgnoreCase) ? "" : model.Name,
            model.Price?.ToString() ?? "",
            model.UpdatedAt is { } updated ? updated.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "",
        ];
        return string.Join(", ", facts.Where(fact => fact.Length > 0).Prepend($"{model.Id} ({(isDefault ? "default of " : "")}{model.Provider})"));
    }
}
