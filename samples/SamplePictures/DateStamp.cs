using System.Numerics;

namespace Inpaint.SamplePictures;

/// <summary>A date in glowing bars, as old cameras exposed it into a corner of the picture. Coordinates are pixels of the finished picture.</summary>
internal static class DateStamp
{
    private const string Text = "26 11 25";
    private const double Left = 168;
    private const double Top = 184;
    private const double DigitWidth = 11;
    private const double DigitHeight = 21;
    private const double Advance = 17;
    private const double Bar = 2.6;
    private static readonly Vector3 Glow = new(1.00f, 0.52f, 0.08f);

    // The bars of each digit, a bit each: top, upper left, upper right, middle, lower left, lower right, bottom.
    private static readonly int[] Bars = [0b1110111, 0b0010010, 0b1011101, 0b1011011, 0b0111010, 0b1101011, 0b1101111, 0b1010010, 0b1111111, 0b1111011];

    /// <summary>The colour of a point: the stamp's, or what lies behind it.</summary>
    /// <returns>Red, green, blue, 0 to 1.</returns>
    public static Vector3 Over(Vector3 behind, double x, double y)
    {
        int place = (int)Math.Floor((x - Left) / Advance);
        if (place < 0 || place >= Text.Length || !char.IsAsciiDigit(Text[place]))
        {
            return behind;
        }

        double inX = x - Left - place * Advance;
        double inY = y - Top;
        int bars = Bars[Text[place] - '0'];
        for (int bar = 0; bar < 7; bar++)
        {
            if ((bars >> (6 - bar) & 1) != 0 && IsOn(bar, inX, inY))
            {
                return Glow;
            }
        }

        return behind;
    }

    private static bool IsOn(int bar, double x, double y)
    {
        double middle = DigitHeight / 2;
        return bar switch
        {
            0 => IsWithin(x, y, 0, 0, DigitWidth, Bar),
            1 => IsWithin(x, y, 0, 0, Bar, middle),
            2 => IsWithin(x, y, DigitWidth - Bar, 0, DigitWidth, middle),
            3 => IsWithin(x, y, 0, middle - Bar / 2, DigitWidth, middle + Bar / 2),
            4 => IsWithin(x, y, 0, middle, Bar, DigitHeight),
            5 => IsWithin(x, y, DigitWidth - Bar, middle, DigitWidth, DigitHeight),
            _ => IsWithin(x, y, 0, DigitHeight - Bar, DigitWidth, DigitHeight),
        };
    }

    private static bool IsWithin(double x, double y, double left, double top, double right, double bottom) => x >= left && x < right && y >= top && y < bottom;
}
