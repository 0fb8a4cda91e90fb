using System.Runtime.InteropServices;

namespace Inpaint.Imaging;

/// <summary>Converts between channel layouts and bit depths.</summary>
internal static class RasterLayout
{
    /// <summary>Converts a picture; returns itself when it has the layout already.</summary>
    /// <param name="raster">The picture.</param>
    /// <param name="channels">1 gray (the luminance of colours, Rec. 601), 2 gray and alpha, 3 RGB, 4 RGBA. Alpha is added as opaque, or dropped.</param>
    /// <param name="bitDepth">8 (rounded) or 16.</param>
    public static Raster Convert(Raster raster, int channels, int bitDepth)
    {
        if (raster.Channels == channels && raster.BitDepth == bitDepth)
        {
            return raster;
        }

        var converted = new Raster(raster.Width, raster.Height, channels, bitDepth) { Metadata = raster.Metadata };
        Parallel.For(0, raster.Height, y =>
        {
            int[] pixel = new int[4];
            for (int x = 0; x < raster.Width; x++)
            {
                Load(raster, x, y, pixel);
                Store(converted, x, y, pixel, raster.BitDepth);
            }
        });
        return converted;
    }

    /// <summary>Converts one row to 8 bits without alpha, blended with white.</summary>
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

    // Always red, green, blue, alpha, in the picture's own bits.
    private static void Load(Raster raster, int x, int y, Span<int> pixel)
    {
        int at = x * raster.Channels;
        Span<int> samples = stackalloc int[4];
        for (int c = 0; c < raster.Channels; c++)
        {
            samples[c] = raster.BitDepth == 16 ? raster.RowUInt16(y)[at + c] : raster.Row(y)[at + c];
        }

        bool isGray = raster.ColorChannels == 1;
        pixel[0] = samples[0];
        pixel[1] = samples[isGray ? 0 : 1];
        pixel[2] = samples[isGray ? 0 : 2];
        pixel[3] = raster.HasAlpha ? samples[raster.Channels - 1] : (1 << raster.BitDepth) - 1;
    }

    private static void Store(Raster raster, int x, int y, Span<int> pixel, int bitDepth)
    {
        int at = x * raster.Channels;
        for (int c = 0; c < raster.Channels; c++)
        {
            int value = raster.HasAlpha && c == raster.Channels - 1 ? pixel[3] : raster.ColorChannels == 3 ? pixel[c] : Luminance(pixel);
            if (raster.BitDepth == 16)
            {
                raster.RowUInt16(y)[at + c] = (ushort)(bitDepth == 16 ? value : value * 257);
            }
            else
            {
                raster.Row(y)[at + c] = bitDepth == 8 ? (byte)value : To8Bit(value);
            }
        }
    }

    private static int Luminance(ReadOnlySpan<int> pixel) => ((299 * pixel[0]) + (587 * pixel[1]) + (114 * pixel[2]) + 500) / 1000;
}
