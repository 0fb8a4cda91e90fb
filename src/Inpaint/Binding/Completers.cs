using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using Inpaint.Loading;
using Inpaint.Providers;

namespace Inpaint.Binding;

/// <summary>Completes provider names; the tooltip describes the provider and says whether it has a key.</summary>
public sealed class ProviderCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        InpaintOperation? operation = parameterName switch
        {
            "Provider" => Completions.OperationOf(commandName),
            "MaskProvider" => InpaintOperation.Segment,
            _ => null,
        };
        return Completions.For(wordToComplete, ModuleEngine.Shared.Providers.List().Where(p => operation is not { } needed || p.CapabilitiesFor(needed) is not null).Select(p => (p.Name, Describe(p))));
    }

    private static string Describe(InpaintProvider provider)
    {
        string place = provider.BaseUri is null ? "embedded" : provider.BaseUri.OriginalString;
        string key = provider.NeedsKey ? provider.KeySource is null ? ", no key" : $", key from {provider.KeySource}" : "";
        return $"{provider.Kind}, {place}{key}{(provider.IsDefault ? ", default" : "")}";
    }
}

/// <summary>Completes provider kinds.</summary>
public sealed class ProviderKindCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.For(wordToComplete, ModuleEngine.Shared.Providers.Kinds.Select(kind => (kind, kind)));
}

/// <summary>
/// Completes models, and other parameters from the capabilities of the provider on the command line: the values of a closed list, or the ends of a range. Where there are none, it
/// returns no candidates, because without a completer the shell would offer file names.
/// </summary>
public sealed class CapabilityCompleter : IArgumentCompleter
{
    // A range of no more whole numbers than this is offered in full.
    private const int MaxNumbers = 10;

    private static readonly string[] WholeNumbers = ["Count", "Steps", "Seed"];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        bool isMaskModel = string.Equals(parameterName, "MaskModel", StringComparison.OrdinalIgnoreCase);
        bool isModel = isMaskModel || string.Equals(parameterName, "Model", StringComparison.OrdinalIgnoreCase);

