using System.Buffers.Binary;

namespace Inpaint.Results;

/// <summary>
/// Tells a whole picture file from one that was cut off, by what its format ends with. An answer that was cut may carry no length that would say so.
/// Pixels are not decoded, so that damage in the middle is not seen here.
/// </summary>
internal static class PictureEnd
{
    /// <summary>How much may follow the end; programs append previews and notes.</summary>
    private const int LongestTail = 1 << 16;

    /// <summary>Looks for the end.</summary>
    /// <param name="file">The file, seekable.</param>
    /// <param name="format">What it begins as.</param>
    /// <returns>False when it is surely cut off.</returns>
    public static bool IsThere(Stream file, PictureFormat format) => format switch
    {
        PictureFormat.Png => TailHolds(file, [0, 0, 0, 0, (byte)'I', (byte)'E', (byte)'N', (byte)'D', 0xAE, 0x42, 0x60, 0x82]),
        PictureFormat.Jpeg => TailHolds(file, [0xFF, 0xD9]),
        PictureFormat.WebP => file.Length >= 8L + RiffLength(file),
        _ => true,
    };

    private static bool TailHolds(Stream file, ReadOnlySpan<byte> mark)
    {
        byte[] tail = new byte[Math.Min(file.Length, LongestTail)];
        file.Position = file.Length - tail.Length;
        file.ReadExactly(tail);
        return tail.AsSpan().LastIndexOf(mark) >= 0;
    }

    /// <summary>RIFF says at byte 4 how many bytes follow byte 8.</summary>
    private static uint RiffLength(Stream file)
    {
        Span<byte> length = stackalloc byte[4];
        file.Position = 4;
        file.ReadExactly(length);
        return BinaryPrimitives.ReadUInt32LittleEndian(length);
    }
}
