using System.Runtime.Intrinsics;

namespace Inpaint.Imaging.Fill;

/// <summary>
/// Fills the masked part of a picture from the rest of it, coarse structure first: on every level of a pyramid each patch that
/// touches the hole looks for its like in the known picture, and the patches together vote on the hole's pixels.
/// </summary>
internal static class PatchFill
{
    // Comparing everything with everything is affordable up to this number of comparisons.
    private const long ExhaustiveComparisons = 4_000_000;
    private const int SearchPasses = 2;
    private const int FinestRounds = 4;
    private const int CoarsestRounds = 14;
    private const int CopyRounds = 3;

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
            FillLevel finest = GuideImage.Create(picture, coverage, window, out bool opaque);
            List<FillLevel> levels = Pyramid.Build(finest, parallel);
            if (finest.HolePixels.Length == picture.Width * picture.Height)
            {
                throw new InpaintException(InpaintErrorId.MaskFull, "The mask covers the whole picture, so there is nothing to fill it from. Leave a part of the picture unmasked.");
            }

            if (finest.Sources.Length == 0)
            {
                Vector128<float>[] values = Diffusion.Fill(picture, window, finest, parallel);
                Write(picture, result, coverage, window, finest, (_, x, y) => values[(y * window.Width) + x]);
            }
            else
            {
                int[] sources = Match(levels, opaque, options.Seed, parallel, progress);
                Vector128<float>[] values = new SourceComposite(picture, window, finest, sources, parallel).Compose();
                Write(picture, result, coverage, window, finest, (position, _, _) => values[position]);
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        progress?.Invoke(1);
        return result;
    }

    private static int[] Match(List<FillLevel> levels, bool textured, long seed, ParallelOptions parallel, Action<double>? progress)
    {
        int count = levels.Count;
        long done = 0;
        long whole = 0;
        for (int number = 0; number < count; number++)
        {
            whole += (long)levels[number].TargetCount * Rounds(number, count);
            if (textured)
            {
                GuideImage.SmoothTexture(levels[number], parallel);
            }
        }

        whole += (long)levels[0].TargetCount * CopyRounds;
        int pass = 0;
        int[] sources = [];
        FillLevel? coarser = null;
        for (int number = count - 1; number >= 0; number--)
        {
            FillLevel level = levels[number];
            level.AllocateMatches();
            byte[] unknown = coarser is null ? (byte[])level.Hole.Clone() : LevelTransfer.Refine(coarser, level, parallel);
            MatchSearch search = new(level, seed, parallel);
            PatchVote vote = new(level, parallel);
            search.FillGaps(pass++);
            if (coarser is not null)
            {
                vote.Average(1);
                levels.RemoveAt(number + 1);
            }

            new OnionPeel(level, seed, parallel).Run(unknown);
            bool exhaustive = (long)level.TargetCount * level.Sources.Length <= ExhaustiveComparisons;
            int rounds = Rounds(number, count);
            int copyRounds = number == 0 ? CopyRounds : 0;
            for (int round = 0; round < rounds + copyRounds; round++)
            {
                if (exhaustive)
                {
                    search.Exhaust();
                }
                else
                {
                    for (int repeat = 0; repeat < SearchPasses; repeat++)
                    {
                        search.Improve(pass++);
                    }
                }

                if (round < rounds)
                {
                    vote.Average(1);
                }
                else
                {
                    sources = vote.Copy(1);
                }

                done += level.TargetCount;
                progress?.Invoke(0.95 * done / whole);
            }

            coarser = level;
        }

        return sources;
    }

    private static int Rounds(int number, int count) =>
        count == 1 ? CoarsestRounds : FinestRounds + ((CoarsestRounds - FinestRounds) * number / (count - 1));

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
