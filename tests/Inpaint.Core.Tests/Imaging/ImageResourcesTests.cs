using System.Text;
using System.Text.Json;
using Inpaint.Imaging;
using Inpaint.Imaging.Png;
using Inpaint.Tests.Results;
using Xunit;

namespace Inpaint.Tests.Imaging;

/// <summary>What photographers and agencies write into a JPEG as IPTC comes through, also when the result is a PNG.</summary>
public sealed class ImageResourcesTests
{
    [RequiresTheory(Requirement.ExifTool)]
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

        // As it is read and written once more, and as the other format.
        foreach (PictureFormat next in new[] { PictureFormat.Png, PictureFormat.Jpeg })
        {
            using JsonDocument again = ExifTool.Read(Write(Read(written), next));
            Assert.Equal(caption, again.RootElement[0].GetProperty("IPTC:Caption-Abstract").GetString());
            Assert.False(again.RootElement[0].TryGetProperty("File:Comment", out _));
        }
    }

    [Fact]
    public void They_stand_in_a_png_in_lower_case_digits_for_which_exiv2_does_not_refuse_it()
    {
        string text = PngRawProfile.Write(PngRawProfile.ImageResources, [0xAB, 0xCD, 0xEF]);
        Assert.EndsWith("\nabcdef\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_other_programs_put_into_texts_of_a_png_is_understood()
    {
        byte[] xmp = Encoding.UTF8.GetBytes("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>");
        PictureText[] texts =
        [
            new("Raw profile type xmp", PngRawProfile.Write("xmp", xmp)),
            new("Raw profile type exif", PngRawProfile.Write("exif", [.. "Exif\0\0"u8, .. "II*\0"u8])),
            new("Raw profile type 8bim", PngRawProfile.Write("8bim", Resources("a lion"))),
            new("Raw profile type icc", PngRawProfile.Write("icc", [1, 2, 3])),
            new("Raw profile type iptc", "\niptc\n 3\nzz"),
            new("Comment", "mine"),
        ];
        PictureMetadata read = Read(Write(new Raster(4, 4, 1) { Metadata = new PictureMetadata { Texts = texts } }, PictureFormat.Png)).Metadata;

        Assert.Equal(xmp, read.Xmp);
        Assert.Equal("II*\0"u8.ToArray(), read.Exif);
        Assert.Equal(Resources("a lion"), read.ImageResources);
        Assert.Equal([1, 2, 3], read.IccProfile);
        Assert.Equal(texts[4..], read.Texts);
    }

    private static byte[] Write(Raster raster, PictureFormat format)
    {
        MemoryStream file = new();
        Pictures.Encode(raster, format, file);
        return file.ToArray();
    }

    private static Raster Read(byte[] file) => Pictures.Decode(new MemoryStream(file), "picture");

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
