using System.Runtime.InteropServices;

namespace Inpaint.Imaging.Masks;

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
