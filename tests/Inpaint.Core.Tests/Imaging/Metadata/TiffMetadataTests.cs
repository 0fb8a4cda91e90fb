using System.Text;
using System.Text.Json;
using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;
using Inpaint.Tests.Results;
using Xunit;

namespace Inpaint.Tests.Imaging.Metadata;

/// <summary>What a photograph says of itself survives in a TIFF and out of it, as other programs read it.</summary>
public sealed class TiffMetadataTests
{
    private const ushort Make = 0x010F;
    private const ushort MakerNote = 0x927C;
    private const ushort ExifDirectory = 0x8769;
    private static readonly byte[] Iptc = [0x1C, 2, 105, 0, 4, .. "Head"u8];
    private static readonly byte[] Note = [.. "note with offsets of its own"u8];

    [Theory]
    [InlineData(false, 8)]
    [InlineData(true, 8)]
    [InlineData(false, 16)]
    [InlineData(true, 16)]
    public void Exif_and_iptc_survive_in_both_byte_orders_and_samples_are_the_same(bool bigEndian, int bitDepth)
    {
        Raster photograph = Photograph(!bigEndian, bitDepth);
        byte[] file = TestPictures.Encode(photograph, PictureFormat.Tiff);
        Raster read = Pictures.Decode(new MemoryStream(file), "p");
        Raster again = Pictures.Decode(new MemoryStream(TestPictures.Encode(read, PictureFormat.Tiff)), "p");

        Assert.Equal(bigEndian ? "MM"u8 : "II"u8, file.AsSpan(0, 2));
        foreach (Raster picture in new[] { read, again })
        {
            Assert.Equal(photograph.Data, picture.Data);
            Assert.Equal(photograph.Metadata.Xmp, picture.Metadata.Xmp);
            Assert.Equal(Iptc, ImageResources.ReadIptc(picture.Metadata.ImageResources));
            byte[] exif = picture.Metadata.Exif!;
            TiffEntry make = Assert.Single(TiffDirectory.Read(exif, TiffDirectory.First(exif)), entry => entry.Tag == Make);
            Assert.Equal("Camera works\0", Encoding.ASCII.GetString(exif, make.Start, make.Length));

            // What the note says by places in the file stays true.
            TiffEntry note = NoteOf(exif);
            Assert.Equal(NoteOf(photograph.Metadata.Exif!).Start, note.Start);
            Assert.Equal(Note, exif.AsSpan(note.Start, note.Length).ToArray());
        }
    }

    [Fact]
    public void Iptc_survives_where_there_is_no_exif_and_where_no_other_resource_is()
    {
        Raster picture = new(8, 8, 3) { Metadata = new PictureMetadata { ImageResources = ImageResources.FromIptc(Iptc) } };
        byte[] file = TestPictures.Encode(picture, PictureFormat.Tiff);

        // As most programs look for it: in a tag of its own.
        TiffEntry entry = Assert.Single(TiffDirectory.Read(file, TiffDirectory.First(file)), entry => entry.Tag == 0x83BB);
        Assert.Equal(Iptc, file.AsSpan(entry.Start, entry.Length).ToArray());
        int resources = file.AsSpan().IndexOf("8BIM"u8);
        file[resources] = (byte)'x';
        Assert.Equal(Iptc, ImageResources.ReadIptc(TiffMetadataReader.Complete(PictureMetadata.None, file).ImageResources));
    }

    [Fact]
    public void Directories_that_lead_to_themselves_or_out_of_the_file_end()
    {
        byte[] exif = Exif(isLittleEndian: true);
        uint first = TiffDirectory.First(exif);
        byte[] pointer = new byte[4];
        TiffDirectory.WriteLong(pointer, first, isLittleEndian: true);
        byte[] circle = [.. exif];
        TiffDirectory.Directory([TiffDirectory.Entry(ExifDirectory, TiffDirectory.LongType, pointer, 0, isLittleEndian: true)], isLittleEndian: true).CopyTo(circle, (int)first);
        byte[] astray = [.. exif];
        TiffDirectory.WriteLong(astray.AsSpan(4), (uint)exif.Length - 1, isLittleEndian: true);

        Assert.Null(TiffMetadataReader.Complete(PictureMetadata.None, circle).Exif);
        Assert.Null(TiffMetadataReader.Complete(PictureMetadata.None, astray).Exif);
        foreach (byte[] block in new[] { circle, astray, exif[..9], [.. "II*\0"u8] })
        {
            Raster picture = TestPictures.Waves(9, 7, 3);
            Raster said = new(9, 7, 3, 8, picture.Data) { Metadata = new PictureMetadata { Exif = block } };
            Assert.Equal(picture.Data, Pictures.Decode(new MemoryStream(TestPictures.Encode(said, PictureFormat.Tiff)), "p").Data);
        }
    }

