using Inpaint.Imaging;
using Xunit;

namespace Inpaint.Tests.Imaging.Metadata;

public class BrokenJpegTests
{
    private static readonly byte[] File = JpegWriteTests.Encode(TestPictures.Waves(40, 40, 3), 80);

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        for (int length = 0; length < File.Length; length++)
        {
            InpaintException e = Assert.Throws<InpaintException>(() => Decode(File[..length]));
            Assert.Equal(InpaintErrorId.ImageUnsupported, e.ErrorId);
        }
    }

    [Fact]
    public void Bytes_that_stray_between_two_segments_do_no_harm()
    {
        int frame = FrameAt(File);

        Assert.Equal(Decode(File).Data, Decode([.. File[..frame], 1, 2, 0xFF, 0, 3, .. File[frame..]]).Data);
    }

    [Theory]
    [InlineData(0xC3)]
    [InlineData(0xC5)]
    public void Kinds_that_nobody_uses_are_refused(byte marker)
    {
        byte[] file = [.. File];
        file[FrameAt(file) + 1] = marker;

        Assert.Equal(InpaintErrorId.ImageUnsupported, Assert.Throws<InpaintException>(() => Decode(file)).ErrorId);
    }

    [Fact]
    public void A_claim_beyond_the_limit_is_refused()
    {
        InpaintException e = Assert.Throws<InpaintException>(() => Pictures.Decode(new MemoryStream(File), "picture", limits: new PictureLimits(MaxPixels: 1599)));

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

    private static Raster Decode(byte[] file) => Pictures.Decode(new MemoryStream(file), "picture");
}
