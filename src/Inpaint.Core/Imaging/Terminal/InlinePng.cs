
namespace Inpaint.Imaging.Terminal;

/// <summary>Makes the PNG that a terminal is sent inside its text.</summary>
internal static class InlinePng
{
    /// <summary>Encodes a sheet: without an alpha channel that says nothing.</summary>
    /// <param name="sheet">8-bit RGBA.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static byte[] Encode(Raster sheet, CancellationToken cancellationToken)
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
