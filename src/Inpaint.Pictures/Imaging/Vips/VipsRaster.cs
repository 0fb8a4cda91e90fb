using NetVips;

namespace Inpaint.Imaging.Vips;

/// <summary>Passes rasters to libvips and back.</summary>
internal static class VipsRaster
{
    // Small enough for the garbage collector's youngest generation.
    private const int StripBytes = 64 << 10;

    // Parts of a picture in memory are computed in parallel.
    private const int RowsPerPart = 128;

    /// <summary>Wraps a raster as an image that shares its samples; the raster must outlive it.</summary>
    public static ImageChain Wrap(Raster raster)
    {
        bool isGray = raster.ColorChannels == 1;
        bool isDeep = raster.BitDepth == 16;
        ImageChain chain = new(Image.NewFromMemory<byte>(
            raster.Data.AsMemory(),
            raster.Width,
            raster.Height,
            raster.Channels,
            isDeep ? Enums.BandFormat.Ushort : Enums.BandFormat.Uchar));
        chain.Then(image => image.Copy(interpretation: (isGray, isDeep) switch
        {
            (true, false) => Enums.Interpretation.Bw,
            (true, true) => Enums.Interpretation.Grey16,
            (false, false) => Enums.Interpretation.Srgb,
            (false, true) => Enums.Interpretation.Rgb16,
        }));
        return chain;
    }

    /// <summary>Copies an image from top to bottom, in the calling thread.</summary>
    /// <param name="image">The image; 8 or 16 bits, one to four bands.</param>
    /// <param name="target">Receives its samples; of its size and layout.</param>
    public static void CopyRows(Image image, Raster target, CancellationToken cancellationToken) =>
        CopyRows(image, target, 0, target.Height, cancellationToken);

    /// <summary>Copies an image whose parts can be computed in any order, on several cores.</summary>
    /// <param name="image">The image; 8 or 16 bits, one to four bands.</param>
    /// <param name="target">Receives its samples; of its size and layout.</param>
    public static void CopyParts(Image image, Raster target, CancellationToken cancellationToken)
    {
        int parts = (target.Height + RowsPerPart - 1) / RowsPerPart;
        ParallelOptions parallel = new() { CancellationToken = cancellationToken, MaxDegreeOfParallelism = NetVips.NetVips.Concurrency };
        Parallel.For(0, parts, parallel, part => CopyRows(image, target, part * RowsPerPart, Math.Min(target.Height, (part + 1) * RowsPerPart), cancellationToken));
    }

    private static void CopyRows(Image image, Raster target, int first, int end, CancellationToken cancellationToken)
    {
        using Region region = Region.New(image);
        int rows = Math.Max(1, StripBytes / target.Stride);
        for (int y = first; y < end; y += rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(rows, end - y);
            region.Fetch(0, y, target.Width, count).AsSpan().CopyTo(target.Data.AsSpan(y * target.Stride));
        }
    }
}

/// <summary>An image and the operations on it, each of which makes another image that has to be disposed of.</summary>
internal sealed class ImageChain : IDisposable
{
    private readonly Stack<Image> images = new();

    /// <summary>Starts with an image, which the chain takes ownership of.</summary>
    public ImageChain(Image image) => images.Push(image);

    /// <summary>The image after all operations.</summary>
    public Image Current => images.Peek();

    /// <summary>Adds an operation; nothing is computed before pixels are requested.</summary>
    /// <param name="operation">Makes the next image of the current one.</param>
    public void Then(Func<Image, Image> operation) => images.Push(operation(Current));

    /// <inheritdoc/>
    public void Dispose()
    {
        while (images.TryPop(out Image? image))
        {
            image.Dispose();
        }
    }
}
