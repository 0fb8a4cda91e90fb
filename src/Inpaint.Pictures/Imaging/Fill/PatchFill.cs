using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Inpaint.Imaging.Fill;

/// <summary>
/// Fills the masked part of a picture from the rest of it, coarse structure first: on every level of a pyramid each patch that
/// touches the hole is matched with a similar patch of the known picture, and the patches vote on the pixels of the hole.
/// </summary>
/// <remarks>
/// The hot loops request optimised code from the first call: most processes fill a single picture, and would spend much of the time in code that was compiled quickly
/// rather than optimised.
/// </remarks>
internal static class PatchFill
{
    /// <summary>Fills the hole.</summary>
    /// <param name="picture">The picture; it is not changed.</param>
    /// <param name="coverage">One byte per pixel: 0 keeps it exactly, 255 replaces it, values between blend.</param>
    /// <param name="progress">Receives the fraction done, from 0 to 1, never decreasing; null for none.</param>
    /// <returns>A picture of the same shape with the same metadata.</returns>
    /// <exception cref="ArgumentException"><paramref name="coverage"/> has another size than the picture.</exception>
    /// <exception cref="InpaintException">MaskFull: the mask leaves nothing to fill from.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Raster Fill(Raster picture, byte[] coverage, PatchFillOptions options, Action<double>? progress, CancellationToken cancellationToken)
    {
        if (coverage.Length != picture.Width * picture.Height)
        {
            throw new ArgumentException($"A picture of {picture.Width}x{picture.Height} needs {picture.Width * picture.Height} coverage values, not {coverage.Length}.", nameof(coverage));
        }

        cancellationToken.ThrowIfCancellationRequested();
        ParallelOptions parallel = new() { CancellationToken = cancellationToken, MaxDegreeOfParallelism = options.MaxDegreeOfParallelism };
        Raster result = new(picture.Width, picture.Height, picture.Channels, picture.BitDepth, (byte[])picture.Data.Clone()) { Metadata = picture.Metadata };
        FillWindow window = FillWindow.Around(coverage, picture.Width, picture.Height);
        progress?.Invoke(0);
        if (window.Width > 0)
        {
            FillLevel finest = GuideImage.Create(picture, coverage, window, cancellationToken, out bool opaque);
            List<FillLevel> levels = Pyramid.Build(finest, parallel);
            if (finest.HolePixels.Length == picture.Width * picture.Height)
            {
                throw new InpaintException(InpaintErrorId.MaskFull, "The mask covers the whole picture, so there is nothing to fill it from. Leave a part of the picture unmasked.");
            }

            if (finest.Sources.Length == 0)
            {
                Vector128<float>[] values = Diffusion.Fill(picture, window, finest, cancellationToken);
                Write(picture, result, coverage, window, finest, (_, x, y) => values[(y * window.Width) + x]);
            }
            else
            {
                if (opaque)
                {
                    levels.ForEach(level =>
                    {
                        GuideImage.SmoothTexture(level, parallel);
                        level.Surroundings = TextureBalance.SampleSurroundings(level);
                    });
                }

                int[] sources = new PatchSynthesis(levels, options.Seed, parallel, progress).Run();
                Vector128<float>[] values = new SourceComposite(picture, window, finest, sources, parallel).Compose();
                Write(picture, result, coverage, window, finest, (position, _, _) => values[position]);
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        progress?.Invoke(1);
        return result;
    }

    private static void Write(Raster picture, Raster result, byte[] coverage, FillWindow window, FillLevel level, Func<int, int, int, Vector128<float>> value)
    {
        float range = picture.BitDepth == 16 ? 65535 : 255;
        for (int position = 0; position < level.HolePixels.Length; position++)
        {
            int x = level.XOf(level.HolePixels[position]);
            int y = level.YOf(level.HolePixels[position]);
            Vector128<float> filled = value(position, x, y);
            byte share = coverage[((window.Top + y) * picture.Width) + window.Left + x];
            if (share < 255)
            {
                Vector128<float> original = PremultipliedSamples.Read(picture, window.Left + x, window.Top + y, range);
                filled = original + ((filled - original) * (share / 255f));
            }

            PremultipliedSamples.Write(result, window.Left + x, window.Top + y, range, filled);
        }
    }
}

/// <summary>The settings of a fill.</summary>
internal sealed record PatchFillOptions
{
    /// <summary>The seed: equal seeds and pictures give equal bytes.</summary>
    public long Seed { get; init; }

    /// <summary>The maximum number of threads; one per core by default. It does not affect the result.</summary>
    public int MaxDegreeOfParallelism { get; init; } = Environment.ProcessorCount;
}

/// <summary>Adds up the work done and reports the fraction.</summary>
internal sealed class FillProgress(Action<double>? progress, long whole)
{
    // The rest is the final composition.
    private const double SynthesisShare = 0.95;

    private readonly Lock gate = new();
    private long done;

    /// <summary>Counts work as done, in comparisons. May be called from several threads; progress is reported by one at a time.</summary>
    public void Add(long work)
    {
        lock (gate)
        {
            done += work;
            progress?.Invoke(SynthesisShare * Math.Min(1, (double)done / whole));
        }
    }
}

/// <summary>A rectangle of the picture, such as the part that the fill uses: the whole, or the wide surroundings of the hole in a very large picture.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FillWindow(int Left, int Top, int Width, int Height)
{
    // Up to this size the whole picture is used.
    private const long SmallPicture = 4_000_000;
    private const int MinMargin = 384;

    /// <summary>Whether a pixel lies in the window.</summary>
    public bool Contains(int x, int y) => x >= Left && x < Left + Width && y >= Top && y < Top + Height;

    /// <summary>Chooses the window.</summary>
    /// <returns>The window, of width 0 when nothing is masked.</returns>
    public static FillWindow Around(ReadOnlySpan<byte> coverage, int width, int height)
    {
        int left = width;
        int right = -1;
        int top = -1;
        int bottom = -1;
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = coverage.Slice(y * width, width);
            int first = row.IndexOfAnyExcept((byte)0);
            if (first < 0)
            {
                continue;
            }

            left = Math.Min(left, first);
            right = Math.Max(right, row.LastIndexOfAnyExcept((byte)0));
            top = top < 0 ? y : top;
            bottom = y;
        }

        if (right < 0)
        {
            return default;
        }

        if ((long)width * height <= SmallPicture)
        {
            return new FillWindow(0, 0, width, height);
        }

        int marginX = Math.Max(MinMargin, right - left + 1);
        int marginY = Math.Max(MinMargin, bottom - top + 1);
        left = Math.Max(0, left - marginX);
        top = Math.Max(0, top - marginY);
        right = Math.Min(width - 1, right + marginX);
        bottom = Math.Min(height - 1, bottom + marginY);
        return new FillWindow(left, top, right - left + 1, bottom - top + 1);
    }
}
