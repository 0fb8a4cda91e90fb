using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Inpaint.Imaging.Metadata;

/// <summary>The checksum of PNG chunks (ISO 3309, polynomial 0xEDB88320), eight bytes at a time. The framework has none without another package.</summary>
internal static class Crc32
{
    /// <summary>What to begin with.</summary>
    public const uint Seed = 0xFFFFFFFF;

    private static readonly uint[] Tables = BuildTables();

    /// <summary>Adds bytes to a running checksum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Append(uint state, ReadOnlySpan<byte> bytes)
    {
        uint[] t = Tables;
        if (BitConverter.IsLittleEndian)
        {
            foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes))
            {
                uint low = (uint)word ^ state;
                uint high = (uint)(word >> 32);
                state = t[0x700 + (low & 0xFF)] ^ t[0x600 + ((low >> 8) & 0xFF)] ^ t[0x500 + ((low >> 16) & 0xFF)] ^ t[0x400 + (low >> 24)]
                    ^ t[0x300 + (high & 0xFF)] ^ t[0x200 + ((high >> 8) & 0xFF)] ^ t[0x100 + ((high >> 16) & 0xFF)] ^ t[high >> 24];
            }

            bytes = bytes[(bytes.Length & ~7)..];
        }

        foreach (byte b in bytes)
        {
            state = t[(state ^ b) & 0xFF] ^ (state >> 8);
        }

        return state;
    }

    /// <summary>The checksum as it is written.</summary>
    public static uint Finish(uint state) => ~state;

    private static uint[] BuildTables()
    {
        uint[] tables = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? 0xEDB88320 ^ (value >> 1) : value >> 1;
            }

            tables[i] = value;
        }

        for (int i = 256; i < tables.Length; i++)
        {
            uint before = tables[i - 256];
            tables[i] = tables[before & 0xFF] ^ (before >> 8);
        }

        return tables;
    }
}
