namespace Inpaint.Imaging.Fill;

/// <summary>Carries the matches of a level over to the next finer one.</summary>
internal static class LevelTransfer
{
    /// <summary>Starts the finer level's matches from the coarser level's.</summary>
    /// <returns>1 for each pixel of the finer hole that no carried match covers.</returns>
    public static byte[] Refine(FillLevel coarse, FillLevel fine, ParallelOptions parallel)
    {
        Parallel.For(0, fine.Height, parallel, y =>
        {
            for (int x = 0; x < fine.Width; x++)
            {
                int index = fine.IndexOf(x, y);
                if (fine.Role[index] == FillLevel.TargetRole)
                {
                    RefineOne(coarse, fine, x, y, index);
                }
            }
        });

        byte[] unknown = (byte[])fine.Hole.Clone();
        foreach (int index in fine.HolePixels)
        {
            unknown[index] = IsCovered(fine, index) ? (byte)0 : (byte)1;
        }

        return unknown;
    }

    private static void RefineOne(FillLevel coarse, FillLevel fine, int x, int y, int index)
    {
        // The parent itself may not be a target, where the coarse hole is smaller: then the nearest one around it serves.
        ReadOnlySpan<(int X, int Y)> around = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)];
        foreach ((int dx, int dy) in around)
        {
            int parentX = Math.Clamp((x / 2) + dx, 0, coarse.Width - 1);
            int parentY = Math.Clamp((y / 2) + dy, 0, coarse.Height - 1);
            int parent = coarse.IndexOf(parentX, parentY);
            if (coarse.Role[parent] != FillLevel.TargetRole)
            {
                continue;
            }

            int match = coarse.Match[parent];
            int matchX = x + (2 * (coarse.XOf(match) - parentX));
            int matchY = y + (2 * (coarse.YOf(match) - parentY));
            int candidate = fine.IndexOf(Math.Clamp(matchX, 0, fine.Width - 1), Math.Clamp(matchY, 0, fine.Height - 1));
            if (fine.Role[candidate] == FillLevel.SourceRole)
            {
                fine.Match[index] = candidate;
                fine.Cost[index] = coarse.Cost[parent];
                return;
            }
        }
    }

    private static bool IsCovered(FillLevel level, int index)
    {
        for (int dy = -FillLevel.PatchRadius; dy <= FillLevel.PatchRadius; dy++)
        {
            int row = index + (dy * level.Stride);
            for (int dx = -FillLevel.PatchRadius; dx <= FillLevel.PatchRadius; dx++)
            {
                if (level.Role[row + dx] == FillLevel.TargetRole && level.Match[row + dx] != FillLevel.NoMatch)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