        // A model id that is still being typed must not determine the list of models.
        (InpaintProvider Provider, ProviderCapabilities Capabilities)? named = isMaskModel
            ? FindFinder(fakeBoundParameters)
            : Find(commandName, fakeBoundParameters, isModel ? null : fakeBoundParameters["Model"]?.ToString());
        return named is { } found ? Completions.For(wordToComplete, isModel ? Models(found.Provider, found.Capabilities) : Values(found.Provider, found.Capabilities, parameterName)) : [];
    }

    /// <summary>The numbers to offer: the default first, then the ends of the range, or the whole range if it is small.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="isWhole">Whether it accepts whole numbers only.</param>
    /// <returns>The numbers as text; empty where neither default nor range is known.</returns>
    internal static IEnumerable<string> Numbers(ParameterCapability parameter, bool isWhole)
    {
        double? standard = double.TryParse(parameter.Default, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
        IEnumerable<double?> offered = isWhole && parameter is { Minimum: { } least, Maximum: { } most } && most - least < MaxNumbers
            ? Enumerable.Range((int)least, (int)(most - least) + 1).Select(n => (double?)n)
            : [parameter.Minimum, parameter.CapAbove ?? parameter.Maximum];
        return offered.Prepend(standard).OfType<double>().Distinct().Select(n => n.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Finds the provider on the command line, and its capabilities for the command's operation.</summary>
    /// <param name="commandName">The command.</param>
    /// <param name="boundParameters">The parameters that are bound so far.</param>
    /// <param name="modelId">The model on the command line; null for none.</param>
    /// <returns>Both; null when there is no such provider, or it does not support the operation.</returns>
    internal static (InpaintProvider Provider, ProviderCapabilities Capabilities)? Find(string commandName, IDictionary boundParameters, string? modelId)
    {
        ArgumentNullException.ThrowIfNull(boundParameters);

        // Elsewhere, -Name is a template for the names of files.
        string provider = commandName.EndsWith("-InpaintProvider", StringComparison.OrdinalIgnoreCase) ? "Name" : "Provider";
        return Find(Completions.OperationOf(commandName) ?? InpaintOperation.Inpaint, boundParameters[provider]?.ToString(), boundParameters["Prompt"]?.ToString(), modelId);
    }

    /// <summary>Finds the provider that is to find the mask: the one that is named for it, else the one that repaints, else whoever can.</summary>
    private static (InpaintProvider Provider, ProviderCapabilities Capabilities)? FindFinder(IDictionary boundParameters) =>
        boundParameters["MaskProvider"]?.ToString() is { } named
            ? Find(InpaintOperation.Segment, named, prompt: null, modelId: null)
            : Find(InpaintOperation.Segment, boundParameters["Provider"]?.ToString(), prompt: null, modelId: null) ?? Find(InpaintOperation.Segment, provider: null, prompt: null, modelId: null);

    private static (InpaintProvider Provider, ProviderCapabilities Capabilities)? Find(InpaintOperation operation, string? provider, string? prompt, string? modelId)
    {
        InpaintRequest request = new() { Operation = operation, Provider = provider, Prompt = prompt ?? (operation == InpaintOperation.Inpaint ? null : "still to be written") };
        try
        {
            InpaintProvider found = ModuleEngine.Shared.Providers.ProviderFor(request);
            return found.CapabilitiesFor(operation, modelId) is { } capabilities ? (found, capabilities) : null;
        }
        catch (InpaintException)
        {
            // There is no such provider, or none is chosen yet.
            return null;
        }
    }

    private static IEnumerable<(string Value, string ToolTip)> Models(InpaintProvider provider, ProviderCapabilities capabilities)
    {
        string? standard = (capabilities.Operation == InpaintOperation.Inpaint ? provider.Model : null) ?? capabilities.DefaultModel;
        return ModuleEngine.Shared.Providers.KnownModels(provider).Where(model => model.Operation == capabilities.Operation)
            .Select(model => (model.Id, ToolTip(model, isDefault: string.Equals(model.Id, standard, StringComparison.OrdinalIgnoreCase))));
    }

    private static IEnumerable<(string Value, string ToolTip)> Values(InpaintProvider provider, ProviderCapabilities capabilities, string parameterName)
    {
        if (capabilities.Find(ParameterNames.ToProperty(parameterName)) is not { Option: null } parameter)
        {
            return [];
        }

        if (parameter.GetValues().Count == 0)
        {
            // Sizes have a completer of their own; LoRAs and time spans have no useful candidates.
            return parameter.Name is "Size" or "Loras" or "StartTimeout" ? [] : Numbers(parameter, WholeNumbers.Contains(parameter.Name)).Select(n => (n, $"{ParameterNames.Describe(parameter)} ({provider.Name})"));
        }

        return parameter.GetValues().Select(v => (v, string.Equals(v, parameter.Default, StringComparison.OrdinalIgnoreCase) ? $"{v} (default of {provider.Name})" : $"{v} ({provider.Name})"));
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

/// <summary>Completes the options of the provider or model on the command line, or the defaults that it can have, each with its values, as a hashtable that can be continued.</summary>
public sealed class OptionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        OptionTableCompletion.Install();
        string typed = (wordToComplete ?? "").TrimStart('@', '{', ' ');
        return EntriesOf(commandName, parameterName, fakeBoundParameters)
            .Where(option => option.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .SelectMany(option => ValuesOf(option).Select(value => new CompletionResult($"@{{ {option.Name} = {value} }}", $"{option.Name} = {value}", CompletionResultType.ParameterValue, ToolTipOf(option))));
    }

    /// <summary>What can stand in a hashtable: the options of the provider and model on the command line, or also the parameters that can have a default.</summary>
    /// <param name="commandName">The command.</param>
    /// <param name="parameterName">The parameter whose value the hashtable is.</param>
    /// <param name="boundParameters">The parameters that are bound so far.</param>
    /// <returns>The entries; none when there is no such provider.</returns>
    internal static IEnumerable<ParameterCapability> EntriesOf(string commandName, string parameterName, IDictionary boundParameters)
    {
        bool areDefaults = parameterName == nameof(SetInpaintProviderCommand.Parameter);
        return CapabilityCompleter.Find(commandName, boundParameters, boundParameters?["Model"]?.ToString()) is { } found
            ? found.Capabilities.Parameters.Where(p => p.Option is not null || (areDefaults && ProviderRegistry.PropertiesWithDefault.Contains(p.Name))).Select(AsOption)
            : [];
    }

    /// <summary>Describes a parameter as an option, under the name of the cmdlets' parameter.</summary>
    private static ParameterCapability AsOption(ParameterCapability parameter) => parameter.Option is not null ? parameter : parameter with
    {
        Name = ParameterNames.ToParameter(parameter.Name),
        Option = parameter.Name switch
        {
            "SafetyChecker" => OptionKind.Switch,
            "Count" or "Steps" or "Seed" => OptionKind.WholeNumber,
            "Strength" or "GuidanceScale" => OptionKind.Number,
            _ => OptionKind.Text,
        },
    };

    /// <summary>The values to offer for an option, as literals for a hashtable. A value that cannot be known is a placeholder.</summary>
    /// <returns>One or more values.</returns>
    internal static IEnumerable<string> ValuesOf(ParameterCapability option)
    {
        string[] values = option.Option switch
        {
            OptionKind.Switch => ParameterCapability.ParseSwitch(option.Default ?? "") == true ? ["$false", "$true"] : ["$true", "$false"],
            OptionKind.WholeNumber or OptionKind.Number => [.. CapabilityCompleter.Numbers(option, option.Option == OptionKind.WholeNumber)],
            _ => [.. option.GetValues().OrderByDescending(value => string.Equals(value, option.Default, StringComparison.OrdinalIgnoreCase)).Select(value => $"'{CodeGeneration.EscapeSingleQuotedStringContent(value)}'")],
        };
        return values.Length > 0 ? values : option.Option switch
        {
            OptionKind.WholeNumber or OptionKind.Number => ["1"],
            OptionKind.List => ["@()"],
            OptionKind.Map => ["@{}"],
            _ => ["''"],
        };
    }

    /// <summary>Describes an option: its range, its default, and the service's own description.</summary>
    internal static string ToolTipOf(ParameterCapability option) => option.Description is null ? option.ToString() : $"{option}: {option.Description}";
}

/// <summary>Completes the placeholders of a template for file names.</summary>
public sealed class NameTemplateCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string typed = (wordToComplete ?? "").Trim('\'', '"');
        int open = typed.LastIndexOf('{');
        bool isOpen = open > typed.LastIndexOf('}');
        string before = isOpen ? typed[..open] : typed;
        string begun = isOpen ? typed[(open + 1)..] : "";
        return SaveOptions.NamePlaceholders
            .Where(placeholder => placeholder.StartsWith(begun, StringComparison.OrdinalIgnoreCase))
            .Select(placeholder => new CompletionResult(Completions.Quote($"{before}{{{placeholder}}}"), $"{{{placeholder}}}", CompletionResultType.ParameterValue, $"{before}{{{placeholder}}}"));
    }
}

/// <summary>Completes colour names; the tooltip is the hexadecimal notation.</summary>
public sealed class ColorCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.For(wordToComplete, PixelColor.Names.Select(name => (name, $"{name}, {PixelColor.Parse(name)}")));
}

