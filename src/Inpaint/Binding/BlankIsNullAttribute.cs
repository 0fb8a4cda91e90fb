using System.Globalization;
using System.Management.Automation;
using System.Runtime.CompilerServices;

namespace Inpaint.Binding;

/// <summary>
/// Reads a parameter that may be a column of a CSV file, with the same rules in every culture. An empty cell counts as "not given", where the shell would convert it to 0.
/// A value that cannot be read becomes an error of its row (<see cref="Pipeline.RowCommand"/>), where the shell would ignore the parameter, or read "3,5" as 35, and pay for an unintended job.
/// </summary>
/// <param name="type">The type to which the text must convert.</param>
/// <param name="column">The parameter's name.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BlankIsNullAttribute(Type type, [CallerMemberName] string column = "") : ArgumentTransformationAttribute
{
    /// <summary>The type to which the text must convert.</summary>
    public Type Type { get; } = type;

    /// <summary>The parameter's name.</summary>
    public string Column { get; } = column;

    /// <summary>The smallest number that is accepted.</summary>
    public double Minimum { get; set; } = double.NegativeInfinity;

    /// <summary>The largest number that is accepted.</summary>
    public double Maximum { get; set; } = double.PositiveInfinity;

    private object? Blank => Type == typeof(SwitchParameter) ? new SwitchParameter(isPresent: false) : null;

    private bool IsWhole => Type == typeof(int) || Type == typeof(long);

    private bool IsNumber => IsWhole || Type == typeof(double) || Type == typeof(decimal);

    private string Expected => this switch
    {
        { Type.IsEnum: true } => $"{Type.Name}, which is one of {string.Join(", ", Enum.GetNames(Type))}",
        { IsNumber: true } => (IsWhole ? "a whole number" : "a number with a decimal point, such as 3.5")
            + (double.IsFinite(Minimum) ? FormattableString.Invariant($" from {Minimum:0} to {Maximum:0}") : ""),
        _ when Type == typeof(SwitchParameter) => "yes or no",
        _ => Type.Name,
    };

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = (inputData as PSObject)?.BaseObject ?? inputData;
        if (value is null || (value is string text && string.IsNullOrWhiteSpace(text)))
        {
            return Blank;
        }

        if (value is ScriptBlock)
        {
            throw new ArgumentTransformationMetadataException($"-{Column} does not accept a script block. Use ForEach-Object to specify a value for each item.");
        }

        if (TryRead(inputData, value, out object? read))
        {
            return read;
        }

        UnreadableCells.Note(Column, $"'{value}' cannot be read as {Expected}");
        return Blank;
    }

    private bool TryRead(object given, object value, out object? read)
    {
        if (Type == typeof(SwitchParameter))
        {
            bool? flag = value switch
            {
                bool known => known,
                SwitchParameter known => known.IsPresent,
                _ => ParameterCapability.ParseSwitch(Convert.ToString(value, CultureInfo.InvariantCulture)?.Trim() ?? ""),
            };
            read = new SwitchParameter(flag == true);
            return flag is not null;
        }

        if (IsNumber)
        {
            read = ReadNumber(value);
            return read is not null;
        }

        return LanguagePrimitives.TryConvertTo(given, Type, CultureInfo.InvariantCulture, out read);
    }

    private object? ReadNumber(object value)
    {
        NumberStyles style = IsWhole ? NumberStyles.Integer : NumberStyles.Float;
        string text = value switch
        {
            string written => written,
            byte or sbyte or short or ushort or int or uint or long or ulong or decimal => Convert.ToString(value, CultureInfo.InvariantCulture)!,
            double or float when Convert.ToDouble(value, CultureInfo.InvariantCulture) is double number => IsWhole && Math.Abs(number) < 1e15 ? number.ToString("0.###", CultureInfo.InvariantCulture) : number.ToString("R", CultureInfo.InvariantCulture),
            _ => "",
        };
        object? read = null;
        if (Type == typeof(int) && int.TryParse(text, style, CultureInfo.InvariantCulture, out int whole))
        {
            read = whole;
        }
        else if (Type == typeof(long) && long.TryParse(text, style, CultureInfo.InvariantCulture, out long large))
        {
            read = large;
        }
        else if (Type == typeof(double) && double.TryParse(text, style, CultureInfo.InvariantCulture, out double real))
        {
            read = real;
        }
        else if (Type == typeof(decimal) && decimal.TryParse(text, style, CultureInfo.InvariantCulture, out decimal amount))
        {
            read = amount;
        }

        return read is not null && Convert.ToDouble(read, CultureInfo.InvariantCulture) is double size && (size < Minimum || size > Maximum) ? null : read;
    }
}

