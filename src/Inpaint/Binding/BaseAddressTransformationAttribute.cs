using System.Management.Automation;

namespace Inpaint.Binding;

/// <summary>Takes a service's address as text. One that is none is not repeated in the error, as the shell's own conversion would: a password may stand in it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BaseAddressTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) => ((inputData as PSObject)?.BaseObject ?? inputData) switch
    {
        null or "" => null,
        Uri uri => uri,
        string text when Uri.TryCreate(text.Trim(), UriKind.Absolute, out Uri? uri) => uri,
        _ => throw new PSInvalidCastException("That is not an address such as https://proxy.example/fal. It is not shown here, because a password may stand in it."),
    };
}
