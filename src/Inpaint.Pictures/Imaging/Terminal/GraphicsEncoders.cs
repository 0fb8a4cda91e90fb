using System.Globalization;
using System.Text;

namespace Inpaint.Imaging.Terminal;

/// <summary>
/// Draws by sixels: columns of six pixels, a character each, one colour after the other (DEC, "VT330/VT340 Programmer Reference Manual", volume 2, chapter 14). 256 colours
/// at most, chosen for the picture.
/// </summary>
internal static class SixelEncoder
{
    private const int MaxColors = 256;
    private const int BandHeight = 6;

    // Shorter runs are written out: the repeat introducer takes a character and a digit.
    private const int MinRun = 4;

    /// <summary>Draws a sheet.</summary>
    /// <param name="sheet">8-bit RGBA, each pixel opaque or fully transparent; the latter keep what is on the screen.</param>
    /// <returns>A device control string.</returns>
    public static string Encode(Raster sheet, CancellationToken cancellationToken)
    {
        PixelColor[] palette = [.. ColorQuantizer.Choose(sheet, MaxColors).Select(AsRegister).Distinct()];
        int[] pixels = new ColorDither(palette).Apply(sheet, cancellationToken);

        // The second parameter, 1: pixels that are not drawn keep the background. Then the aspect ratio of a pixel, 1:1, and the size.
        StringBuilder text = new(sheet.Width * sheet.Height);
        text.Append(CultureInfo.InvariantCulture, $"\eP0;1;0q\"1;1;{sheet.Width};{sheet.Height}");
        for (int i = 0; i < palette.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"#{i};2;{ToPercent(palette[i].Red)};{ToPercent(palette[i].Green)};{ToPercent(palette[i].Blue)}");
        }

        Band band = new(sheet.Width, palette.Length);
        for (int y = 0; y < sheet.Height; y += BandHeight)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (y > 0)
            {
                text.Append('-');
            }

            band.Read(pixels.AsSpan(y * sheet.Width, Math.Min(BandHeight, sheet.Height - y) * sheet.Width));
            band.Write(text);
        }

        return text.Append("\e\\").ToString();
    }

    /// <summary>A colour as the terminal will show it: its registers hold percentages.</summary>
    private static PixelColor AsRegister(PixelColor color)
    {
        static byte Shown(byte value) => (byte)(((ToPercent(value) * 255) + 50) / 100);
        return new PixelColor(Shown(color.Red), Shown(color.Green), Shown(color.Blue));
    }

    private static int ToPercent(byte value) => ((value * 100) + 127) / 255;

    /// <summary>Six rows, separated by colour.</summary>
    private sealed class Band(int width, int colors)
    {
        private readonly byte[]?[] rows = new byte[colors][];
        private readonly bool[] isUsed = new bool[colors];

        public void Read(ReadOnlySpan<int> pixels)
        {
            for (int color = 0; color < colors; color++)
            {
                if (isUsed[color])
                {
                    Array.Clear(rows[color]!);
                    isUsed[color] = false;
                }
            }

            for (int i = 0; i < pixels.Length; i++)
            {
                int color = pixels[i];
                if (color >= 0)
                {
                    isUsed[color] = true;
                    (rows[color] ??= new byte[width])[i % width] |= (byte)(1 << (i / width));
                }
            }
        }

        public void Write(StringBuilder text)
        {
            bool isFirst = true;
            for (int color = 0; color < colors; color++)
            {
                if (isUsed[color])
                {
                    // $ returns to the left edge, for the next colour of the same rows.
                    text.Append(CultureInfo.InvariantCulture, $"{(isFirst ? "" : "$")}#{color}");
                    WriteRow(text, rows[color]);
                    isFirst = false;
                }
            }
        }

        private static void WriteRow(StringBuilder text, ReadOnlySpan<byte> row)
        {
            row = row[..(row.LastIndexOfAnyExcept((byte)0) + 1)];
            while (!row.IsEmpty)
            {
                int run = row.IndexOfAnyExcept(row[0]);
                run = run < 0 ? row.Length : run;
                char sixel = (char)('?' + row[0]);
                if (run < MinRun)
                {
                    text.Append(sixel, run);
                }
                else
                {
                    text.Append(CultureInfo.InvariantCulture, $"!{run}{sixel}");
                }

                row = row[run..];
            }
        }
    }
}

/// <summary>Draws by sending the terminal a PNG in base64, inside escape sequences.</summary>
internal static class InlineImageEncoder
{
    // Kitty's limit for one escape sequence. All chunks but the last must be a multiple of four characters long, which this is.
    private const int KittyChunkLength = 4096;

    /// <summary>Draws with kitty's graphics protocol (sw.kovidgoyal.net/kitty/graphics-protocol): the PNG is cut into several sequences.</summary>
    /// <param name="sheet">8-bit RGBA.</param>
    /// <param name="columns">The width in cells; the height follows from the shape.</param>
    public static string EncodeKitty(Raster sheet, int columns, CancellationToken cancellationToken)
    {
        string data = Convert.ToBase64String(EncodePng(sheet, cancellationToken));
        StringBuilder text = new(data.Length + (data.Length / 200) + 64);
        for (int at = 0; at < data.Length; at += KittyChunkLength)
        {
            int length = Math.Min(KittyChunkLength, data.Length - at);
            int more = at + length < data.Length ? 1 : 0;
            text.Append("\e_G");
            if (at == 0)
            {
                // Transmit and show (a=T) a PNG (f=100). With q=2 the terminal does not reply: its reply would be read as typed text.
                text.Append(CultureInfo.InvariantCulture, $"a=T,f=100,q=2,c={columns},");
            }

            text.Append(CultureInfo.InvariantCulture, $"m={more};").Append(data, at, length).Append("\e\\");
        }

        return text.ToString();
    }

    /// <summary>Draws with iTerm2's inline images (iterm2.com/documentation-images.html): the PNG in one operating system command.</summary>
    /// <param name="sheet">8-bit RGBA.</param>
    /// <param name="columns">The width in cells; the height follows from the shape.</param>
    public static string EncodeITerm2(Raster sheet, int columns, CancellationToken cancellationToken)
    {
        byte[] file = EncodePng(sheet, cancellationToken);
        return FormattableString.Invariant($"\e]1337;File=inline=1;size={file.Length};width={columns};height=auto;preserveAspectRatio=1:{Convert.ToBase64String(file)}\a");
    }

    /// <summary>Encodes a sheet, dropping an alpha channel that is opaque throughout.</summary>
    private static byte[] EncodePng(Raster sheet, CancellationToken cancellationToken)
    {
        bool isOpaque = true;
        for (int i = 3; i < sheet.Data.Length && isOpaque; i += 4)
        {
            isOpaque = sheet.Data[i] == 255;
        }

        using MemoryStream file = new();
        Pictures.Encode(isOpaque ? RasterLayout.Convert(sheet, channels: 3, bitDepth: 8) : sheet, PictureFormat.Png, file, cancellationToken: cancellationToken);
        return file.ToArray();
    }
}
