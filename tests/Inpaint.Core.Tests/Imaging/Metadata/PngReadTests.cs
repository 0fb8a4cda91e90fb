using System.IO.Compression;
using System.Text;
using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;
using Xunit;

namespace Inpaint.Tests.Imaging.Metadata;

public class PngReadTests
{
    public static TheoryData<int, int, bool, bool, int, int> Layouts()
    {
        var layouts = new TheoryData<int, int, bool, bool, int, int>();
        (int Type, int[] Depths)[] types = [(0, [1, 2, 4, 8, 16]), (2, [8, 16]), (3, [1, 2, 4, 8]), (4, [8, 16]), (6, [8, 16])];
        (int Width, int Height)[] sizes = [(1, 1), (3, 2), (33, 17)];
        foreach ((int type, int[] depths) in types)
        {
            foreach (int depth in depths)
            {
                foreach ((int width, int height) in sizes)
                {
                    layouts.Add(type, depth, false, false, width, height);
                    layouts.Add(type, depth, true, false, width, height);
                    if (type is 0 or 2 or 3)
                    {
                        layouts.Add(type, depth, false, true, width, height);
                        layouts.Add(type, depth, true, true, width, height);
                    }
                }
            }
        }

        return layouts;
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Every_layout_becomes_the_samples_it_stands_for(int colorType, int bitDepth, bool interlaced, bool transparent, int width, int height)
    {
        RawPng png = Make(colorType, bitDepth, interlaced, transparent, width, height);

        Raster raster = Pictures.Decode(new MemoryStream(png.ToBytes()), "picture");

        (int channels, int[] expected) = Expected(png);
        Assert.Equal((width, height, channels, bitDepth == 16 ? 16 : 8), (raster.Width, raster.Height, raster.Channels, raster.BitDepth));
        Assert.Equal(expected, Values(raster));
    }

    [Fact]
    public void Samples_split_over_many_small_chunks_are_joined()
    {
        var png = new RawPng
        {
            Width = 20,
            Height = 20,
            ColorType = 2,
            BitDepth = 8,
            Samples = RawPng.RandomSamples(20, 20, 3, 8, 5),
            IdatSize = 7,
        };

        Raster raster = Pictures.Decode(new MemoryStream(png.ToBytes()), "picture");

        Assert.Equal(png.Samples, Values(raster));
    }

    [Fact]
    public void Profile_exif_density_and_texts_are_kept()
    {
        byte[] profile = [.. Enumerable.Range(0, 500).Select(i => (byte)i)];
        var zipped = new MemoryStream();
        using (var zlib = new ZLibStream(zipped, CompressionLevel.Optimal, leaveOpen: true))
        {
            zlib.Write(profile);
        }

        RawPng png = Make(2, 8, false, false, 4, 4);
        png.Chunks.Add(("gAMA", [0, 0, 0xB1, 0x8F]));
        png.Chunks.Add(("iCCP", [.. "p\0\0"u8, .. zipped.ToArray()]));
        png.Chunks.Add(("eXIf", [.. "II*\0"u8]));
        png.Chunks.Add(("pHYs", [0, 0, 0x0B, 0x13, 0, 0, 0x0B, 0x14, 1]));
        png.Chunks.Add(("tEXt", [.. "Title\0"u8, 0xE9]));
        png.Chunks.Add(("iTXt", [.. "Comment\0\0\0de\0x\0"u8, .. "Bänke ☂"u8]));
        png.Chunks.Add(("iTXt", [.. "XML:com.adobe.xmp\0\0\0\0\0"u8, .. "<x/>"u8]));

        PictureMetadata metadata = Pictures.Decode(new MemoryStream(png.ToBytes()), "picture").Metadata;

        Assert.Equal(profile, metadata.IccProfile);
        Assert.Equal("II*\0"u8.ToArray(), metadata.Exif);
        Assert.Equal((2835, 2836), metadata.PixelsPerMetre);
        Assert.Equal([new PictureText("Title", "é"), new PictureText("Comment", "Bänke ☂")], metadata.Texts);
        Assert.Equal("<x/>", Encoding.UTF8.GetString(metadata.Xmp!));
        Assert.Equal("gAMA", Assert.Single(metadata.ColorChunks).Type);
    }

    [Fact]
    public void A_wrong_checksum_is_refused()
    {
        byte[] file = Make(2, 8, false, false, 9, 9).ToBytes();
        file[^14] ^= 1;

        InpaintException e = Assert.Throws<InpaintException>(() => Pictures.Decode(new MemoryStream(file), "broken.png"));

        Assert.Equal(InpaintErrorId.ImageUnsupported, e.ErrorId);
        Assert.Contains("broken.png", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        byte[] file = Make(6, 8, true, false, 9, 9).ToBytes();
        for (int length = 0; length < file.Length; length++)
        {
            InpaintException e = Assert.Throws<InpaintException>(() => Pictures.Decode(new MemoryStream(file, 0, length), "broken.png"));
            Assert.Equal(InpaintErrorId.ImageUnsupported, e.ErrorId);
        }
    }

    [Fact]
    public void Compressed_data_that_ask_for_a_dictionary_are_refused_and_in_metadata_left_out()
    {
        RawPng png = Make(2, 8, false, false, 9, 9);
        png.Chunks.Add(("zTXt", [.. "Title\0\0"u8, 0x78, 0xBB, 1, 2, 3, 4, 5, 6, 7, 8]));
        byte[] file = png.ToBytes();

        Assert.Empty(Pictures.Decode(new MemoryStream(file), "broken.png").Metadata.Texts);

        int idat = file.AsSpan().IndexOf("IDAT"u8);
        int length = file[idat - 1] | (file[idat - 2] << 8);
        file[idat + 5] = 0xBB;
        RawPng.Chunk("IDAT", file[(idat + 4)..(idat + 4 + length)]).CopyTo(file, idat - 4);
        Assert.Equal(InpaintErrorId.ImageUnsupported, Assert.Throws<InpaintException>(() => Pictures.Decode(new MemoryStream(file), "broken.png")).ErrorId);
    }

    [Fact]
    public void A_claim_beyond_the_limit_is_refused()
    {
        byte[] file = Make(2, 8, false, false, 9, 9).ToBytes();

        InpaintException e = Assert.Throws<InpaintException>(() => Pictures.Decode(new MemoryStream(file), "picture", limits: new PictureLimits(MaxPixels: 80)));

        Assert.Equal(InpaintErrorId.ImageTooLarge, e.ErrorId);
    }

    [Fact]
    public void A_small_file_that_claims_a_large_picture_takes_no_memory()
    {
        var png = new RawPng { Width = 16000, Height = 1, ColorType = 6, BitDepth = 8, Samples = new int[64000] };
        byte[] file = png.ToBytes();
        file[22] = 0x3A;
        RawPng.Chunk("IHDR", file[16..29]).CopyTo(file, 8);

        long before = GC.GetAllocatedBytesForCurrentThread();
        InpaintException e = Assert.Throws<InpaintException>(() => Pictures.Decode(new MemoryStream(file), "picture"));

        Assert.Equal(InpaintErrorId.ImageUnsupported, e.ErrorId);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    internal static int[] Values(Raster raster) => raster.BitDepth == 16
        ? [.. raster.AsUInt16().ToArray().Select(v => (int)v)]
        : [.. raster.Data.Select(v => (int)v)];

    internal static RawPng Make(int colorType, int bitDepth, bool interlaced, bool transparent, int width, int height)
    {
        int channels = colorType switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        int[] samples = RawPng.RandomSamples(width, height, channels, bitDepth, (width * 100) + colorType);
        byte[]? transparency = !transparent
            ? null
            : colorType == 3 ? [7, 200] : [.. samples.Take(channels).SelectMany(v => new[] { (byte)(v >> 8), (byte)v })];
        return new RawPng
        {
            Width = width,
            Height = height,
            ColorType = colorType,
            BitDepth = bitDepth,
            Interlaced = interlaced,
            Samples = samples,
            Palette = colorType == 3 ? [.. Enumerable.Range(0, 3 << bitDepth).Select(i => (byte)((i * 37) + 11))] : null,
            Transparency = transparency,
        };
    }

    private static (int Channels, int[] Values) Expected(RawPng png)
    {
        if (png.ColorType == 3)
        {
            IEnumerable<int> Color(int i) => png.Transparency is null
                ? Enumerable.Range(0, 3).Select(c => (int)png.Palette![(i * 3) + c])
                : Enumerable.Range(0, 3).Select(c => (int)png.Palette![(i * 3) + c]).Append(i < png.Transparency.Length ? png.Transparency[i] : 255);
            return (png.Transparency is null ? 3 : 4, [.. png.Samples.SelectMany(Color)]);
        }

        int factor = png.BitDepth < 8 ? 255 / ((1 << png.BitDepth) - 1) : 1;
        if (png.Transparency is null)
        {
            return (png.Channels, [.. png.Samples.Select(v => v * factor)]);
        }

        int opaque = png.BitDepth == 16 ? 65535 : 255;
        int[] key = [.. png.Samples.Take(png.Channels)];
        return (png.Channels + 1, [.. png.Samples.Chunk(png.Channels).SelectMany(p => p.Select(v => v * factor).Append(p.SequenceEqual(key) ? 0 : opaque))]);
    }
}
