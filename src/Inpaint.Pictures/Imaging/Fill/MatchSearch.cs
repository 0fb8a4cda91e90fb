using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Fill;

/// <summary>
/// Finds for every target patch of a level a similar source patch: PatchMatch (Barnes, Shechtman, Finkelstein and
/// Goldman 2009), or every source in turn where a level is small enough.
/// </summary>
/// <remarks>
/// The targets are divided into square tiles, coloured like a chessboard. Within a tile the scan is sequential, so that a good
/// match travels far; tiles of one colour share no edge and run in parallel. Thus the outcome does not depend on the threads.
/// </remarks>
internal sealed unsafe class MatchSearch
{
    private const int TileSize = 32;

    // On a large level the search stays near the match that a coarser one has found: far pixels are slow to reach.
    private const int LargeSide = 512;
    private const int RadiusWhenLarge = 64;

    private readonly FillLevel level;
    private readonly long seed;
    private readonly ParallelOptions parallel;
    private readonly List<(int X, int Y)>[] tiles = [[], []];
    private readonly byte role;
    private readonly int[] matches;
    private readonly int[] costs;
    private readonly int exclusion;

    /// <summary>Searches for the level's targets.</summary>
    public MatchSearch(FillLevel level, long seed, ParallelOptions parallel)
        : this(level, FillLevel.TargetRole, level.Match, level.Cost, 0, seed, parallel)
    {
    }

    /// <summary>Searches for patches of any role.</summary>
    /// <param name="role">The role of the patches for which matches are searched.</param>
    /// <param name="matches">Receives the matches.</param>
    /// <param name="costs">Receives the distances of the matches.</param>
    /// <param name="exclusion">The minimum distance between a patch and its match, in x or in y.</param>
    public MatchSearch(FillLevel level, byte role, int[] matches, int[] costs, int exclusion, long seed, ParallelOptions parallel)
    {
        this.level = level;
        this.role = role;
        this.matches = matches;
        this.costs = costs;
        this.exclusion = exclusion;
        this.seed = seed;
        this.parallel = parallel;
        for (int y = 0; y < level.Height; y += TileSize)
        {
            for (int x = 0; x < level.Width; x += TileSize)
            {
                if (HasTarget(x, y))
                {
                    tiles[((x / TileSize) + (y / TileSize)) & 1].Add((x, y));
                }
            }
        }
    }

    /// <summary>Gives every target that has no match a random one.</summary>
    public void FillGaps(int pass)
    {
        foreach ((int tileX, int tileY) in tiles[0].Concat(tiles[1]))
        {
            for (int y = tileY; y < Math.Min(tileY + TileSize, level.Height); y++)
            {
                for (int x = tileX; x < Math.Min(tileX + TileSize, level.Width); x++)
                {
                    int index = level.IndexOf(x, y);
                    if (level.Role[index] == role && matches[index] == FillLevel.NoMatch)
                    {
                        matches[index] = level.Sources[new HashRandom(seed, pass, index).Next(level.Sources.Length)];
                        costs[index] = int.MaxValue;
                    }
                }
            }
        }
    }

    /// <summary>Measures every match again and tries those of neighbours and random ones instead.</summary>
    /// <param name="pass">Number of the pass; its parity reverses the scan, its value changes the random numbers.</param>
    public void Improve(int pass)
    {
        foreach (List<(int X, int Y)> colour in tiles)
        {
            Parallel.ForEach(colour, parallel, tile =>
            {
                if ((pass & 1) == 0)
                {
                    ScanForward(tile.X, tile.Y, pass);
                }
                else
                {
                    ScanBackward(tile.X, tile.Y, pass);
                }
            });
        }
    }

    /// <summary>Compares every target with every source.</summary>
    public void Exhaust()
    {
        foreach (List<(int X, int Y)> colour in tiles)
        {
            Parallel.ForEach(colour, parallel, tile => ExhaustTile(tile.X, tile.Y));
        }
    }

