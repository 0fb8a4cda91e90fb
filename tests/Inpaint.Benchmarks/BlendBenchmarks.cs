using BenchmarkDotNet.Attributes;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;

namespace Inpaint.Benchmarks;

/// <summary>A repainted picture brought back onto an original of 12 megapixels, and the proof that the rest is unchanged.</summary>
public class BlendBenchmarks
{
    private Raster? original;
    private Raster? repainted;
    private Raster? small;
    private Mask? mask;

    /// <summary>Decodes the pictures.</summary>
    [GlobalSetup]
    public void Decode()
    {
        original = BenchmarkPictures.Decode(BenchmarkPictures.PhotographPng);
        repainted = BenchmarkPictures.Decode(BenchmarkPictures.PhotographJpeg);
        small = BenchmarkPictures.Decode(BenchmarkPictures.SmallPng);
        mask = MaskFeather.ApplyInward(BenchmarkPictures.ReadMask(BenchmarkPictures.PhotographMask), depth: 8);
    }

    /// <summary>A picture of one megapixel scaled up to twelve.</summary>
    [Benchmark]
    [Megapixels(12)]
    public object Resize() => Pictures.Resize(small!, BenchmarkPictures.PhotographWidth, BenchmarkPictures.PhotographHeight);

    /// <summary>Two pictures blended through a soft mask.</summary>
    [Benchmark]
    [Megapixels(12)]
    public object Blend() => Compositor.Blend(original!, repainted!, mask!);

    /// <summary>Two pictures compared outside a mask.</summary>
    [Benchmark]
    [Megapixels(12)]
    public object Compare() => RasterComparison.Compare(original!, repainted!, mask);
}
