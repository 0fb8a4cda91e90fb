using BenchmarkDotNet.Attributes;
using Inpaint.Imaging;

namespace Inpaint.Benchmarks;

/// <summary>A photograph of 12 megapixels, 8-bit RGB, to and from memory.</summary>
public class CodecBenchmarks
{
    private byte[] png = [];
    private byte[] jpeg = [];
    private Raster? photograph;
    private byte[] target = [];

    /// <summary>Reads the files for decoding.</summary>
    [GlobalSetup(Targets = [nameof(DecodePng), nameof(DecodeJpeg)])]
    public void ReadFiles()
    {
        png = File.ReadAllBytes(BenchmarkPictures.PhotographPng);
        jpeg = File.ReadAllBytes(BenchmarkPictures.PhotographJpeg);
    }

    /// <summary>Decodes the photograph for encoding, and makes room for the file.</summary>
    [GlobalSetup(Targets = [nameof(EncodePng), nameof(EncodeJpeg)])]
    public void DecodePhotograph()
    {
        photograph = BenchmarkPictures.Decode(BenchmarkPictures.PhotographPng);
        target = new byte[photograph.Data.Length];
    }

    /// <summary>PNG to pixels.</summary>
    [Benchmark]
    [Megapixels(12)]
    public object DecodePng() => Pictures.Decode(new MemoryStream(png), "png");

    /// <summary>Pixels to PNG.</summary>
    [Benchmark]
    [Megapixels(12)]
    public void EncodePng() => Pictures.Encode(photograph!, PictureFormat.Png, new MemoryStream(target));

    /// <summary>Baseline JPEG with colour at full resolution to pixels.</summary>
    [Benchmark]
    [Megapixels(12)]
    public object DecodeJpeg() => Pictures.Decode(new MemoryStream(jpeg), "jpeg");

    /// <summary>Pixels to JPEG of quality 92.</summary>
    [Benchmark]
    [Megapixels(12)]
    public void EncodeJpeg() => Pictures.Encode(photograph!, PictureFormat.Jpeg, new MemoryStream(target));
}
