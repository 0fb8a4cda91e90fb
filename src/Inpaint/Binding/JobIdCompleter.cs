using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Inpaint.Engine;

namespace Inpaint.Binding;

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
            InpaintEngine.Shared.ListJobs(all: true, _ => { })
                .Where(j => provider is null || string.Equals(j.Provider, provider, StringComparison.OrdinalIgnoreCase))
                .OrderByDescending(j => j.CreatedAt)
                .Select(j => (j.Id, $"{j.Provider} {j.State}, {AddressText.WithoutQueries(j.Source ?? "text to image")}: {j.Prompt}")));
    }
}
