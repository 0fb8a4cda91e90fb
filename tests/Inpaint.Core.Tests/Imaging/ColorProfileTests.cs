using System.Text;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Imaging.Metadata;
using Inpaint.Tests.Imaging.Metadata;
using Xunit;
using VipsImage = NetVips.Image;

namespace Inpaint.Tests.Imaging;

/// <summary>Colours beyond sRGB: kept, and converted where somebody would take them for others.</summary>
public sealed class ColorProfileTests
{
    private static readonly byte[] DisplayP3 = ProfileOf("p3");

    [Fact]
    public void A_wide_profile_is_told_from_one_that_says_what_none_says_as_well()
    {
        Assert.True(Pictures.HasOtherColors(With(Red(), DisplayP3)));
        Assert.False(Pictures.HasOtherColors(With(Red(), ProfileOf("srgb"))));
        Assert.False(Pictures.HasOtherColors(Red()));
        Assert.False(Pictures.HasOtherColors(With(Red(), [1, 2, 3])));
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(16, 128)]
    public void There_and_back_is_the_same_but_for_rounding(int bitDepth, int rounding)
    {
        Raster plain = TestPictures.Waves(60, 40, 3, bitDepth);
        Raster wide = Pictures.WithColorsOf(plain, With(Red(), DisplayP3));

        Assert.Equal(DisplayP3, wide.Metadata.IccProfile);
        Assert.NotEqual(plain.Data, wide.Data);
        Assert.InRange(RasterComparison.Compare(plain, Pictures.ToSrgb(wide), mask: null).MaxDifference, 0, 2 * rounding);
    }

    [Fact]
    public void What_is_put_back_takes_the_colors_of_the_original_and_leaves_the_rest_as_it_was()
    {
        Raster original = With(TestPictures.Waves(60, 40, 3), DisplayP3);
        byte[] before = [.. original.Data];
        Mask mask = new(20, 20);
        mask.Coverage.AsSpan().Fill(255);
        Raster answer = new(60, 40, 3, 8, [.. Enumerable.Range(0, 60 * 40).SelectMany(_ => new byte[] { 255, 0, 0 })]);

        Raster whole = new PasteBack(original, new PixelRect(0, 0, 60, 40), mask, 10, 10).Apply(answer, TestContext.Current.CancellationToken);

        Assert.Equal(DisplayP3, whole.Metadata.IccProfile);
        Assert.Equal(before[..(60 * 3 * 10)], whole.Data[..(60 * 3 * 10)]);

        // The red of sRGB is less than all that Display P3 has.
        Assert.InRange(whole.Row(15)[15 * 3], 225, 240);
        Assert.InRange(whole.Row(15)[(15 * 3) + 1], 40, 60);
    }

    [Fact]
    public void Equal_samples_of_different_profiles_are_compared_as_the_colors_that_they_are()
    {
        PictureSource plain = PictureSource.FromBytes(Encode(Red()));
        PictureSource wide = PictureSource.FromBytes(Encode(With(Red(), DisplayP3)));
        PictureSource same = PictureSource.FromBytes(Encode(Pictures.WithColorsOf(Red(), With(Red(), DisplayP3))));

        Assert.Equal(64, PictureComparer.Compare(plain, wide, cancellationToken: TestContext.Current.CancellationToken).ChangedPixels);
        Assert.InRange(PictureComparer.Compare(plain, same, cancellationToken: TestContext.Current.CancellationToken).MaxDifference, 0, 2);
        Assert.Equal(0, PictureComparer.Compare(wide, wide, cancellationToken: TestContext.Current.CancellationToken).ChangedPixels);
    }

    [Theory]
    [InlineData(PictureFormat.Png)]
    [InlineData(PictureFormat.Jpeg)]
    [InlineData(PictureFormat.WebP)]
    [InlineData(PictureFormat.Avif)]
    [InlineData(PictureFormat.Tiff)]
    public void Profile_xmp_and_exif_survive_in_every_format(PictureFormat format)
    {
        PictureMetadata metadata = new() { IccProfile = DisplayP3, Exif = ExifOrientationTests.Exif(1, bigEndian: true), Xmp = "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"u8.ToArray() };
        Raster raster = new(8, 8, 3) { Metadata = metadata };

        PictureMetadata kept = Pictures.Decode(new MemoryStream(Encode(raster, format)), "picture").Metadata;

        Assert.Equal(metadata.IccProfile, kept.IccProfile);
        Assert.Equal(metadata.Xmp, kept.Xmp);
        Assert.Contains("x\0", Encoding.ASCII.GetString(kept.Exif!), StringComparison.Ordinal);
    }

    [Fact]
    public void Encoding_ends_when_it_is_told_to_and_says_what_is_wrong_with_the_disk()
    {
        Raster raster = TestPictures.Waves(900, 900, 3);
        foreach (PictureFormat format in new[] { PictureFormat.Png, PictureFormat.Jpeg, PictureFormat.WebP, PictureFormat.Avif, PictureFormat.Tiff })
        {
            Assert.ThrowsAny<OperationCanceledException>(() => Pictures.Encode(raster, format, new MemoryStream(), cancellationToken: new CancellationToken(canceled: true)));
            Assert.Equal("full", Assert.Throws<IOException>(() => Pictures.Encode(raster, format, new FullDisk())).Message);
        }

        using CancellationTokenSource stop = new();
        Assert.ThrowsAny<OperationCanceledException>(() => Pictures.Encode(TestPictures.Waves(2000, 2000, 3), PictureFormat.Png, new Stopping(stop), cancellationToken: stop.Token));
    }

    /// <summary>A picture in Display P3.</summary>
    internal static Raster Wide(int width, int height) => With(TestPictures.Waves(width, height, 3), DisplayP3);

    private static Raster Red() => new(8, 8, 3, 8, [.. Enumerable.Range(0, 64).SelectMany(_ => new byte[] { 230, 30, 30 })]);

    private static Raster With(Raster raster, byte[] profile) =>
        new(raster.Width, raster.Height, raster.Channels, raster.BitDepth, raster.Data) { Metadata = new PictureMetadata { IccProfile = profile } };

    private static byte[] Encode(Raster raster, PictureFormat format = PictureFormat.Png)
    {
        MemoryStream file = new();
        Pictures.Encode(raster, format, file);
        return file.ToArray();
    }

    // The library has some profiles of its own.
    private static byte[] ProfileOf(string name)
    {
        using VipsImage black = VipsImage.Black(1, 1, 3).Copy(interpretation: NetVips.Enums.Interpretation.Srgb);
        using VipsImage converted = black.IccTransform(name, inputProfile: "srgb");
        return (byte[])converted.Get("icc-profile-data");
    }

    private sealed class FullDisk : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => throw new IOException("full");

        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("full");
    }

    private sealed class Stopping(CancellationTokenSource stop) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            stop.Cancel();
            base.Write(buffer);
        }
    }
}