/// <summary>Completes size presets; the tooltip is the size in pixels.</summary>
public sealed class SizeCompleter : IArgumentCompleter
{
    /// <summary>The names of all providers: they apply to masks, and to a command line without a provider.</summary>
    private static IEnumerable<ImageSize> All => ModuleEngine.Shared.Providers.List().SelectMany(p => p.Operations.Select(p.CapabilitiesFor).OfType<ProviderCapabilities>()).SelectMany(Named);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        if (Completions.OperationOf(commandName) == InpaintOperation.Segment && (fakeBoundParameters["Image"] ?? fakeBoundParameters["Mask"]) is not null)
        {
            // The mask has the size of the picture.
            return [];
        }

        ProviderCapabilities? capabilities = CapabilityCompleter.Find(commandName, fakeBoundParameters, fakeBoundParameters["Model"]?.ToString())?.Capabilities;
        ImageSize[] own = capabilities is null ? [] : [.. Named(capabilities)];

        // A mask may have any size, and the provider may still be typed.
        bool isOpen = own.Length == 0 && (capabilities?.Operation == InpaintOperation.Segment || fakeBoundParameters["Provider"] is null);
        IEnumerable<ImageSize> sizes = isOpen ? All : own.Length > 0 ? own : Pixels(capabilities?.Find("Size"));
        return Completions.For(
            wordToComplete,
            sizes.Distinct().Select(s => (s.Name ?? s.ToString(), FormattableString.Invariant($"{s.Width} x {s.Height}, {s.Width * s.Height / 1e6:0.00} megapixels"))));
    }

    private static IEnumerable<ImageSize> Pixels(ParameterCapability? parameter) =>
        parameter is null ? [] : parameter.GetValues().Prepend(parameter.Default ?? "").Select(text => ImageSize.TryParsePixels(text, out ImageSize? size) ? size : null).OfType<ImageSize>();

    /// <summary>Parses the size of a picture that is created locally, in pixels or as any provider's name for it.</summary>
    /// <exception cref="InpaintException">InvalidParameter.</exception>
    internal static ImageSize Parse(string text) => ImageSize.Parse(text) is { Name: { } name } ? All.FirstOrDefault(s => string.Equals(s.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new InpaintException(InpaintErrorId.InvalidParameter, $"Size '{text}' is not known: it takes WIDTHxHEIGHT, such as 768x512, or {string.Join(", ", All.Select(s => s.Name).Distinct())}.") { Parameter = "Size" }
        : ImageSize.Parse(text);

    private static IEnumerable<ImageSize> Named(ProviderCapabilities capabilities) => capabilities.Find("Size")?.GetNamedSizes().Values ?? [];
}

/// <summary>Completes the ids of jobs in the journal, the newest first; the tooltip describes the job.</summary>
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

/// <summary>Creates completion lists.</summary>
internal static class Completions
{
    /// <summary>Creates the list for the text that has been typed so far.</summary>
    /// <param name="typed">The text, perhaps with an opening quote.</param>
    /// <param name="candidates">The values and their tooltips.</param>
    /// <returns>The values that begin with the text; if there are none, those that contain it.</returns>
    public static IEnumerable<CompletionResult> For(string? typed, IEnumerable<(string Value, string ToolTip)> candidates)
    {
        OptionTableCompletion.Install();
        string word = (typed ?? "").Trim('\'', '"');
        List<(string Value, string ToolTip)> all = [.. candidates];
        List<(string Value, string ToolTip)> matches = [.. all.Where(c => c.Value.StartsWith(word, StringComparison.OrdinalIgnoreCase))];
        if (matches.Count == 0)
        {
            // A match at the beginning of a segment of the value is more likely to be meant than one inside a word.
            matches = [.. all.Where(c => c.Value.Contains(word, StringComparison.OrdinalIgnoreCase)).OrderBy(c => c.Value.Split('/', '-', '_', '.').Any(part => part.StartsWith(word, StringComparison.OrdinalIgnoreCase)) ? 0 : 1)];
        }

        return matches.Select(m => new CompletionResult(Quote(m.Value), m.Value, CompletionResultType.ParameterValue, m.ToolTip.Length == 0 ? m.Value : m.ToolTip));
    }

    /// <summary>The operation that a provider must support for a command.</summary>
    /// <param name="commandName">The command, in any case.</param>
    /// <returns>The operation; null if any provider will do.</returns>
    public static InpaintOperation? OperationOf(string commandName) => commandName.ToUpperInvariant() switch
    {
        "NEW-INPAINTIMAGE" => InpaintOperation.TextToImage,
        "NEW-INPAINTMASK" => InpaintOperation.Segment,
        "INVOKE-INPAINT" or "START-INPAINTJOB" or "GET-INPAINTPLAN" or "TEST-INPAINTMASK" => InpaintOperation.Inpaint,
        _ => null,
    };

    /// <summary>Quotes a value that the shell would otherwise not read as one argument.</summary>
    public static string Quote(string value) =>
        value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or '+' or ':') ? value : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
