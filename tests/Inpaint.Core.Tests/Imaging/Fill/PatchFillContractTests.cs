using Inpaint.Imaging;
using Inpaint.Imaging.Fill;
using Xunit;

namespace Inpaint.Tests.Imaging.Fill;

public class PatchFillContractTests
{
    [Fact]
    public void The_same_seed_gives_the_same_bytes_on_any_number_of_threads()
    {
        Raster picture = Textures.Create(200, 150, 3, 8, Textures.Noise);
        byte[] coverage = Textures.Rectangle(200, 150, 60, 40, 80, 70);
        byte[] Fill(int threads) => PatchFill.Fill(
            picture, coverage, new PatchFillOptions { Seed = 11, MaxDegreeOfParallelism = threads }, null, TestContext.Current.CancellationToken).Data;

        byte[] single = Fill(1);

        Assert.Equal(single, Fill(2));
        Assert.Equal(single, Fill(4));
    }

    [Fact]
    public void Another_seed_gives_another_fill()
    {
        Raster picture = Textures.Create(200, 150, 3, 8, Textures.Noise);
        byte[] coverage = Textures.Rectangle(200, 150, 60, 40, 80, 70);
        byte[] Fill(long seed) => PatchFill.Fill(picture, coverage, new PatchFillOptions { Seed = seed }, null, TestContext.Current.CancellationToken).Data;

        Assert.NotEqual(Fill(1), Fill(2));
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(2, 8)]
    [InlineData(3, 8)]
    [InlineData(4, 8)]
    [InlineData(1, 16)]
    [InlineData(2, 16)]
    [InlineData(3, 16)]
    [InlineData(4, 16)]
    public void Every_layout_is_filled_and_keeps_its_unmasked_samples_exactly(int channels, int bitDepth)
    {
        Raster truth = Textures.Create(96, 80, channels, bitDepth, Textures.Bricks, alpha: 201);
        byte[] coverage = Textures.Rectangle(96, 80, 30, 24, 28, 26);
        Raster cut = Textures.Cut(truth, coverage);
        byte[] before = (byte[])cut.Data.Clone();

        Raster filled = PatchFill.Fill(cut, coverage, new PatchFillOptions(), null, TestContext.Current.CancellationToken);

        Assert.Equal((96, 80, channels, bitDepth), (filled.Width, filled.Height, filled.Channels, filled.BitDepth));
        Assert.Equal(before, cut.Data);
        int bytes = truth.BytesPerPixel;
        for (int index = 0; index < coverage.Length; index++)
        {
            if (coverage[index] == 0)
            {
                Assert.True(filled.Data.AsSpan(index * bytes, bytes).SequenceEqual(truth.Data.AsSpan(index * bytes, bytes)), $"pixel {index} changed");
            }
        }

        Assert.InRange(Textures.MeanError(filled, truth, coverage), 0, 6);
    }

    [Fact]
    public void Sixteen_bit_samples_are_copies_of_sixteen_bits()
    {
        // Both halves of a period differ from their 8-bit neighbours by the lower byte only.
        Raster truth = Textures.Create(96, 80, 1, 16, Textures.Checkerboard);
        Span<ushort> samples = truth.AsUInt16();
        for (int index = 0; index < samples.Length; index++)
        {
            samples[index] = (ushort)((samples[index] & 0xFF00) | 0x5A);
        }

        byte[] coverage = Textures.Rectangle(96, 80, 34, 28, 24, 20);

        Raster filled = PatchFill.Fill(Textures.Cut(truth, coverage), coverage, new PatchFillOptions(), null, TestContext.Current.CancellationToken);

        Assert.Equal(truth.Data, filled.Data);
    }

    [Fact]
    public void Transparency_is_filled_too()
    {
        Raster truth = Textures.Create(96, 80, 4, 8, (_, _) => (90, 120, 40));
        for (int index = 0; index < 96 * 80; index++)
        {
            truth.Data[(index * 4) + 3] = (byte)(index % 96 / 8 % 2 == 0 ? 255 : 0);
        }

        byte[] coverage = Textures.Rectangle(96, 80, 34, 28, 24, 20);

        Raster filled = PatchFill.Fill(Textures.Cut(truth, coverage), coverage, new PatchFillOptions(), null, TestContext.Current.CancellationToken);

        for (int index = 0; index < coverage.Length; index++)
        {
            Assert.Equal(truth.Data[(index * 4) + 3], filled.Data[(index * 4) + 3]);
        }
    }

    [Fact]
    public void Partial_coverage_blends_with_the_original()
    {
        Raster picture = Textures.Create(64, 64, 1, 8, (_, _) => (100, 0, 0));
        byte[] coverage = Textures.Rectangle(64, 64, 24, 24, 16, 16, value: 51);
        for (int index = 0; index < coverage.Length; index++)
        {
            picture.Data[index] = coverage[index] != 0 ? (byte)200 : (byte)100;
        }

        Raster filled = PatchFill.Fill(picture, coverage, new PatchFillOptions(), null, TestContext.Current.CancellationToken);

        Assert.Equal(180, filled.Data[(32 * 64) + 32]);
    }

    [Fact]
    public void Progress_rises_from_0_to_1()
    {
        Raster picture = Textures.Create(160, 120, 3, 8, Textures.Bricks);
        byte[] coverage = Textures.Rectangle(160, 120, 50, 40, 50, 40);
        List<double> told = [];

        PatchFill.Fill(picture, coverage, new PatchFillOptions(), told.Add, TestContext.Current.CancellationToken);

        Assert.Equal(0, told[0]);
        Assert.Equal(1, told[^1]);
        Assert.True(told.Count > 10);
        Assert.Equal(told.Order(), told);
    }

    [Fact]
    public void Cancellation_ends_the_fill()
    {
        Raster picture = Textures.Create(160, 120, 3, 8, Textures.Bricks);
        byte[] coverage = Textures.Rectangle(160, 120, 50, 40, 50, 40);
        using CancellationTokenSource source = new();
        double last = 0;

        Assert.ThrowsAny<OperationCanceledException>(() => PatchFill.Fill(picture, coverage, new PatchFillOptions(), share =>
        {
            last = share;
            if (share > 0.3)
            {
                source.Cancel();
            }
        }, source.Token));

        Assert.InRange(last, 0.3, 0.9);
    }

    [Fact]
    public void A_cancelled_token_stops_before_anything_is_done()
    {
        Raster picture = Textures.Create(16, 16, 3, 8, Textures.Bricks);
        bool told = false;

        Assert.ThrowsAny<OperationCanceledException>(() =>
            PatchFill.Fill(picture, new byte[256], new PatchFillOptions(), _ => told = true, new CancellationToken(canceled: true)));

        Assert.False(told);
    }
}
