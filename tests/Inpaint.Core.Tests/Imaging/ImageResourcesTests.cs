using System.Text;
using System.Text.Json;
using Inpaint.Imaging;
using Inpaint.Tests.Results;
using Xunit;

namespace Inpaint.Tests.Imaging;

/// <summary>What photographers and agencies write into a JPEG as IPTC comes through, also when the result is a PNG.</summary>
public sealed class ImageResourcesTests
{
    [Theory]
    [InlineData(PictureFormat.Jpeg, 20)]
    [InlineData(PictureFormat.Png, 20)]
    [InlineData(PictureFormat.Jpeg, 150_000)]
    public void Captions_survive(PictureFormat format, int length)
    {
        string caption = new('c', length);
        Raster original = new(16, 8, 3) { Metadata = new PictureMetadata { ImageResources = Resources(caption) } };
        Raster read = Read(Write(original, PictureFormat.Jpeg));
        Assert.Equal(original.Metadata.ImageResources, read.Metadata.ImageResources);

        byte[] written = Write(read, format);
        using JsonDocument tags = ExifTool.Read(written);
        Assert.Equal(caption, tags.RootElement[0].GetProperty("IPTC:Caption-Abstract").GetString());

        // As it is read and written once more.
        using JsonDocument again = ExifTool.Read(Write(Read(written), format));
        Assert.Equal(caption, again.RootElement[0].GetProperty("IPTC:Caption-Abstract").GetString());
    }

    private static byte[] Write(Raster raster, PictureFormat format)
    {
        MemoryStream file = new();
        PictureCodec.Encode(raster, format, file);
        return file.ToArray();
    }

    private static Raster Read(byte[] file) => PictureCodec.Decode(new MemoryStream(file), "picture");

    // One resource, 0x0404: an IPTC record 2, data set 120 (the caption), with a long length where it needs one.
    private static byte[] Resources(string caption)
    {
        byte[] text = Encoding.ASCII.GetBytes(caption);
        byte[] length = text.Length < 32768
            ? [(byte)(text.Length >> 8), (byte)text.Length]
            : [0x80, 4, (byte)(text.Length >> 24), (byte)(text.Length >> 16), (byte)(text.Length >> 8), (byte)text.Length];
        byte[] iptc = [0x1C, 2, 120, .. length, .. text];
        byte[] padding = iptc.Length % 2 == 1 ? [0] : [];
        return [.. "8BIM"u8, 4, 4, 0, 0, (byte)(iptc.Length >> 24), (byte)(iptc.Length >> 16), (byte)(iptc.Length >> 8), (byte)iptc.Length, .. iptc, .. padding];
    }
}