/// <summary>A value that could not be read.</summary>
/// <param name="Column">The parameter.</param>
/// <param name="Reason">A clause that names the value and what is expected.</param>
internal sealed record UnreadableValue(string Column, string Reason);

/// <summary>
/// The values of the current item that could not be read. The shell's own error would name neither the row nor an error id, and a transformation has no access to
/// its cmdlet; but the shell binds and processes an item on one thread, so that a thread-static list connects them.
/// </summary>
internal static class UnreadableCells
{
    [ThreadStatic]
    private static List<UnreadableValue>? noted;

    /// <summary>Adds a value.</summary>
    /// <param name="column">The parameter.</param>
    /// <param name="reason">A clause that names the value and what is expected.</param>
    public static void Note(string column, string reason)
    {
        // The binder calls a transformation again when it believes that a conversion is needed.
        UnreadableValue cell = new(column, reason);
        if (noted?.Contains(cell) != true)
        {
            (noted ??= []).Add(cell);
        }
    }

    /// <summary>Drops the values of an item that was never processed.</summary>
    public static void Clear() => noted = null;

    /// <summary>Returns the values and clears the list.</summary>
    /// <returns>The values; empty when all could be read.</returns>
    public static IReadOnlyList<UnreadableValue> Take()
    {
        List<UnreadableValue>? taken = noted;
        noted = null;
        return taken ?? [];
    }
}

/// <summary>The columns of a piped row.</summary>
internal static class Columns
{
    /// <summary>The column that names a result's file.</summary>
    public const string OutPath = "OutPath";

    // Longer values are not meant for file names; a column may also contain a picture as a data URI.
    private const int MaxValueLength = 1000;

    // Properties that the shell adds to every file.
    private static readonly string[] ShellProperties = ["PSPath", "PSParentPath", "PSChildName"];

    private static readonly string[] Secrets = ["key", "secret", "token", "password", "credential"];

    /// <summary>Whether a column may contribute to file names, whatever type the command's own parameter of that name has.</summary>
    public static bool NamesFiles(string column) => string.Equals(column, OutPath, StringComparison.OrdinalIgnoreCase) || string.Equals(column, "Name", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads the texts that may be used in a job's file names. They are stored with the job, so columns that may contain a key are left out.</summary>
    /// <param name="item">The item; null for none.</param>
    /// <returns>The columns; names are compared without case.</returns>
    public static IReadOnlyDictionary<string, string> Read(PSObject? item)
    {
        Dictionary<string, string> columns = new(StringComparer.OrdinalIgnoreCase);
        foreach (PSPropertyInfo property in item?.Properties.OfType<PSNoteProperty>().Where(note => !ShellProperties.Contains(note.Name)) ?? [])
        {
            object? value = PSObject.AsPSObject(property.Value ?? "").BaseObject;
            bool mayName = value is string or IFormattable && !Secrets.Any(word => property.Name.Contains(word, StringComparison.OrdinalIgnoreCase));
            if (mayName && Convert.ToString(value, CultureInfo.InvariantCulture)!.Trim() is { Length: <= MaxValueLength } text)
            {
                columns[property.Name] = text;
            }
        }

        return columns;
    }
}
