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

/// <summary>
/// Completes models, and other parameters by what the provider on the line says of them: the values of a closed list, the ends of a range. Where there is neither, nothing is
/// offered: without a completer the shell would offer the names of files.
/// </summary>
public sealed class CapabilityCompleter : IArgumentCompleter
{
    // A range of so few whole numbers is offered number by number.
    private const int MaxNumbers = 10;

    private static readonly string[] WholeNumbers = ["Count", "Steps", "Seed"];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        bool isMaskModel = string.Equals(parameterName, "MaskModel", StringComparison.OrdinalIgnoreCase);
        bool isModel = isMaskModel || string.Equals(parameterName, "Model", StringComparison.OrdinalIgnoreCase);

        // A model that is still being typed does not decide which models there are.
        (InpaintProvider Provider, ProviderCapabilities Capabilities)? named = isMaskModel
            ? FindFinder(fakeBoundParameters)
            : Find(commandName, fakeBoundParameters, isModel ? null : fakeBoundParameters["Model"]?.ToString());
        return named is { } found ? Completions.For(wordToComplete, isModel ? Models(found.Provider, found.Capabilities) : Values(found.Provider, found.Capabilities, parameterName)) : [];
    }

    /// <summary>The values to offer for a number: the default one first, then the ends of its range, or all of a few.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="isWhole">Whether it takes whole numbers only.</param>
    /// <returns>The numbers, as text; none where nothing is known of it.</returns>
    internal static IEnumerable<string> Numbers(ParameterCapability parameter, bool isWhole)
    {
        double? standard = double.TryParse(parameter.Default, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;
        IEnumerable<double?> offered = isWhole && parameter is { Minimum: { } least, Maximum: { } most } && most - least < MaxNumbers
            ? Enumerable.Range((int)least, (int)(most - least) + 1).Select(n => (double?)n)
            : [parameter.Minimum, parameter.CapAbove ?? parameter.Maximum];
        return offered.Prepend(standard).OfType<double>().Distinct().Select(n => n.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Finds the provider that a line names, and what it can do with the command's operation.</summary>
    /// <param name="commandName">The command.</param>
    /// <param name="boundParameters">What the line says so far.</param>
    /// <param name="modelId">The model that the line names; null for none.</param>
    /// <returns>Both; null when there is no such provider, or it cannot do that.</returns>
    internal static (InpaintProvider Provider, ProviderCapabilities Capabilities)? Find(string commandName, IDictionary boundParameters, string? modelId)
    {
        ArgumentNullException.ThrowIfNull(boundParameters);
        return Find(Completions.OperationOf(commandName) ?? InpaintOperation.Inpaint, (boundParameters["Provider"] ?? boundParameters["Name"])?.ToString(), boundParameters["Prompt"]?.ToString(), modelId);
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
            // No such provider, or the choice is still to be made.
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

        if (parameter.Values.Count == 0)
        {
            // A size has edges and names, and a completer of its own.
            return parameter.Name is "Size" or "Loras" or "StartTimeout" ? [] : Numbers(parameter, WholeNumbers.Contains(parameter.Name)).Select(n => (n, $"{ParameterNames.Describe(parameter)} ({provider.Name})"));
        }

        return parameter.Values.Select(v => (v, string.Equals(v, parameter.Default, StringComparison.OrdinalIgnoreCase) ? $"{v} (default of {provider.Name})" : $"{v} ({provider.Name})"));
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

/// <summary>Completes the options that only the provider or model named on the line has, each with its values, as a hashtable to go on from.</summary>
public sealed class OptionCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        OptionTableCompletion.Install();
        string typed = (wordToComplete ?? "").TrimStart('@', '{', ' ');
        return OptionsOf(commandName, fakeBoundParameters)
            .Where(option => option.Name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .SelectMany(option => ValuesOf(option).Select(value => new CompletionResult($"@{{ {option.Name} = {value} }}", $"{option.Name} = {value}", CompletionResultType.ParameterValue, ToolTipOf(option))));
    }

    /// <summary>The options of the provider and model that a line names.</summary>
    /// <param name="commandName">The command.</param>
    /// <param name="boundParameters">What the line says so far.</param>
    /// <returns>The options; none when there is no such provider.</returns>
    internal static IEnumerable<ParameterCapability> OptionsOf(string commandName, IDictionary boundParameters) =>
        CapabilityCompleter.Find(commandName, boundParameters, boundParameters?["Model"]?.ToString()) is { } found ? found.Capabilities.Parameters.Where(p => p.Option is not null) : [];

    /// <summary>The values to offer for an option, as they are written in a hashtable. What cannot be known is left to be filled in.</summary>
    /// <returns>One or more values.</returns>
    internal static IEnumerable<string> ValuesOf(ParameterCapability option)
    {
        string[] values = option.Option switch
        {
            OptionKind.Switch => ParameterCapability.ParseSwitch(option.Default ?? "") == true ? ["$false", "$true"] : ["$true", "$false"],
            OptionKind.WholeNumber or OptionKind.Number => [.. CapabilityCompleter.Numbers(option, option.Option == OptionKind.WholeNumber)],
            _ => [.. option.Values.OrderByDescending(value => string.Equals(value, option.Default, StringComparison.OrdinalIgnoreCase)).Select(value => $"'{CodeGeneration.EscapeSingleQuotedStringContent(value)}'")],
        };
        return values.Length > 0 ? values : option.Option switch
        {
            OptionKind.WholeNumber or OptionKind.Number => ["1"],
            OptionKind.List => ["@()"],
            OptionKind.Map => ["@{}"],
            _ => ["''"],
        };
    }

    /// <summary>What is said about an option: its range, its default, and the service's own words.</summary>
    internal static string ToolTipOf(ParameterCapability option) => option.Description is null ? option.ToString() : $"{option}: {option.Description}";
}

/// <summary>Completes the placeholders of a template for file names, one after the other.</summary>
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

/// <summary>Completes the names of colours, and says what each is in hexadecimal digits.</summary>
public sealed class ColorCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.For(wordToComplete, PixelColor.Names.Select(name => (name, $"{name}, {PixelColor.Parse(name)}")));
}

/// <summary>Completes size presets, and says how many pixels each has.</summary>
public sealed class SizeCompleter : IArgumentCompleter
{
    /// <summary>The names of all providers: a mask, and a line that names no provider yet, may use any of them.</summary>
    private static IEnumerable<ImageSize> All => ModuleEngine.Shared.Providers.List().SelectMany(p => p.Capabilities).SelectMany(Named);

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

        // A mask may have any size, and who is to make a picture may still be to be named.
        bool isOpen = own.Length == 0 && (capabilities?.Operation == InpaintOperation.Segment || fakeBoundParameters["Provider"] is null);
        IEnumerable<ImageSize> sizes = isOpen ? All : own.Length > 0 ? own : Pixels(capabilities?.Find("Size"));
        return Completions.For(
            wordToComplete,
            sizes.Distinct().Select(s => (s.Name ?? s.ToString(), FormattableString.Invariant($"{s.Width} x {s.Height}, {s.Width * s.Height / 1e6:0.00} megapixels"))));
    }

    private static IEnumerable<ImageSize> Pixels(ParameterCapability? parameter) =>
        parameter is null ? [] : parameter.Values.Prepend(parameter.Default ?? "").Select(text => ImageSize.TryParsePixels(text, out ImageSize? size) ? size : null).OfType<ImageSize>();

    /// <summary>Parses the size of something that is made here, in pixels or by any provider's name for it.</summary>
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
        OptionTableCompletion.Install();
        string word = (typed ?? "").Trim('\'', '"');
        List<(string Value, string ToolTip)> all = [.. candidates];
        List<(string Value, string ToolTip)> matches = [.. all.Where(c => c.Value.StartsWith(word, StringComparison.OrdinalIgnoreCase))];
        if (matches.Count == 0)
        {
            // What a part of the value begins with is more likely meant than what merely stands in it.
            matches = [.. all.Where(c => c.Value.Contains(word, StringComparison.OrdinalIgnoreCase)).OrderBy(c => c.Value.Split('/', '-', '_', '.').Any(part => part.StartsWith(word, StringComparison.OrdinalIgnoreCase)) ? 0 : 1)];
        }

        return matches.Select(m => new CompletionResult(Quote(m.Value), m.Value, CompletionResultType.ParameterValue, m.ToolTip.Length == 0 ? m.Value : m.ToolTip));
    }

    /// <summary>What a provider must be able to do for a command.</summary>
    /// <param name="commandName">The command, in any case.</param>
    /// <returns>The operation; null for a command that any provider will do for.</returns>
    public static InpaintOperation? OperationOf(string commandName) => commandName.ToUpperInvariant() switch
    {
        "NEW-INPAINTIMAGE" => InpaintOperation.TextToImage,
        "NEW-INPAINTMASK" => InpaintOperation.Segment,
        "INVOKE-INPAINT" or "START-INPAINTJOB" or "GET-INPAINTPLAN" or "TEST-INPAINTMASK" => InpaintOperation.Inpaint,
        _ => null,
    };

    /// <summary>Quotes a value where the shell would read it otherwise.</summary>
    public static string Quote(string value) =>
        value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or '+' or ':') ? value : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
