using System.Globalization;
using System.Text;

namespace Inpaint.Imaging.Terminal;

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
