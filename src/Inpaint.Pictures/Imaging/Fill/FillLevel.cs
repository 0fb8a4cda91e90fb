using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Fill;

/// <summary>
/// One resolution of the picture being filled. All maps of a level share one index, <c>(y + Margin) * Stride + x</c>, so that a displacement between two pixels is a single
/// number; pixels of the margins have no role, so that stepping over the edge of the picture is harmless.
/// </summary>
internal sealed class FillLevel
{
    /// <summary>Pixels between the centre of a patch and its edge.</summary>
    public const int PatchRadius = 3;

    /// <summary>Width and height of a patch in pixels.</summary>
    public const int PatchSize = (2 * PatchRadius) + 1;

    /// <summary>Empty rows above and below, and at least as many empty columns to the right.</summary>
    public const int Margin = 8;

    /// <summary>A patch centred here lies in the picture and contains no hole pixel.</summary>
    public const byte SourceRole = 1;

    /// <summary>A patch centred here lies in the picture and contains a hole pixel.</summary>
    public const byte TargetRole = 2;

    /// <summary>The match of a target that has none.</summary>
    public const int NoMatch = -1;

    public FillLevel(int width, int height)
    {
        Width = width;
        Height = height;
        Stride = width + Margin;
        int length = checked((height + (2 * Margin)) * Stride);
        Pixels = new uint[length];
        Hole = new byte[length];
        Role = new byte[length];
    }

    public int Width { get; }

    public int Height { get; }

    public int Stride { get; }

    /// <summary>Four 8-bit lanes per pixel, the first in the lowest bits: three of colour and one of texture or alpha.</summary>
    public uint[] Pixels { get; }

    /// <summary>Known pixels from around the hole, which define its roughness; null where the fourth lane holds alpha.</summary>
    public uint[]? Surroundings { get; set; }

    /// <summary>1 where the picture is to be filled, 0 where it is known.</summary>
    public byte[] Hole { get; }

    /// <summary>What a patch centred on a pixel serves as: <see cref="SourceRole"/>, <see cref="TargetRole"/> or nothing.</summary>
    public byte[] Role { get; }

    /// <summary>Chessboard distance of a hole pixel to the nearest known one, capped at 255; 0 outside.</summary>
    public byte[] Depth { get; private set; } = [];

    /// <summary>Index of the source patch that is most similar to the target patch, or <see cref="NoMatch"/>.</summary>
    public int[] Match { get; private set; } = [];

    /// <summary>Sum of squared lane differences between a target patch and its match.</summary>
    public int[] Cost { get; private set; } = [];

    /// <summary>Indices of the hole's pixels, ascending.</summary>
    public int[] HolePixels { get; private set; } = [];

    /// <summary>Indices of the source patches' centres, ascending.</summary>
    public int[] Sources { get; private set; } = [];

    /// <summary>Number of target patches.</summary>
    public int TargetCount { get; private set; }

    /// <summary>Largest distance of a hole's pixel to a known one.</summary>
    public int MaximumDepth { get; private set; }

    /// <summary>The shared index of a pixel.</summary>
    public int IndexOf(int x, int y) => ((y + Margin) * Stride) + x;

    /// <summary>The column of a shared index.</summary>
    public int XOf(int index) => index % Stride;

    /// <summary>The row of a shared index.</summary>
    public int YOf(int index) => (index / Stride) - Margin;

    /// <summary>Whether a shared index is that of a pixel, not of the margins.</summary>
    public bool InPicture(int index) => XOf(index) < Width && (uint)YOf(index) < (uint)Height;

    /// <summary>Computes what depends on <see cref="Hole"/>: roles, depths and the list of pixels.</summary>
    public void Classify(CancellationToken cancellationToken)
    {
        ClassifyPatches(cancellationToken);
        MeasureDepth(cancellationToken);
        HolePixels = Collect(Hole, 1);
        Sources = Collect(Role, SourceRole);
    }

    /// <summary>Allocates the matches; those of a coarser level are dropped when the next level is done.</summary>
    public void AllocateMatches()
    {
        Match = new int[Pixels.Length];
        Array.Fill(Match, NoMatch);
        Cost = new int[Pixels.Length];
    }

    private static int[] Collect(byte[] map, byte value)
    {
        int count = map.AsSpan().Count(value);
        int[] found = new int[count];
        int next = 0;
        for (int index = 0; next < count; index++)
        {
            if (map[index] == value)
            {
                found[next++] = index;
            }
        }

        return found;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ClassifyPatches(CancellationToken cancellationToken)
    {
        if (Width < PatchSize || Height < PatchSize)
        {
            return;
        }

        // Hole pixels per column within the patch's rows, moved down one row at a time.
        int[] columns = new int[Width];
        for (int y = 0; y < Height; y++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int entering = IndexOf(0, y);
            int leaving = IndexOf(0, y - PatchSize);
            for (int x = 0; x < Width; x++)
            {
                columns[x] += Hole[entering + x] - (y >= PatchSize ? Hole[leaving + x] : 0);
            }

            if (y < PatchSize - 1)
            {
                continue;
            }

            int centre = IndexOf(0, y - PatchRadius);
            int inside = 0;
            for (int x = 0; x < Width; x++)
            {
                inside += columns[x] - (x >= PatchSize ? columns[x - PatchSize] : 0);
                if (x >= PatchSize - 1)
                {
                    bool touches = inside > 0;
                    Role[centre + x - PatchRadius] = touches ? TargetRole : SourceRole;
                    TargetCount += touches ? 1 : 0;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MeasureDepth(CancellationToken cancellationToken)
    {
        // Two sweeps give the exact chessboard distance. Pixels beyond the picture count as hole.
        byte[] depth = new byte[Pixels.Length];
        int maximum = 0;
        for (int y = 0; y < Height; y++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int row = IndexOf(0, y);
            for (int x = 0; x < Width; x++)
            {
                int index = row + x;
                if (Hole[index] == 0)
                {
                    continue;
                }

                int nearest = x > 0 ? depth[index - 1] : 255;
                if (y > 0)
                {
                    nearest = Math.Min(nearest, depth[index - Stride]);
                    nearest = x > 0 ? Math.Min(nearest, depth[index - Stride - 1]) : nearest;
                    nearest = x < Width - 1 ? Math.Min(nearest, depth[index - Stride + 1]) : nearest;
                }

                depth[index] = (byte)Math.Min(255, nearest + 1);
            }
        }

        for (int y = Height - 1; y >= 0; y--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int row = IndexOf(0, y);
            for (int x = Width - 1; x >= 0; x--)
            {
                int index = row + x;
                if (Hole[index] == 0)
                {
                    continue;
                }

                int nearest = x < Width - 1 ? depth[index + 1] : 255;
                if (y < Height - 1)
                {
                    nearest = Math.Min(nearest, depth[index + Stride]);
                    nearest = x > 0 ? Math.Min(nearest, depth[index + Stride - 1]) : nearest;
                    nearest = x < Width - 1 ? Math.Min(nearest, depth[index + Stride + 1]) : nearest;
                }

                int value = Math.Min(depth[index], nearest + 1);
                depth[index] = (byte)value;
                maximum = Math.Max(maximum, value);
            }
        }

        Depth = depth;
        MaximumDepth = maximum;
    }
}

/// <summary>The 8-bit picture in which patches are compared, whatever the bit depth of the original.</summary>
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

    /// <summary>Averages the fourth lane over known neighbours, so that single steps become texture.</summary>
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

    // The colour of a transparent pixel is ignored.
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

    // A step across the hole's edge is not texture and counts as none.
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
