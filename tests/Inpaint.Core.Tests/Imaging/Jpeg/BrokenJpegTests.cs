using Inpaint.Imaging;
using Inpaint.Imaging.Jpeg;
using Xunit;

namespace Inpaint.Tests.Imaging.Jpeg;

public class BrokenJpegTests
{
    private static readonly byte[] File = JpegEncoderTests.Encode(TestPictures.Waves(40, 40, 3), 80, halvesChroma: true);

    [Fact]
    public void A_file_cut_anywhere_is_refused_unless_only_its_end_marker_is_missing()
    {
        for (int length = 0; length < File.Length - 2; length++)
        {
            InpaintException e = Assert.Throws<InpaintException>(() => Decode(File[..length]));
            Assert.Equal(InpaintErrorId.ImageUnsupported, e.ErrorId);
            Assert.Contains("at byte", e.Message, StringComparison.Ordinal);
        }

        Assert.Equal(Decode(File).Data, Decode(File[..^2]).Data);
    }

    [Theory]
    [InlineData(0xC3, "lossless")]
    [InlineData(0xC9, "arithmetically coded")]
    [InlineData(0xC5, "hierarchical")]
    public void Kinds_that_nobody_uses_are_refused_by_name(byte marker, string kind)
    {
        byte[] file = [.. File];
        file[FrameAt(file) + 1] = marker;

        InpaintException e = Assert.Throws<InpaintException>(() => Decode(file));

        Assert.Contains(kind, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_restart_marker_is_noticed()
    {
        byte[] file = [.. File];
        int at = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD1]);
        file[at + 1] = 0xD5;

        InpaintException e = Assert.Throws<InpaintException>(() => Decode(file));

        Assert.Contains("restart marker 1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_claim_beyond_the_limit_is_refused()
    {
        InpaintException e = Assert.Throws<InpaintException>(() => JpegDecoder.Decode(new MemoryStream(File), limits: new PictureLimits(MaxPixels: 1599)));

        Assert.Equal(InpaintErrorId.ImageTooLarge, e.ErrorId);
    }

    [Fact]
    public void A_small_file_that_claims_a_large_picture_takes_no_memory()
    {
        byte[] file = [.. File];
        int frame = FrameAt(file);
        file[frame + 5] = 0x3A;
        file[frame + 7] = 0x3A;

        long before = GC.GetAllocatedBytesForCurrentThread();
        InpaintException e = Assert.Throws<InpaintException>(() => Decode(file));

        Assert.Equal(InpaintErrorId.ImageUnsupported, e.ErrorId);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    private static int FrameAt(byte[] file) => file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);

    private static Raster Decode(byte[] file) => JpegDecoder.Decode(new MemoryStream(file));
}