    private bool HasTarget(int tileX, int tileY)
    {
        int width = Math.Min(TileSize, level.Width - tileX);
        for (int y = tileY; y < Math.Min(tileY + TileSize, level.Height); y++)
        {
            if (level.Role.AsSpan(level.IndexOf(tileX, y), width).Contains(role))
            {
                return true;
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScanForward(int tileX, int tileY, int pass)
    {
        fixed (uint* pixels = level.Pixels)
        {
            for (int y = tileY; y < Math.Min(tileY + TileSize, level.Height); y++)
            {
                for (int x = tileX; x < Math.Min(tileX + TileSize, level.Width); x++)
                {
                    int index = level.IndexOf(x, y);
                    if (level.Role[index] == role)
                    {
                        ImproveOne(pixels, index, pass, step: 1);
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ScanBackward(int tileX, int tileY, int pass)
    {
        fixed (uint* pixels = level.Pixels)
        {
            for (int y = Math.Min(tileY + TileSize, level.Height) - 1; y >= tileY; y--)
            {
                for (int x = Math.Min(tileX + TileSize, level.Width) - 1; x >= tileX; x--)
                {
                    int index = level.IndexOf(x, y);
                    if (level.Role[index] == role)
                    {
                        ImproveOne(pixels, index, pass, step: -1);
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ImproveOne(uint* pixels, int index, int pass, int step)
    {
        int stride = level.Stride;
        int corner = (FillLevel.PatchRadius * stride) + FillLevel.PatchRadius;
        uint* target = pixels + index - corner;
        int match = matches[index];
        int cost = PatchDistance.Between(target, pixels + match - corner, stride);

        Propagate(pixels, index, step, ref match, ref cost);
        Propagate(pixels, index, step * stride, ref match, ref cost);

        HashRandom random = new(seed, pass, index);
        int side = Math.Max(level.Width, level.Height);
        for (int radius = side > LargeSide ? RadiusWhenLarge : side; radius >= 1; radius /= 2)
        {
            int x = level.XOf(match);
            int y = level.YOf(match);
            int left = Math.Max(x - radius, FillLevel.PatchRadius);
            int right = Math.Min(x + radius, level.Width - 1 - FillLevel.PatchRadius);
            int top = Math.Max(y - radius, FillLevel.PatchRadius);
            int bottom = Math.Min(y + radius, level.Height - 1 - FillLevel.PatchRadius);
            int candidate = level.IndexOf(left + random.Next(right - left + 1), top + random.Next(bottom - top + 1));
            if (level.Role[candidate] == FillLevel.SourceRole)
            {
                Try(pixels, index, candidate, ref match, ref cost);
            }
        }

        matches[index] = match;
        costs[index] = cost;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Propagate(uint* pixels, int index, int step, ref int match, ref int cost)
    {
        int neighbour = index - step;
        if (level.Role[neighbour] != role)
        {
            return;
        }

        int candidate = matches[neighbour] + step;
        if (candidate != match && level.Role[candidate] == FillLevel.SourceRole)
        {
            Try(pixels, index, candidate, ref match, ref cost);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Try(uint* pixels, int index, int candidate, ref int match, ref int cost)
    {
        if (exclusion > 0 && Math.Abs(level.XOf(candidate) - level.XOf(index)) < exclusion && Math.Abs(level.YOf(candidate) - level.YOf(index)) < exclusion)
        {
            return;
        }

        int corner = (FillLevel.PatchRadius * level.Stride) + FillLevel.PatchRadius;
        int distance = PatchDistance.Between(pixels + index - corner, pixels + candidate - corner, level.Stride, cost);
        if (distance < cost)
        {
            cost = distance;
            match = candidate;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ExhaustTile(int tileX, int tileY)
    {
        fixed (uint* pixels = level.Pixels)
        {
            for (int y = tileY; y < Math.Min(tileY + TileSize, level.Height); y++)
            {
                parallel.CancellationToken.ThrowIfCancellationRequested();
                for (int x = tileX; x < Math.Min(tileX + TileSize, level.Width); x++)
                {
                    int index = level.IndexOf(x, y);
                    if (level.Role[index] != role)
                    {
                        continue;
                    }

                    int match = matches[index];
                    int corner = (FillLevel.PatchRadius * level.Stride) + FillLevel.PatchRadius;
                    int cost = PatchDistance.Between(pixels + index - corner, pixels + match - corner, level.Stride);
                    foreach (int candidate in level.Sources)
                    {
                        Try(pixels, index, candidate, ref match, ref cost);
                    }

                    matches[index] = match;
                    costs[index] = cost;
                }
            }
        }
    }
}

/// <summary>
/// Random numbers that depend on nothing but their coordinates (seed, pass, pixel), so that the order in which threads
/// visit the pixels cannot change them.
/// </summary>
internal struct HashRandom
{
    private ulong state;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public HashRandom(long seed, int pass, int index)
    {
        state = Mix((ulong)seed + 0x9E3779B97F4A7C15UL * (uint)(pass + 1)) ^ Mix((uint)index * 0xD1B54A32D192ED03UL);
    }

    /// <summary>A number from 0 up to, and without, <paramref name="exclusiveMaximum"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Next(int exclusiveMaximum)
    {
        state += 0x9E3779B97F4A7C15UL;
        uint high = (uint)(Mix(state) >> 32);
        return (int)(((ulong)high * (uint)exclusiveMaximum) >> 32);
    }

    // The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9UL;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EBUL;
        return value ^ (value >> 31);
    }
}
