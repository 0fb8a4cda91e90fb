using System.Management.Automation;
using System.Net;
using System.Security;

namespace Inpaint.Binding;

/// <summary>Takes a key as SecureString, as credential (its password), or as plain text.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecureStringTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) => ((inputData as PSObject)?.BaseObject ?? inputData) switch
    {
        null or "" => null,
        SecureString key => key,
        PSCredential credential => credential.Password,
        string text => new NetworkCredential("", text.Trim()).SecurePassword,
        // The value itself is not repeated: it may be the key in another form.
        _ => throw new PSInvalidCastException("A key is a SecureString, as Read-Host -AsSecureString gives it, or a string."),
    };
}
