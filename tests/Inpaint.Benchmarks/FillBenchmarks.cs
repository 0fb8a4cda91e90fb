using BenchmarkDotNet.Attributes;
using Inpaint.Imaging;
using Inpaint.Imaging.Fill;
using Inpaint.Imaging.Masks;

namespace Inpaint.Benchmarks;

/// <summary>The embedded fill. Its time goes with the hole and what surrounds it, less with the picture.</summary>
public class FillBenchmarks
{
    private Raster? picture;
    private Mask? mask;

    /// <summary>Decodes the smaller picture.</summary>
    [GlobalSetup(Target = nameof(FillOneMegapixel))]
    public void DecodeSmall()
    {
        picture = BenchmarkPictures.Decode(BenchmarkPictures.SmallPng);
        mask = BenchmarkPictures.ReadMask(BenchmarkPictures.SmallMask);
    }

    /// <summary>Decodes the photograph.</summary>
    [GlobalSetup(Target = nameof(FillPhotograph))]
    public void DecodePhotograph()
    {
        picture = BenchmarkPictures.Decode(BenchmarkPictures.PhotographJpeg);
        mask = BenchmarkPictures.ReadMask(BenchmarkPictures.PhotographMask);
    }

    /// <summary>A hole of 50,000 pixels in one megapixel.</summary>
    [Benchmark]
    [Megapixels(1.03)]
    public object FillOneMegapixel() => Fill();

    /// <summary>A hole of 240,000 pixels in twelve megapixels.</summary>
    [Benchmark]
    [Megapixels(12)]
    public object FillPhotograph() => Fill();

    private Raster Fill() => PatchFill.Fill(picture!, mask!.Coverage, new PatchFillOptions { Seed = 1 }, progress: null, CancellationToken.None);
}
