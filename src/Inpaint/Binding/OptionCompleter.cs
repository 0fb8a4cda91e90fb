using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Inpaint.Binding;

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
