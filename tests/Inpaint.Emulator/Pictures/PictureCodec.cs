using System.IO.Compression;
using System.Runtime.InteropServices;
using Inpaint.Imaging;
using Inpaint.Imaging.Png;

namespace Inpaint.Emulator.Pictures;

/// <summary>Reads and writes picture files with the engine's own codecs.</summary>
internal static class PictureCodec
{
    /// <summary>Decodes a picture, alpha dropped and 16 bits cut to 8; null when it is none that can be read.</summary>
    public static Picture? Decode(ReadOnlyMemory<byte> file)
    {
        using MemoryStream stream = Open(file);
        try
        {
            return FromRaster(PngDecoder.Decode(stream));
        }
        catch (InpaintException)
        {
            return null;
        }
    }

    public static byte[] EncodePng(Picture picture)
    {
        MemoryStream file = new();
        PngEncoder.Encode(new Raster(picture.Width, picture.Height, 3, 8, picture.Rgb), file, CompressionLevel.Fastest);
        return file.ToArray();
    }

    private static MemoryStream Open(ReadOnlyMemory<byte> file) =>
        MemoryMarshal.TryGetArray(file, out ArraySegment<byte> array) ? new(array.Array!, array.Offset, array.Count, writable: false) : new(file.ToArray());

    private static Picture FromRaster(Raster raster)
    {
        Picture picture = Picture.Black(raster.Width, raster.Height);
        int pixels = raster.Width * raster.Height;
        for (int pixel = 0; pixel < pixels; pixel++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                int sample = pixel * raster.Channels + (raster.ColorChannels == 1 ? 0 : channel);
                picture.Rgb[pixel * 3 + channel] = raster.BitDepth == 8 ? raster.Data[sample] : (byte)(raster.AsUInt16()[sample] >> 8);
            }
        }

        return picture;
    }
}
