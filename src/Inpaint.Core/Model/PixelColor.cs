using System.Globalization;
using System.Runtime.InteropServices;

namespace Inpaint;

/// <summary>An opaque colour, 8 bits per channel.</summary>
/// <param name="Red">Red.</param>
/// <param name="Green">Green.</param>
/// <param name="Blue">Blue.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PixelColor(byte Red, byte Green, byte Blue)
{
    /// <summary>Reads a colour.</summary>
    /// <param name="text"><c>#rrggbb</c>, in hexadecimal digits; the # may be missing.</param>
    /// <returns>The colour.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the text is no colour.</exception>
    public static PixelColor Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ReadOnlySpan<char> digits = text.AsSpan().Trim();
        digits = digits.StartsWith("#") ? digits[1..] : digits;
        return digits.Length == 6 && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
            ? new PixelColor((byte)(value >> 16), (byte)(value >> 8), (byte)value)
            : throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{text}' is no colour. Give it as '#rrggbb' in hexadecimal digits, such as '#00ff00'.");
    }

    /// <inheritdoc/>
    public override string ToString() => $"#{Red:x2}{Green:x2}{Blue:x2}";
}
