using System.Runtime.InteropServices;

namespace Inpaint.Imaging;

/// <summary>Brings samples to what simpler formats hold: 8 bits and no transparency.</summary>
internal static class RasterFlattener
{
    /// <summary>One row with 8 bits and without alpha; what is transparent shows white.</summary>
    /// <param name="raster">The picture.</param>
    /// <param name="y">The row.</param>
    /// <param name="target">Receives width times <see cref="Raster.ColorChannels"/> samples.</param>
    public static void ToOpaque8Bit(Raster raster, int y, Span<byte> target)
    {
        ReadOnlySpan<byte> row = raster.Row(y);
        if (raster.BitDepth == 8 && !raster.HasAlpha)
        {
            row.CopyTo(target);
            return;
        }

        ReadOnlySpan<ushort> words = raster.BitDepth == 16 ? MemoryMarshal.Cast<byte, ushort>(row) : [];
        int colors = raster.ColorChannels;
        for (int x = 0; x < raster.Width; x++)
        {
            int at = x * raster.Channels;
            int alpha = raster.HasAlpha ? Sample8(row, words, at + colors) : 255;
            for (int c = 0; c < colors; c++)
            {
                int value = Sample8(row, words, at + c);
                target[(x * colors) + c] = (byte)(((value * alpha) + (255 * (255 - alpha)) + 127) / 255);
            }
        }
    }

    /// <summary>A 16-bit sample as the nearest 8-bit one.</summary>
    public static byte To8Bit(int value) => (byte)((value + 128) / 257);

    private static int Sample8(ReadOnlySpan<byte> row, ReadOnlySpan<ushort> words, int at) => words.IsEmpty ? row[at] : To8Bit(words[at]);
}
