using System.Globalization;
using System.Management.Automation;

namespace Inpaint.Binding;

/// <summary>The columns of a row that comes through the pipeline.</summary>
internal static class Columns
{
    /// <summary>The column that names a result's file.</summary>
    public const string OutPath = "OutPath";

    // What is longer names no file; a picture as a data URI may stand in a column, too.
    private const int LongestValue = 1000;

    // What the shell notes on every file.
    private static readonly string[] OfTheShell = ["PSPath", "PSParentPath", "PSChildName"];

    private static readonly string[] Secrets = ["key", "secret", "token", "password", "credential"];

    /// <summary>Whether a column may say how files are called, whatever the command's own parameter of that name takes.</summary>
    /// <param name="column">The column.</param>
    /// <returns>Whether it may.</returns>
    public static bool NamesFiles(string column) => string.Equals(column, OutPath, StringComparison.OrdinalIgnoreCase) || string.Equals(column, "Name", StringComparison.OrdinalIgnoreCase);

    /// <summary>The texts that may name the files of a job. They are kept with it, so that columns which may hold a key are left out.</summary>
    /// <param name="item">The item; null for none.</param>
    /// <returns>The columns, in any case.</returns>
    public static IReadOnlyDictionary<string, string> Read(PSObject? item)
    {
        Dictionary<string, string> columns = new(StringComparer.OrdinalIgnoreCase);
        foreach (PSPropertyInfo property in item?.Properties.OfType<PSNoteProperty>().Where(note => !OfTheShell.Contains(note.Name)) ?? [])
        {
            object? value = PSObject.AsPSObject(property.Value ?? "").BaseObject;
            bool mayName = value is string or IFormattable && !Secrets.Any(word => property.Name.Contains(word, StringComparison.OrdinalIgnoreCase));
            if (mayName && Convert.ToString(value, CultureInfo.InvariantCulture)!.Trim() is { Length: <= LongestValue } text)
            {
                columns[property.Name] = text;
            }
        }

        return columns;
    }

    /// <summary>The parameter that a column's name was probably meant to be.</summary>
    /// <param name="column">The column.</param>
    /// <param name="parameters">The names of the parameters.</param>
    /// <returns>The parameter; null when it looks like none.</returns>
    public static string? Meant(string column, IEnumerable<string> parameters)
    {
        string plain = Plain(column);
        return plain.Length < 3 ? null : parameters
            .Select(name => (Name: name, Plain: Plain(name)))
            .Select(p => (p.Name, Distance: p.Plain.StartsWith(plain, StringComparison.Ordinal) ? 0 : Distance(plain, p.Plain), Allowed: Math.Min(plain.Length, p.Plain.Length) < 6 ? 1 : 2))
            .Where(p => p.Distance <= p.Allowed)
            .OrderBy(p => p.Distance)
            .Select(p => p.Name)
            .FirstOrDefault();
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToUpperInvariant();

    /// <summary>How many letters must be typed, left out, replaced or swapped with their neighbour.</summary>
    private static int Distance(string one, string other)
    {
        int[,] cost = new int[one.Length + 1, other.Length + 1];
        for (int i = 0; i <= one.Length; i++)
        {
            for (int j = 0; j <= other.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                int replaced = cost[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[one.Length, other.Length];
    }
}
