using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using Inpaint.Loading;

namespace Inpaint.Binding;

/// <summary>Completes the names of providers, and says of each what it is and whether it has a key.</summary>
public sealed class ProviderCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.For(wordToComplete, ModuleEngine.Shared.Providers.List().Select(p => (p.Name, Describe(p))));

    private static string Describe(InpaintProvider provider)
    {
        string place = provider.BaseUri is null ? "embedded" : provider.BaseUri.OriginalString;
        string key = provider.Capabilities.Any(c => c.NeedsKey) ? provider.KeySource is null ? ", no key" : $", key from {provider.KeySource}" : "";
        return $"{provider.Kind}, {place}{key}{(provider.IsDefault ? ", default" : "")}";
    }
}

/// <summary>Completes the kinds of providers.</summary>
public sealed class ProviderKindCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.For(wordToComplete, ModuleEngine.Shared.Providers.Kinds.Select(kind => (kind, kind)));
}

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
        InpaintOperation operation = string.Equals(commandName, "New-InpaintImage", StringComparison.OrdinalIgnoreCase) ? InpaintOperation.TextToImage
            : string.Equals(commandName, "New-InpaintMask", StringComparison.OrdinalIgnoreCase) ? InpaintOperation.Segment
            : InpaintOperation.Inpaint;
        InpaintRequest request = new()
        {
            Operation = operation,
            Provider = (boundParameters["Provider"] ?? boundParameters["Name"])?.ToString(),
            Prompt = boundParameters["Prompt"]?.ToString() ?? (operation == InpaintOperation.Inpaint ? null : "still to be written"),
        };
        try
        {
            InpaintProvider provider = ModuleEngine.Shared.Providers.ProviderFor(request);
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
            return ModuleEngine.Shared.Providers.KnownModels(provider).Where(model => model.Operation == capabilities.Operation)
                .Select(model => (model.Id, ToolTip(model, isDefault: string.Equals(model.Id, provider.Model ?? capabilities.DefaultModel, StringComparison.OrdinalIgnoreCase))));
        }

        ParameterCapability? parameter = capabilities.Find(ParameterNames.ToProperty(parameterName));
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

/// <summary>Completes the options that only the provider named on the line has, each as a hashtable to go on from.</summary>
public sealed class OptionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        if (CapabilityCompleter.Find(commandName, fakeBoundParameters, fakeBoundParameters?["Model"]?.ToString()) is not { } found)
        {
            return [];
        }

        string typed = (wordToComplete ?? "").TrimStart('@', '{', ' ');
        return found.Capabilities.Parameters
            .Where(p => p.Option is not null && p.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Select(p => new CompletionResult($"@{{ {p.Name} = {Example(p)} }}", p.Name, CompletionResultType.ParameterValue, p.Description is null ? p.ToString() : $"{p}: {p.Description}"));
    }

    private static string Example(ParameterCapability option) => option.Option switch
    {
        OptionKind.Switch => "$true",
        OptionKind.WholeNumber or OptionKind.Number => option.Default ?? "1",
        _ => $"'{option.Default ?? (option.Values.Count > 0 ? option.Values[0] : "")}'",
    };
}

/// <summary>Completes size presets, and says how many pixels each has.</summary>
public sealed class SizeCompleter : IArgumentCompleter
{
    /// <summary>The names of all providers: a mask, and a line that names no provider yet, may use any of them.</summary>
    private static IEnumerable<ImageSize> All => ModuleEngine.Shared.Providers.List().SelectMany(p => p.Capabilities).SelectMany(Named);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ImageSize[] own = CapabilityCompleter.Find(commandName, fakeBoundParameters, fakeBoundParameters?["Model"]?.ToString()) is { } found ? [.. Named(found.Capabilities)] : [];
        return Completions.For(
            wordToComplete,
            (own.Length > 0 ? own : All).Distinct().Select(s => (s.Name!, FormattableString.Invariant($"{s.Width} x {s.Height}, {s.Width * s.Height / 1e6:0.00} megapixels"))));
    }

    /// <summary>Parses the size of something that is made here, in pixels or by any provider's name for it.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The size in pixels.</returns>
    /// <exception cref="InpaintException">InvalidParameter.</exception>
    internal static ImageSize Parse(string text) => ImageSize.Parse(text) is { Name: { } name } ? All.FirstOrDefault(s => string.Equals(s.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new InpaintException(InpaintErrorId.InvalidParameter, $"Size '{text}' is not known: it takes WIDTHxHEIGHT, such as 768x512, or {string.Join(", ", All.Select(s => s.Name).Distinct())}.") { Parameter = "Size" }
        : ImageSize.Parse(text);

    private static IEnumerable<ImageSize> Named(ProviderCapabilities capabilities) => capabilities.Find("Size")?.NamedSizes.Values ?? [];
}

/// <summary>Completes the ids of jobs in the journal, the newest first, and says of each what it is.</summary>
public sealed class JobIdCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        string? provider = fakeBoundParameters["Provider"]?.ToString();
        return Completions.For(
            wordToComplete,
            ModuleEngine.Shared.ListJobs(all: true, _ => { })
                .Where(j => provider is null || string.Equals(j.Provider, provider, StringComparison.OrdinalIgnoreCase))
                .OrderByDescending(j => j.CreatedAt)
                .Select(j => (j.Id, $"{j.Provider} {j.State}, {PlainText.WithoutUrlQueries(j.Source ?? "text to image")}: {j.Prompt}")));
    }
}

/// <summary>Makes completion lists.</summary>
internal static class Completions
{
    /// <summary>Makes the list for what has been typed so far.</summary>
    /// <param name="typed">What has been typed, perhaps with an opening quote.</param>
    /// <param name="candidates">Values, with what is said about each.</param>
    /// <returns>Those that begin with what was typed; those that merely contain it when none begins so.</returns>
    public static IEnumerable<CompletionResult> For(string? typed, IEnumerable<(string Value, string ToolTip)> candidates)
    {
        string word = (typed ?? "").Trim('\'', '"');
        List<(string Value, string ToolTip)> all = [.. candidates];
        List<(string Value, string ToolTip)> matches = [.. all.Where(c => c.Value.StartsWith(word, StringComparison.OrdinalIgnoreCase))];
        if (matches.Count == 0)
        {
            matches = [.. all.Where(c => c.Value.Contains(word, StringComparison.OrdinalIgnoreCase))];
        }

        return matches.Select(m => new CompletionResult(Quote(m.Value), m.Value, CompletionResultType.ParameterValue, m.ToolTip.Length == 0 ? m.Value : m.ToolTip));
    }

    private static string Quote(string value) =>
        value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or '+' or ':') ? value : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
