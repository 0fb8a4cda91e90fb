using System.Runtime.Intrinsics;

namespace Inpaint.Imaging.Fill;

/// <summary>
/// Fills the masked part of a picture from the rest of it, coarse structure first: on every level of a pyramid each patch that
/// touches the hole looks for its like in the known picture, and the patches together vote on the hole's pixels.
/// </summary>
/// <remarks>
/// The loops in which the time goes ask for optimised code from the first call on: most processes fill one picture, and would fill much of it in code that was
/// compiled to be ready soon rather than to be fast.
/// </remarks>
internal static class PatchFill
{
    /// <summary>Fills the hole.</summary>
    /// <param name="picture">The picture; it is not changed.</param>
    /// <param name="coverage">One byte per pixel: 0 keeps it exactly, 255 replaces it, values between blend.</param>
    /// <param name="options">Seed and threads.</param>
    /// <param name="progress">Told the share done, from 0 to 1, never falling; null when nobody wants to know.</param>
    /// <param name="cancellationToken">Stops the work within a fraction of a second.</param>
    /// <returns>A picture of the same shape with the same metadata.</returns>
    /// <exception cref="ArgumentException"><paramref name="coverage"/> has another size than the picture.</exception>
    /// <exception cref="InpaintException">The mask leaves nothing to fill from.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Raster Fill(Raster picture, byte[] coverage, PatchFillOptions options, Action<double>? progress, CancellationToken cancellationToken)
    {
        if (coverage.Length != picture.Width * picture.Height)
        {
            throw new ArgumentException($"A picture of {picture.Width}x{picture.Height} needs as many coverage values, not {coverage.Length}.", nameof(coverage));
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
