using System.Globalization;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using Inpaint.Planning;

namespace Inpaint.Binding;

/// <summary>
/// Reads a parameter that may be a column of a CSV file, by the same rules in every country. An empty cell counts as "not given", where the shell would make the
/// number 0 of it. One that cannot be read is an error of its row (<see cref="Pipeline.RowCommand"/>), where the shell would leave the parameter out, or read "3,5" as 35, and pay
/// for a job that nobody asked for.
/// </summary>
/// <param name="type">What the text must be readable as.</param>
/// <param name="column">The parameter's name.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CellAttribute(Type type, [CallerMemberName] string column = "") : ArgumentTransformationAttribute
{
    /// <summary>What the text must be readable as.</summary>
    public Type Type { get; } = type;

    /// <summary>The parameter's name.</summary>
    public string Column { get; } = column;

    /// <summary>The smallest number that is taken.</summary>
    public double Minimum { get; set; } = double.NegativeInfinity;

    /// <summary>The largest number that is taken.</summary>
    public double Maximum { get; set; } = double.PositiveInfinity;

    private object? Blank => Type == typeof(SwitchParameter) ? new SwitchParameter(isPresent: false) : null;

    private bool IsWhole => Type == typeof(int) || Type == typeof(long);

    private bool IsNumber => IsWhole || Type == typeof(double) || Type == typeof(decimal);

    private string Expected => this switch
    {
        { Type.IsEnum: true } => $"{Type.Name}, which is one of {string.Join(", ", Enum.GetNames(Type))}",
        { IsNumber: true } => (IsWhole ? "a whole number" : "a number, which is written with a point as in 3.5")
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
            throw new ArgumentTransformationMetadataException($"-{Column} takes no script block. Use ForEach-Object to give each item a value of its own.");
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
                _ => OptionValue.ParseSwitch(Convert.ToString(value, CultureInfo.InvariantCulture)?.Trim() ?? ""),
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
internal sealed record UnreadableCell(string Column, string Reason);

/// <summary>
/// The values of the item that is being bound which could not be read. The shell's own error for them names neither row nor error id, and a transformation knows
/// nothing of the command that it works for; but the shell binds an item and processes it on one thread, one right after the other.
/// </summary>
internal static class UnreadableCells
{
    [ThreadStatic]
    private static List<UnreadableCell>? noted;

    /// <summary>Notes a value.</summary>
    /// <param name="column">The parameter.</param>
    /// <param name="reason">A clause that names the value and what is expected.</param>
    public static void Note(string column, string reason)
    {
        // The binder tries a value again where it thinks that it must be converted.
        UnreadableCell cell = new(column, reason);
        if (noted?.Contains(cell) != true)
        {
            (noted ??= []).Add(cell);
        }
    }

    /// <summary>Forgets what was noted for an item that was never processed.</summary>
    public static void Clear() => noted = null;

    /// <summary>Takes what was noted.</summary>
    /// <returns>The values; empty when all could be read.</returns>
    public static IReadOnlyList<UnreadableCell> Take()
    {
        List<UnreadableCell>? taken = noted;
        noted = null;
        return taken ?? [];
    }
}
