using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Inpaint.Pipeline;

/// <summary>The texts of the table and list views. A view calls them because a script block that does the same takes several times as long, which shows with thousands of rows. Values may be deserialized ones.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static partial class ViewText
{
    /// <summary>The name of the picture, or the prompt where there is none.</summary>
    /// <param name="source">The path or URL.</param>
    /// <param name="prompt">The prompt.</param>
    /// <returns>The text.</returns>
    public static object? Name(object? source, object? prompt) => source?.ToString() is { Length: > 0 } path ? ItemName.LastPart(path) : prompt;

    /// <summary>The state of a job, with its position where there are others before it.</summary>
    /// <param name="job">The job.</param>
    /// <returns>The text.</returns>
    public static string State(PSObject job)
    {
        ArgumentNullException.ThrowIfNull(job);
        object? Value(string property) => job.Properties[property]?.Value;
        string state = LanguagePrimitives.ConvertTo<InpaintJobState>(Value(nameof(InpaintJob.State))).ToString();
        return LanguagePrimitives.ConvertTo<int?>(Value(nameof(InpaintJob.QueuePosition))) is > 0 and int position ? string.Create(CultureInfo.InvariantCulture, $"{state} (#{position})")
            : Value(nameof(InpaintJob.StopOutcome))?.ToString() == nameof(StopOutcome.CancellationRequested) && !LanguagePrimitives.IsTrue(Value(nameof(InpaintJob.IsFinished))) ? "Stopping"
            : state;
    }

    /// <summary>The time since a job was created, in its largest unit.</summary>
    /// <param name="createdAt">A <see cref="DateTimeOffset"/>, a date, or what became of one in Clixml.</param>
    /// <returns>Such as <c>7h</c>.</returns>
    public static string Age(object createdAt)
    {
        DateTimeOffset created = createdAt is PSObject { BaseObject: not DateTimeOffset } deserialized && deserialized.Properties["UtcDateTime"]?.Value is DateTime utc ? new DateTimeOffset(utc)
            : LanguagePrimitives.ConvertTo<DateTimeOffset>(createdAt);
        TimeSpan age = DateTimeOffset.UtcNow - created;
        (double number, char unit) = age.TotalDays >= 1 ? (age.TotalDays, 'd') : age.TotalHours >= 1 ? (age.TotalHours, 'h') : age.TotalMinutes >= 1 ? (age.TotalMinutes, 'm') : (Math.Max(0, age.TotalSeconds), 's');
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(number)}{unit}");
    }

    /// <summary>An amount of money.</summary>
    /// <param name="cost">An <see cref="InpaintCost"/>, or what became of one in Clixml.</param>
    /// <returns>Such as <c>$0.010</c>; null for none.</returns>
    public static string? Cost(object? cost) => CostOf(cost)?.ToString() ?? cost?.ToString();

    /// <summary>An amount of money, and whether it is an estimate.</summary>
    /// <param name="cost">As for <see cref="Cost"/>.</param>
    /// <returns>Such as <c>about $0.010</c>; null for none.</returns>
    public static string? CostInWords(object? cost) => CostOf(cost) is { IsEstimate: true } estimate ? $"about {estimate}" : Cost(cost);

    /// <summary>The short form of an id, which commands accept.</summary>
    /// <param name="id">The provider's id of a job, or its id in the journal.</param>
    /// <returns>The text.</returns>
    public static string Id(object? id)
    {
        string text = id?.ToString() ?? "";
        return JobId().IsMatch(text) ? text[..8] : JournalId().Match(text) is { Success: true } match ? match.Groups[1].Value : text;
    }

    private static InpaintCost? CostOf(object? cost)
    {
        if (cost is null)
        {
            return null;
        }

        PSObject wrapped = PSObject.AsPSObject(cost);
        return wrapped.BaseObject as InpaintCost
            ?? (wrapped.Properties[nameof(InpaintCost.Currency)]?.Value is { } currency
                ? new InpaintCost(LanguagePrimitives.ConvertTo<decimal>(wrapped.Properties[nameof(InpaintCost.Amount)].Value), currency.ToString()!, LanguagePrimitives.IsTrue(wrapped.Properties[nameof(InpaintCost.IsEstimate)]?.Value))
                : null);
    }

    [GeneratedRegex("^[0-9a-f]{8}-", RegexOptions.CultureInvariant)]
    private static partial Regex JobId();

    [GeneratedRegex(@"^[0-9]{8}T[0-9]+-([0-9a-f]{12})$", RegexOptions.CultureInvariant)]
    private static partial Regex JournalId();
}
