using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Inpaint.Binding;

/// <summary>Completes size presets, and says how many pixels each has.</summary>
public sealed class SizeCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.For(
            wordToComplete,
            ImageSize.Presets.Select(ImageSize.Parse).Select(s => (s.Preset!, FormattableString.Invariant($"{s.Width} x {s.Height}, {s.Width * s.Height / 1e6:0.00} megapixels"))));
}
