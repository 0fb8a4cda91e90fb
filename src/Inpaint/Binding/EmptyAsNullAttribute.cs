using System.Management.Automation;

namespace Inpaint.Binding;

/// <summary>Takes an empty cell of a CSV file as "not given". Without it the shell would turn the empty text into the number 0.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EmptyAsNullAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        ((inputData as PSObject)?.BaseObject ?? inputData) is string text && string.IsNullOrWhiteSpace(text) ? null : inputData;
}