    [RequiresTheory(Requirement.ExifTool)]
    [InlineData(PictureFormat.Png)]
    [InlineData(PictureFormat.Jpeg)]
    [InlineData(PictureFormat.WebP)]
    [InlineData(PictureFormat.Avif)]
    [InlineData(PictureFormat.Tiff)]
    public void Exiftool_reads_what_a_photograph_says_in_every_format_and_out_of_a_TIFF(PictureFormat format)
    {
        Raster viaTiff = Pictures.Decode(new MemoryStream(TestPictures.Encode(Photograph(isLittleEndian: false, 8), PictureFormat.Tiff)), "p");
        foreach (Raster picture in new[] { Photograph(isLittleEndian: true, 8), Photograph(isLittleEndian: false, 16), viaTiff })
        {
            using JsonDocument tags = ExifTool.Read(TestPictures.Encode(picture, format));
            JsonElement read = tags.RootElement[0];

            Assert.Equal("Camera works", read.GetProperty("EXIF:Make").GetString());
            Assert.Equal("2024:05:06 07:08:09", read.GetProperty("EXIF:DateTimeOriginal").GetString());
            Assert.Equal("Ball", read.GetProperty("XMP:Title").GetString());
            Assert.Equal(format is not (PictureFormat.WebP or PictureFormat.Avif), read.TryGetProperty("IPTC:Headline", out JsonElement headline) && headline.GetString() == "Head");
            Assert.DoesNotContain(read.EnumerateObject(), tag => tag.Name is "ExifTool:Warning" or "ExifTool:Error" && !tag.Value.GetString()!.Contains("MakerNote", StringComparison.Ordinal));
        }
    }

    [RequiresTheory(Requirement.Exiv2)]
    [InlineData(PictureFormat.Png, "p.png")]
    [InlineData(PictureFormat.Jpeg, "p.jpg")]
    [InlineData(PictureFormat.Tiff, "p.tif")]
    public void Exiv2_reads_what_a_photograph_says(PictureFormat format, string name)
    {
        string read = Exiv2.Read(TestPictures.Encode(Photograph(isLittleEndian: false, 8), format), name);

        Assert.Contains("Camera works", read, StringComparison.Ordinal);
        Assert.Contains("2024:05:06 07:08:09", read, StringComparison.Ordinal);
        Assert.Contains("Head", read, StringComparison.Ordinal);
        Assert.Contains("Ball", read, StringComparison.Ordinal);
    }

    [RequiresTheory(Requirement.ImageMagick)]
    [InlineData(false, 8)]
    [InlineData(true, 16)]
    public void ImageMagick_reads_the_same_samples(bool bigEndian, int bitDepth)
    {
        Raster photograph = Photograph(!bigEndian, bitDepth);

        Assert.Equal(photograph.Data, ImageMagick.Decode(TestPictures.Encode(photograph, PictureFormat.Tiff), "rgb", bitDepth));
    }

    [RequiresTheory(Requirement.ImageMagick)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Grays_of_which_0_is_white_are_no_negative(int depth)
    {
        byte[] file = ImageMagick.Run([], "-size", "20x16", "gradient:", "-depth", $"{depth}", "-define", "quantum:polarity=min-is-white", "tiff:-");

        Assert.Equal(ImageMagick.Decode(file, "gray"), Pictures.Decode(new MemoryStream(file), "p").Data);
    }

    private static Raster Photograph(bool isLittleEndian, int bitDepth)
    {
        const string Packet = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>Ball</dc:title></rdf:Description></rdf:RDF></x:xmpmeta>";
        Raster waves = TestPictures.Waves(61, 300, 3, bitDepth);
        return new Raster(waves.Width, waves.Height, 3, bitDepth, waves.Data)
        {
            Metadata = new PictureMetadata { Exif = Exif(isLittleEndian), ImageResources = ImageResources.FromIptc(Iptc), Xmp = Encoding.UTF8.GetBytes(Packet) },
        };
    }

    /// <summary>Make, orientation, and a directory of its own with date and maker note.</summary>
    private static byte[] Exif(bool isLittleEndian)
    {
        using MemoryStream block = new();
        block.Write(isLittleEndian ? [.. "II*\0"u8, 0, 0, 0, 0] : [.. "MM\0*"u8, 0, 0, 0, 0]);
        uint directory = Add([Text(0x9003, "2024:05:06 07:08:09\0"), Entry(MakerNote, 7, Note)]);
        byte[] pointer = new byte[4];
        TiffDirectory.WriteLong(pointer, directory, isLittleEndian);
        uint first = Add([Text(Make, "Camera works\0"), Entry(0x0112, 3, isLittleEndian ? [1, 0] : [0, 1]), Entry(ExifDirectory, TiffDirectory.LongType, pointer)]);
        byte[] exif = block.ToArray();
        TiffDirectory.WriteLong(exif.AsSpan(4), first, isLittleEndian);
        return exif;

        byte[] Text(ushort tag, string text) => Entry(tag, 2, Encoding.ASCII.GetBytes(text));

        byte[] Entry(ushort tag, ushort type, byte[] values)
        {
            byte[] entry = TiffDirectory.Entry(tag, type, values, (uint)block.Length, isLittleEndian);
            block.Write(values.Length > 4 ? [.. values, .. values.Length % 2 == 1 ? (byte[])[0] : []] : []);
            return entry;
        }

        uint Add(byte[][] entries)
        {
            uint start = (uint)block.Length;
            block.Write(TiffDirectory.Directory(entries, isLittleEndian));
            return start;
        }
    }

    private static TiffEntry NoteOf(byte[] exif)
    {
        TiffEntry directory = TiffDirectory.Read(exif, TiffDirectory.First(exif)).Single(entry => entry.Tag == ExifDirectory);
        return TiffDirectory.Read(exif, TiffDirectory.Numbers(exif, directory)[0]).Single(entry => entry.Tag == MakerNote);
    }
}
