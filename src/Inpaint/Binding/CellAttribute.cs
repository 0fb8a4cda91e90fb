using System.Management.Automation;

namespace Inpaint.Binding;

/// <summary>
/// Reads a parameter that may be a column of a CSV file. An empty cell counts as "not given", where the shell would make the number 0 of it. A cell that
/// cannot be read is an error of its row, where the shell would leave the parameter out and pay for a job that nobody asked for.
/// </summary>
/// <param name="type">What the text must be readable as.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class CellAttribute(Type type) : ArgumentTransformationAttribute
{
    /// <summary>What the text must be readable as.</summary>
    public Type Type { get; } = type;

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = (inputData as PSObject)?.BaseObject ?? inputData;
        if (value is null || (value is string text && string.IsNullOrWhiteSpace(text)))
        {
            return null;
        }

        // Not the exception that the conversion itself throws: after that one the binder would only look elsewhere.
        return LanguagePrimitives.TryConvertTo(inputData, Type, System.Globalization.CultureInfo.InvariantCulture, out object result)
            ? result
            : throw new ArgumentTransformationMetadataException(
                $"'{value}' cannot be read as {Type.Name}{(Type.IsEnum ? $", which is one of {string.Join(", ", Enum.GetNames(Type))}" : "")}.");
    }
}
