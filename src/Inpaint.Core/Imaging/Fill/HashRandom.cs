using System.Runtime.CompilerServices;

namespace Inpaint.Imaging.Fill;

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
