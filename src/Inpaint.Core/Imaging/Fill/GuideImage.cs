using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Fill;

/// <summary>The 8-bit picture that patches are compared in, whatever the picture's own samples are.</summary>
internal static class GuideImage
{
    // Scales the mean step between neighbouring pixels to the range of a lane.
    private const int TextureGain = 10;

    /// <summary>Builds the finest level: colour in three lanes, alpha or texture in the fourth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static FillLevel Create(Raster picture, ReadOnlySpan<byte> coverage, FillWindow window, CancellationToken cancellationToken, out bool opaque)
    {
        FillLevel level = new(window.Width, window.Height);
        opaque = true;
        for (int y = 0; y < window.Height; y++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> row = picture.Row(window.Top + y);
            ReadOnlySpan<byte> mask = coverage.Slice(((window.Top + y) * picture.Width) + window.Left, window.Width);
            int target = level.IndexOf(0, y);
            for (int x = 0; x < window.Width; x++)
            {
                level.Hole[target + x] = mask[x] == 0 ? (byte)0 : (byte)1;
                uint pixel = Read(picture, row, window.Left + x);
                level.Pixels[target + x] = pixel;
                opaque &= pixel >> 24 == 255;
            }
        }

        if (opaque)
        {
            MeasureSteps(level, cancellationToken);
        }

        return level;
    }

    /// <summary>Spreads the fourth lane over its surroundings, known pixels only: single steps become texture.</summary>
    public static void SmoothTexture(FillLevel level, ParallelOptions parallel)
    {
        const int Radius = 2;
        byte[] smooth = new byte[level.Pixels.Length];
        Parallel.For(0, level.Height, parallel, [MethodImpl(MethodImplOptions.AggressiveOptimization)] (y) =>
        {
            for (int x = 0; x < level.Width; x++)
            {
                int sum = 0;
                int count = 0;
                for (int otherY = Math.Max(0, y - Radius); otherY <= Math.Min(level.Height - 1, y + Radius); otherY++)
                {
                    int row = level.IndexOf(0, otherY);
                    for (int index = row + Math.Max(0, x - Radius); index <= row + Math.Min(level.Width - 1, x + Radius); index++)
                    {
                        int known = 1 - level.Hole[index];
                        sum += (int)(level.Pixels[index] >> 24) * known;
                        count += known;
                    }
                }

                smooth[level.IndexOf(x, y)] = (byte)(count == 0 ? 0 : (sum + (count / 2)) / count);
            }
        });

        for (int index = 0; index < smooth.Length; index++)
        {
            level.Pixels[index] = (level.Pixels[index] & 0x00FFFFFF) | ((uint)smooth[index] << 24);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Read(Raster picture, ReadOnlySpan<byte> row, int x)
    {
        // The upper byte of a 16-bit sample is the guide; samples are in the machine's byte order.
        int bytes = picture.BitDepth / 8;
        int first = (x * picture.BytesPerPixel) + (bytes == 2 && BitConverter.IsLittleEndian ? 1 : 0);
        uint alpha = picture.HasAlpha ? row[first + (picture.ColorChannels * bytes)] : 255u;
        uint red = Premultiply(row[first], alpha);
        if (picture.ColorChannels == 1)
        {
            return red | (red << 8) | (red << 16) | (alpha << 24);
        }

        return red | (Premultiply(row[first + bytes], alpha) << 8) | (Premultiply(row[first + (2 * bytes)], alpha) << 16) | (alpha << 24);
    }

    // The colour under a transparent pixel is nobody's business.
    private static uint Premultiply(uint sample, uint alpha) => ((sample * alpha) + 127) / 255;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MeasureSteps(FillLevel level, CancellationToken cancellationToken)
    {
        for (int y = 0; y < level.Height; y++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int x = 0; x < level.Width; x++)
            {
                int index = level.IndexOf(x, y);
                int right = Other(level, index, x + 1 < level.Width ? 1 : -1);
                int down = Other(level, index, y + 1 < level.Height ? level.Stride : -level.Stride);
                int step = Step(level, index, right) + Step(level, index, down);
                level.Pixels[index] = (level.Pixels[index] & 0x00FFFFFF) | ((uint)Math.Min(255, step * TextureGain / 2) << 24);
            }
        }
    }

    // A step over the hole's edge says nothing about the texture; the step to the other side stands in.
    private static int Other(FillLevel level, int index, int step)
    {
        if (level.Hole[index + step] == 0)
        {
            return index + step;
        }

        return index;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Step(FillLevel level, int index, int other) => Math.Abs(Luma(level.Pixels[index]) - Luma(level.Pixels[other]));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Luma(uint pixel) => (int)(((pixel & 255) * 77) + (((pixel >> 8) & 255) * 151) + (((pixel >> 16) & 255) * 28)) >> 8;
}
