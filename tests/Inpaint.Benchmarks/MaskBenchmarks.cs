using BenchmarkDotNet.Attributes;
using Inpaint.Imaging.Masks;

namespace Inpaint.Benchmarks;

/// <summary>What is done to a mask of 12 megapixels.</summary>
public class MaskBenchmarks
{
    private const int Radius = 16;
    private byte[] file = [];
    private Mask? mask;

    /// <summary>Reads the mask.</summary>
    [GlobalSetup]
    public void ReadMask()
    {
        file = File.ReadAllBytes(BenchmarkPictures.PhotographMask);
        mask = BenchmarkPictures.ReadMask(BenchmarkPictures.PhotographMask);
    }

    /// <summary>PNG to mask: decoded and thresholded.</summary>
    [Benchmark]
    [Megapixels(12)]
    public object Read() => MaskReader.Read(new MemoryStream(file), "mask.png", MaskMode.White);

    /// <summary>Mask to PNG.</summary>
    [Benchmark]
    [Megapixels(12)]
    public object Write() => mask!.ToPng();

    /// <summary>Grown by 16 pixels.</summary>
    [Benchmark]
    [Megapixels(12)]
    public object Grow() => MaskMorphology.Grow(mask!, Radius);

    /// <summary>Shrunk by 16 pixels.</summary>
    [Benchmark]
    [Megapixels(12)]
    public object Shrink() => MaskMorphology.Shrink(mask!, Radius);

    /// <summary>Softened by 16 pixels to both sides.</summary>
    [Benchmark]
    [Megapixels(12)]
    public object Feather() => MaskFeather.Apply(mask!, Radius);

    /// <summary>Softened by 16 pixels inwards, for blending.</summary>
    [Benchmark]
    [Megapixels(12)]
    public object FeatherInward() => MaskFeather.ApplyInward(mask!, Radius);

    /// <summary>Its connected parts.</summary>
    [Benchmark]
    [Megapixels(12)]
    public object FindRegions() => MaskRegions.Find(mask!);
}
