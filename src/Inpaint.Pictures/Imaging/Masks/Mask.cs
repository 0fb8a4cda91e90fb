using System.Runtime.InteropServices;

namespace Inpaint.Imaging.Masks;

/// <summary>Which pixels of a picture are repainted: one byte per pixel, 0 keeps, 255 repaints, and values between, which only feathering makes, blend.</summary>
internal sealed class Mask
{
    /// <summary>Creates a mask that keeps everything.</summary>
    public Mask(int width, int height)
        : this(width, height, new byte[checked(width * height)])
    {
    }

    /// <summary>Wraps existing coverage, one byte per pixel, top row first. The mask takes ownership of it.</summary>
    public Mask(int width, int height, byte[] coverage)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (coverage.Length != (long)width * height)
        {
            throw new ArgumentException($"A mask of {width}x{height} takes {(long)width * height} bytes, not {coverage.Length}.", nameof(coverage));
        }

        Width = width;
        Height = height;
        Coverage = coverage;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>One byte per pixel, top row first: 0 keeps, 255 repaints.</summary>
    public byte[] Coverage { get; }

    /// <summary>Whether the file that the mask was read from had only full black and full white (or full and no alpha); true for a mask that was not read from a file.</summary>
    public bool WasBinary { get; init; } = true;

    /// <summary>The share of pixels, 0 to 1, that were gray in the file that the mask was read from: between a quarter and three quarters of full brightness, so that they could be meant either way.</summary>
    public double GrayShare { get; init; }

    /// <summary>Whether nothing is repainted.</summary>
    public bool IsEmpty => !Coverage.AsSpan().ContainsAnyExcept((byte)0);

    /// <summary>Whether everything is repainted.</summary>
    public bool IsFull => !Coverage.AsSpan().ContainsAnyExcept((byte)255);

    /// <summary>The share of the picture that is repainted, 0 to 1; a half-covered pixel counts as half.</summary>
    public double CoverageShare
    {
        get
        {
            long sum = 0;
            foreach (byte value in Coverage)
            {
                sum += value;
            }

            return sum / (255.0 * Coverage.Length);
        }
    }

    /// <summary>Its connected parts, largest first. They are found once, so the mask must not be changed afterwards.</summary>
    public IReadOnlyList<MaskRegion> Regions => field ??= MaskRegions.Find(this);

    /// <summary>The smallest rectangle around everything that is repainted; empty when the mask is.</summary>
    public PixelRect BoundingBox
    {
        get
        {
            int top = Coverage.AsSpan().IndexOfAnyExcept((byte)0);
            if (top < 0)
            {
                return default;
            }

            int bottom = Coverage.AsSpan().LastIndexOfAnyExcept((byte)0) / Width;
            top /= Width;
            int left = Width;
            int right = -1;
            for (int y = top; y <= bottom; y++)
            {
                ReadOnlySpan<byte> row = Row(y);
                int first = row.IndexOfAnyExcept((byte)0);
                if (first >= 0)
                {
                    left = Math.Min(left, first);
                    right = Math.Max(right, row.LastIndexOfAnyExcept((byte)0));
                }
            }

            return new PixelRect(left, top, right - left + 1, bottom - top + 1);
        }
    }

    /// <summary>The coverage of one row.</summary>
    public Span<byte> Row(int y) => Coverage.AsSpan(y * Width, Width);

    /// <summary>Resizes the mask by nearest neighbour, so that no grays arise.</summary>
    public Mask Resize(int width, int height)
    {
        if (width == Width && height == Height)
        {
            return this;
        }

        var resized = new Mask(width, height) { WasBinary = WasBinary, GrayShare = GrayShare };
        int[] columns = new int[width];
        for (int x = 0; x < width; x++)
        {
            columns[x] = (int)(((2L * x) + 1) * Width / (2L * width));
        }

        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> from = Row((int)(((2L * y) + 1) * Height / (2L * height)));
            Span<byte> to = resized.Row(y);
            for (int x = 0; x < width; x++)
            {
                to[x] = from[columns[x]];
            }
        }

        return resized;
    }

    /// <summary>The mask as an 8-bit grayscale picture that shares its bytes, white where it repaints.</summary>
    public Raster ToRaster() => new(Width, Height, 1, 8, Coverage);

    /// <summary>The mask as an 8-bit grayscale PNG, white where it repaints, which every provider accepts.</summary>
    public byte[] ToPng()
    {
        using MemoryStream target = new();
        Pictures.Encode(ToRaster(), PictureFormat.Png, target);
        return target.ToArray();
    }
}

/// <summary>A connected part of what a mask repaints.</summary>
/// <param name="Box">The smallest rectangle around it.</param>
/// <param name="Pixels">How many pixels it has.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct MaskRegion(PixelRect Box, long Pixels);

/// <summary>Finds the connected parts of a mask; pixels that touch at a corner are connected.</summary>
internal static class MaskRegions
{
    /// <summary>All regions, largest first. Everything that is not fully kept counts.</summary>
    public static IReadOnlyList<MaskRegion> Find(Mask mask)
    {
        var runs = new List<Run>();
        int previousStart = 0;
        int previousEnd = 0;
        for (int y = 0; y < mask.Height; y++)
        {
            int start = runs.Count;
            AddRuns(mask.Row(y), y, runs);
            Connect(runs, previousStart, previousEnd, start);
            previousStart = start;
            previousEnd = runs.Count;
        }

        var regions = new Dictionary<int, MaskRegion>();
        for (int i = 0; i < runs.Count; i++)
        {
            int root = Root(runs, i);
            Run run = runs[i];
            MaskRegion known = regions.GetValueOrDefault(root);
            regions[root] = new MaskRegion(known.Box.Union(new PixelRect(run.From, run.Y, run.To - run.From, 1)), known.Pixels + run.To - run.From);
        }

        return [.. regions.Values.OrderByDescending(r => r.Pixels).ThenBy(r => r.Box.Y).ThenBy(r => r.Box.X)];
    }

    private static void AddRuns(ReadOnlySpan<byte> row, int y, List<Run> runs)
    {
        int x = 0;
        while (true)
        {
            int begin = row[x..].IndexOfAnyExcept((byte)0);
            if (begin < 0)
            {
                return;
            }

            x += begin;
            int length = row[x..].IndexOf((byte)0);
            int end = length < 0 ? row.Length : x + length;
            runs.Add(new Run(x, end, y, runs.Count));
            x = end;
        }
    }

    // Both rows are walked from left to right; the run that ends first can have no further neighbour.
    private static void Connect(List<Run> runs, int above, int aboveEnd, int below)
    {
        while (above < aboveEnd && below < runs.Count)
        {
            Run upper = runs[above];
            Run lower = runs[below];
            if (upper.From <= lower.To && lower.From <= upper.To)
            {
                Join(runs, above, below);
            }

            if (upper.To < lower.To)
            {
                above++;
            }
            else
            {
                below++;
            }
        }
    }

    private static void Join(List<Run> runs, int first, int second)
    {
        int a = Root(runs, first);
        int b = Root(runs, second);
        (int parent, int child) = a < b ? (a, b) : (b, a);
        runs[child] = runs[child] with { Parent = parent };
    }

    private static int Root(List<Run> runs, int index)
    {
        int root = index;
        while (runs[root].Parent != root)
        {
            root = runs[root].Parent;
        }

        // Path compression, as in any union-find.
        while (runs[index].Parent != root)
        {
            int next = runs[index].Parent;
            runs[index] = runs[index] with { Parent = root };
            index = next;
        }

        return root;
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Run(int From, int To, int Y, int Parent);
}
