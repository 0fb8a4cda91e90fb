using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Security;

namespace Inpaint.Binding;

/// <summary>
/// Reads an age as the tables show it: <c>30d</c>, <c>12h</c>, <c>45m</c>, <c>90s</c>, or a TimeSpan. A bare number is refused: the shell would read 30 as 30 ten-millionths
/// of a second.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AgeTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (inputData is null || PSObject.AsPSObject(inputData).BaseObject is TimeSpan { Ticks: >= 0 })
        {
            return inputData;
        }

        // To the shell 30d is a decimal number and 90s a short one; the words in which they were written are what counts.
        string text = inputData.ToString() ?? "";
        return TryRead(text.Trim(), out TimeSpan age)
            ? age
            : throw new ArgumentTransformationMetadataException($"'{text}' is not an age. Write 30d, 12h or 45m, or give a TimeSpan.");
    }

    private static bool TryRead(string text, out TimeSpan age)
    {
        age = default;
        double seconds = text.Length == 0 ? 0 : char.ToLowerInvariant(text[^1]) switch
        {
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => 0,
        };
        if (seconds == 0)
        {
            return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out age) && age >= TimeSpan.Zero;
        }

        if (!double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) || number * seconds >= TimeSpan.MaxValue.TotalSeconds)
        {
            return false;
        }

        age = TimeSpan.FromSeconds(number * seconds);
        return true;
    }
}

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
