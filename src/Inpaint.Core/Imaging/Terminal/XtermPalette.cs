namespace Inpaint.Imaging.Terminal;

/// <summary>
/// The part of xterm's 256 colours that is the same everywhere: the cube of 6 by 6 by 6 from number 16 on and the 24 grays from 232 on (xterm, 256colres.pl). The first 16 are
/// the user's own.
/// </summary>
internal static class XtermPalette
{
    private const int FirstNumber = 16;

    private static readonly byte[] Levels = [0, 95, 135, 175, 215, 255];

    /// <summary>The colours, beginning with number 16.</summary>
    public static PixelColor[] Colors { get; } =
    [
        .. from red in Levels from green in Levels from blue in Levels select new PixelColor(red, green, blue),
        .. Enumerable.Range(0, 24).Select(i => (byte)(8 + (10 * i))).Select(gray => new PixelColor(gray, gray, gray)),
    ];

    /// <summary>Replaces the colours of a sheet by these.</summary>
    /// <param name="sheet">8-bit RGBA, each pixel opaque or fully transparent.</param>
    /// <returns>xterm's number for each pixel; -1 for a transparent one.</returns>
    public static int[] Dither(Raster sheet)
    {
        int[] numbers = new ColorDither(Colors).Apply(sheet, CancellationToken.None);
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = numbers[i] < 0 ? numbers[i] : numbers[i] + FirstNumber;
        }

        return numbers;
    }
}
