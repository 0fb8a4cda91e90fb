using System.Globalization;
using System.Text;
using Inpaint.Binding;
using Inpaint.Providers;
using Xunit;

namespace Inpaint.Tests.Providers;

/// <summary>The tables of docs/providers.md say what the capabilities in code say.</summary>
public sealed class ProviderDocumentTests
{
    // A longer list of values is shown below the table.
    private const int LongestList = 8;

    [Fact]
    public void The_tables_say_what_the_code_says() => GeneratedDocument.Check("providers.md", Tables());

    [Fact]
    public void Every_provider_is_described()
    {
        string document = GeneratedDocument.Read("providers.md");
        foreach (BuiltInProvider provider in ProviderCatalogue.Kinds.SelectMany(kind => kind.BuiltIn))
        {
            Assert.Contains(provider.Provider.Name, document, StringComparison.Ordinal);
            Assert.All(provider.KeyVariables.SelectMany(v => v.Split('+')), variable => Assert.Contains(variable, document, StringComparison.Ordinal));
        }
    }

    private static string Tables()
    {
        StringBuilder text = new();
        foreach (InpaintOperation operation in Enum.GetValues<InpaintOperation>())
        {
            (string Name, ProviderCapabilities Capabilities)[] columns =
            [
                .. ProviderCatalogue.Kinds
                    .Select(kind => (Name(kind), kind.Capabilities.FirstOrDefault(c => c.Operation == operation)!))
                    .Where(column => column.Item2 is not null),
            ];
            text.Append(CultureInfo.InvariantCulture, $"### {Title(operation)}\n\n");
            text.Append(CultureInfo.InvariantCulture, $"| parameter | {string.Join(" | ", columns.Select(c => c.Name))} |\n|---|{string.Concat(columns.Select(_ => "---|"))}\n");
            List<string> notes = [];
            foreach (string name in columns.SelectMany(c => c.Capabilities.Parameters).Where(p => p.Option is null).Select(p => p.Name).Distinct(StringComparer.Ordinal))
            {
                text.Append(CultureInfo.InvariantCulture, $"| `-{ParameterNames.ToParameter(name)}` | {string.Join(" | ", columns.Select(c => Cell(c.Name, c.Capabilities.Find(name), notes)))} |\n");
            }

            foreach ((string label, Func<ProviderCapabilities, string> cell) in Abilities)
            {
                text.Append(CultureInfo.InvariantCulture, $"| {label} | {string.Join(" | ", columns.Select(c => cell(c.Capabilities)))} |\n");
            }

            text.Append('\n');
            for (int index = 0; index < notes.Count; index++)
            {
                text.Append(CultureInfo.InvariantCulture, $"({index + 1}) {notes[index]}\n\n");
            }

            foreach ((string provider, ProviderCapabilities capabilities) in columns.Where(c => c.Capabilities.Parameters.Any(p => p.Option is not null)))
            {
                text.Append(CultureInfo.InvariantCulture, $"Options of {provider}, for `-Option @{{ Name = value }}`:\n\n| name | value |\n|---|---|\n");
                foreach (ParameterCapability option in capabilities.Parameters.Where(p => p.Option is not null))
                {
                    text.Append(CultureInfo.InvariantCulture, $"| `{option.Name}` | {Kind(option.Option!.Value)}{Details(option, ", ")} |\n");
                }

                text.Append('\n');
            }
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static IEnumerable<(string Label, Func<ProviderCapabilities, string> Cell)> Abilities =>
    [
        ("default model", c => $"`{c.DefaultModel}`"),
        ("input formats", c => c.InputFormats.Count == 0 ? "–" : string.Join(", ", c.InputFormats)),
        ("largest local picture", c => c.InputFormats.Count == 0 ? "–" : c.MaximumInputBytes is long bytes ? FormattableString.Invariant($"{bytes / 1e6:0.#} MB") : "no known limit"),
        ("cancellation", c => c.CanCancel ? "yes" : "no"),
        ("log lines", c => c.HasLogs ? "yes" : "no"),
        ("status updates", c => c.StreamsStatus ? "streamed" : "polled"),
        ("list price", c => !c.IsPaid ? "free" : c.Price?.ToString() ?? "not known"),
    ];

    private static string Title(InpaintOperation operation) => operation switch
    {
        InpaintOperation.Inpaint => "Repainting (Invoke-Inpaint, Start-InpaintJob)",
        InpaintOperation.Segment => "Finding objects for masks (New-InpaintMask)",
        _ => "Text to image (New-InpaintImage)",
    };

    private static string Name(ProviderDescriptor kind) => kind.BuiltIn.Count == 0 ? kind.Kind : string.Join(", ", kind.BuiltIn.Select(b => b.Provider.Name));

    private static string Cell(string provider, ParameterCapability? parameter, List<string> notes)
    {
        if (parameter is null)
        {
            return "–";
        }

        bool isLong = parameter.Values.Count > LongestList;
        string text = isLong ? FormattableString.Invariant($"one of {parameter.Values.Count}") : Details(parameter, "").TrimStart();
        string cell = parameter.IsRequired ? "required" : text.Length == 0 ? "yes" : text;
        string? note = isLong ? $"`-{ParameterNames.ToParameter(parameter.Name)}` of {provider}: {string.Join(", ", parameter.Values.Select(v => $"`{v}`"))}." : parameter.Warning;
        if (note is null)
        {
            return cell;
        }

        if (!notes.Contains(note, StringComparer.Ordinal))
        {
            notes.Add(note);
        }

        return FormattableString.Invariant($"{cell} ({notes.IndexOf(note) + 1})");
    }

    private static string Details(ParameterCapability parameter, string prefix)
    {
        string[] parts =
        [
            parameter.Values.Count > 0 ? string.Join(", ", parameter.Values.Select(v => $"`{v}`")) : Range(parameter),
            parameter.CapAbove is double cap ? FormattableString.Invariant($"capped at {cap}") : "",
            parameter.MultipleOf is int multiple ? FormattableString.Invariant($"multiples of {multiple}") : "",
            parameter.Default is string standard ? $"default {standard}" : "",
        ];
        string text = string.Join("; ", parts.Where(p => p.Length > 0));
        return text.Length == 0 ? "" : prefix + text;
    }

    private static string Range(ParameterCapability parameter) => (parameter.Minimum, parameter.Maximum) switch
    {
        (double min, double max) => FormattableString.Invariant($"{min} to {max}"),
        (double min, null) => FormattableString.Invariant($"{min} or more"),
        (null, double max) => FormattableString.Invariant($"{max} or less"),
        _ => "",
    };

    private static string Kind(OptionKind kind) => kind switch
    {
        OptionKind.Switch => "yes or no",
        OptionKind.WholeNumber => "whole number",
        OptionKind.Number => "number",
        OptionKind.Url => "http(s) URL",
        _ => "text",
    };
}
