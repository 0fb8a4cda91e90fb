using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Tests.Imaging.Metadata;
using Xunit;

namespace Inpaint.Tests.Imaging.Masks;

public class MaskReaderTests
{
    [Theory]
    [InlineData(MaskMode.White, "_____###")]
    [InlineData(MaskMode.Black, "#####___")]
    public void Gray_is_divided_at_128(MaskMode mode, string expected)
    {
        Mask mask = Read(1, mode, 0, 1, 64, 100, 127, 128, 200, 255);

        Assert.Equal(expected, Show(mask));
        Assert.False(mask.WasBinary);
    }

    [Theory]
    [InlineData(MaskMode.White, "#_#_")]
    [InlineData(MaskMode.Black, "_#_#")]
    public void Colors_count_by_their_luminance(MaskMode mode, string expected) =>
        Assert.Equal(expected, Show(Read(3, mode, 255, 255, 0, 0, 0, 255, 0, 255, 0, 255, 0, 0)));

    [Theory]
    [InlineData(MaskMode.White, "#____")]
    [InlineData(MaskMode.Black, "_#___")]
    [InlineData(MaskMode.Alpha, "__###")]
    public void Transparent_pixels_are_kept_unless_they_are_the_mark(MaskMode mode, string expected) => Assert.Equal(
        expected,
        Show(Read(4, mode, 255, 255, 255, 255, 0, 0, 0, 128, 255, 255, 255, 127, 0, 0, 0, 0, 0, 0, 0, 1)));

    [Fact]
    public void Alpha_mode_of_a_mask_without_alpha_says_what_to_do()
    {
        InpaintException e = Assert.Throws<InpaintException>(() => Read(3, MaskMode.Alpha, 1, 2, 3));

        Assert.Equal(InpaintErrorId.InvalidParameter, e.ErrorId);
        Assert.Contains("m.png", e.Message, StringComparison.Ordinal);
        Assert.Contains("MaskMode White", e.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Black_and_white_alone_is_binary()
    {
        Assert.True(Read(1, MaskMode.White, 0, 255, 255).WasBinary);
        Assert.True(Read(4, MaskMode.White, 9, 9, 9, 0, 255, 255, 255, 255).WasBinary);
        Assert.False(Read(3, MaskMode.White, 0, 0, 0, 255, 255, 254).WasBinary);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 16)]
    [InlineData(2, 16)]
    [InlineData(3, 1)]
    [InlineData(3, 8)]
    public void Every_kind_of_png_serves_as_mask(int colorType, int bitDepth)
    {
        int white = colorType == 3 ? 1 : (1 << bitDepth) - 1;
        int channels = colorType == 2 ? 3 : 1;
        int[] marks = [0, 1, 1, 0, 1, 0];
        var png = new RawPng
        {
            Width = 3,
            Height = 2,
            ColorType = colorType,
            BitDepth = bitDepth,
            Palette = colorType == 3 ? [0, 0, 0, 255, 255, 255] : null,
            Samples = [.. marks.SelectMany(m => Enumerable.Repeat(m * white, channels))],
        };

        Mask mask = MaskReader.Read(new MemoryStream(png.ToBytes()), "m.png", MaskMode.White);

        Assert.Equal("_##_#_", Show(mask));
        Assert.True(mask.WasBinary);
    }

    internal static string Show(Mask mask) => string.Concat(mask.Coverage.Select(c => c switch { 0 => '_', 255 => '#', _ => '?' }));

    private static Mask Read(int channels, MaskMode mode, params byte[] samples)
    {
        var file = new MemoryStream();
        Pictures.Encode(new Raster(samples.Length / channels, 1, channels, 8, samples), PictureFormat.Png, file);
        file.Position = 0;
        return MaskReader.Read(file, "m.png", mode);
    }
}
