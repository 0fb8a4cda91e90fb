using System.Runtime.InteropServices;
using Inpaint.Imaging;
using Inpaint.Providers.Shared;

namespace Inpaint.Emulator.Pictures;

/// <summary>A picture as a file, read and written by the engine's own codecs: PNG and JPEG.</summary>
/// <param name="Bytes">The file.</param>
/// <param name="ContentType">Its type.</param>
/// <param name="Extension">What its name ends in, without a dot.</param>
internal sealed record PictureFile(byte[] Bytes, string ContentType, string Extension)
{
    public string DataUri => $"data:{ContentType};base64,{Convert.ToBase64String(Bytes)}";

    /// <summary>Encodes a picture.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="format">png or jpeg, as the services call them.</param>
    public static PictureFile Encode(Picture picture, string format = "png")
    {
        Raster raster = new(picture.Width, picture.Height, 3, 8, picture.Rgb);
        using MemoryStream file = new();
        Imaging.Pictures.Encode(raster, format == "jpeg" ? PictureFormat.Jpeg : PictureFormat.Png, file);
        return new(file.ToArray(), $"image/{format}", format);
    }

    /// <summary>Decodes a picture, transparency laid over white; null when it is none that can be read.</summary>
    public static Picture? Decode(ReadOnlyMemory<byte> file)
    {
        using MemoryStream stream = Open(file);
        try
        {
            return FromRaster(Imaging.Pictures.Decode(stream, "The picture"));
        }
        catch (InpaintException)
        {
            return null;
        }
    }

    private static MemoryStream Open(ReadOnlyMemory<byte> file) =>
        MemoryMarshal.TryGetArray(file, out ArraySegment<byte> array) ? new(array.Array!, array.Offset, array.Count, writable: false) : new(file.ToArray());

    private static Picture FromRaster(Raster raster)
    {
        Picture picture = Picture.Black(raster.Width, raster.Height);
        byte[] row = new byte[raster.Width * raster.ColorChannels];
        for (int y = 0; y < raster.Height; y++)
        {
            RasterLayout.ToOpaque8Bit(raster, y, row);
            for (int x = 0; x < raster.Width * 3; x++)
            {
                picture.Rgb[y * raster.Width * 3 + x] = row[raster.ColorChannels == 3 ? x : x / 3];
            }
        }

        return picture;
    }
}
