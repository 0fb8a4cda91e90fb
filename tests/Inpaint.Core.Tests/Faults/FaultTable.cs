using System.Globalization;
using System.Text.RegularExpressions;
using Inpaint.Emulator.Faults;

namespace Inpaint.Tests.Faults;

/// <summary>What one cell came to, or is expected to come to.</summary>
/// <param name="Outcome">A column's word for success, or the error id.</param>
/// <param name="Requests">How many requests of the operation reached the service.</param>
/// <param name="Elapsed">How long the call took; of an expectation, the most that it may take.</param>
internal sealed record FaultOutcome(string Outcome, int Requests, TimeSpan Elapsed)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Outcome} {Requests}× {Elapsed.TotalSeconds:0.##} s");
}

/// <summary>
/// The expectations of the matrix, read from docs/fault-matrix.md: a table for each operation, a row for each fault, a column for each provider. A cell says
/// what becomes of a call that meets the fault once, and after a semicolon of one that meets it every time: outcome, requests, and the longest time.
/// </summary>
internal static partial class FaultTable
{
    private static readonly Dictionary<(string Operation, string Column, string Fault, bool Always), FaultOutcome> Cells = Read();

    /// <summary>Finds what is expected.</summary>
    /// <returns>The expectation; null when the table has no such cell.</returns>
    public static FaultOutcome? Find(WireColumn column, WireFault fault, bool always) => Cells.GetValueOrDefault((column.Operation, column.Name, fault.Name, always));

    /// <summary>How many outcomes the table promises.</summary>
    public static int Count => Cells.Count;

    private static Dictionary<(string, string, string, bool), FaultOutcome> Read()
    {
        Dictionary<(string, string, string, bool), FaultOutcome> cells = [];
        string operation = "";
        string[] columns = [];
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Faults", "fault-matrix.md")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                operation = line[3..].Trim();
            }
            else if (line.StartsWith("| Fault |", StringComparison.Ordinal))
            {
                columns = Split(line)[1..];
            }
            else if (line.StartsWith("| ", StringComparison.Ordinal))
            {
                string[] row = Split(line);
                for (int index = 1; index < row.Length; index++)
                {
                    string[] outcomes = row[index].Split(';', StringSplitOptions.TrimEntries);
                    cells.Add((operation, columns[index - 1], row[0], false), Parse(outcomes[0]));
                    cells.Add((operation, columns[index - 1], row[0], true), Parse(outcomes[^1]));
                }
            }
        }

        return cells;
    }

    private static string[] Split(string line) => [.. line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries)];

    private static FaultOutcome Parse(string text) => Form().Match(text) is { Success: true, Groups: { } groups }
        ? new FaultOutcome(groups[1].Value, int.Parse(groups[2].Value, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(int.Parse(groups[3].Value, CultureInfo.InvariantCulture)))
        : throw new FormatException($"'{text}' is no outcome such as 'ok 2× 3 s'.");

    [GeneratedRegex(@"^(\w+) (\d+)× (\d+) s$")]
    private static partial Regex Form();
}
