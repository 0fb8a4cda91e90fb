using System.Runtime.InteropServices;
using Inpaint.Imaging.Masks;
using Inpaint.Imaging.Metadata;

namespace Inpaint.Imaging;

/// <summary>A decoded picture: interleaved samples without row padding, top row first, with straight (not premultiplied) alpha.</summary>
internal sealed class Raster
{
    /// <summary>Creates a picture of zeros (black, transparent).</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="channels">1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.</param>
    /// <param name="bitDepth">Bits per sample, 8 or 16.</param>
    public Raster(int width, int height, int channels, int bitDepth = 8)
        : this(width, height, channels, bitDepth, Allocate(width, height, channels, bitDepth))
    {
    }

    /// <summary>Wraps existing samples.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="channels">1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.</param>
    /// <param name="bitDepth">Bits per sample, 8 or 16.</param>
    /// <param name="data">The samples; the raster takes ownership of them.</param>
    public Raster(int width, int height, int channels, int bitDepth, byte[] data)
    {
        long expected = ByteCount(width, height, channels, bitDepth);
        if (data.Length != expected)
        {
            throw new ArgumentException($"{width}x{height} pixels of {channels} {bitDepth}-bit channels take {expected} bytes, not {data.Length}.", nameof(data));
        }

        Width = width;
        Height = height;
        Channels = channels;
        BitDepth = bitDepth;
        Data = data;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>Samples per pixel: 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA.</summary>
    public int Channels { get; }

    /// <summary>Bits per sample, 8 or 16.</summary>
    public int BitDepth { get; }

    /// <summary>The samples: one byte each, or two in the machine's byte order (see <see cref="AsUInt16"/>).</summary>
    public byte[] Data { get; }

    /// <summary>Colour profile, EXIF and texts that travel with the pixels.</summary>
    public PictureMetadata Metadata { get; init; } = PictureMetadata.None;

    /// <summary>Whether the last channel is alpha.</summary>
    public bool HasAlpha => Channels is 2 or 4;

    /// <summary>Number of colour channels without alpha: 1 or 3.</summary>
    public int ColorChannels => HasAlpha ? Channels - 1 : Channels;

    /// <summary>Bytes of one pixel.</summary>
    public int BytesPerPixel => Channels * BitDepth / 8;

    /// <summary>Bytes of one row.</summary>
    public int Stride => Width * BytesPerPixel;

    /// <summary>The same bytes as 16-bit samples.</summary>
    /// <exception cref="InvalidOperationException">The samples have 8 bits.</exception>
    public Span<ushort> AsUInt16() => BitDepth == 16
        ? MemoryMarshal.Cast<byte, ushort>(Data.AsSpan())
        : throw new InvalidOperationException("The raster holds 8-bit samples.");

    /// <summary>The bytes of one row.</summary>
    /// <param name="y">The row, 0 at the top.</param>
    public Span<byte> Row(int y) => Data.AsSpan(y * Stride, Stride);

    /// <summary>The 16-bit samples of one row.</summary>
    /// <param name="y">The row, 0 at the top.</param>
    public Span<ushort> RowUInt16(int y) => AsUInt16().Slice(y * Width * Channels, Width * Channels);

    /// <summary>Whether any pixel is not fully opaque.</summary>
    public bool HasTransparentPixels()
    {
        int sample = BitDepth / 8;
        for (int at = BytesPerPixel - sample; HasAlpha && at < Data.Length; at += BytesPerPixel)
        {
            if (Data.AsSpan(at, sample).ContainsAnyExcept(byte.MaxValue))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Bytes that a picture of this size and layout takes; may exceed what one array can hold.</summary>
    public static long ByteCount(int width, int height, int channels, int bitDepth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(channels, 4);
        if (bitDepth is not (8 or 16))
        {
            throw new ArgumentOutOfRangeException(nameof(bitDepth), bitDepth, "Samples have 8 or 16 bits.");
        }

        return checked((long)width * height * (channels * bitDepth / 8));
    }

    private static byte[] Allocate(int width, int height, int channels, int bitDepth) =>
        new byte[checked((int)ByteCount(width, height, channels, bitDepth))];
}

/// <summary>Converts between channel layouts and bit depths.</summary>
internal static class RasterLayout
{
    /// <summary>Converts a picture; returns itself when it has the layout already.</summary>
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

/// <summary>Crops rectangles out of pictures and masks, and pastes them.</summary>
internal static class RasterCrop
{
    /// <summary>Crops a part of a picture, with the picture's metadata.</summary>
    public static Raster Crop(Raster raster, PixelRect part)
    {
        CheckInside(part, raster.Width, raster.Height);
        var cut = new Raster(part.Width, part.Height, raster.Channels, raster.BitDepth) { Metadata = raster.Metadata };
        for (int y = 0; y < part.Height; y++)
        {
            raster.Row(part.Y + y).Slice(part.X * raster.BytesPerPixel, cut.Stride).CopyTo(cut.Row(y));
        }

        return cut;
    }

    /// <summary>Crops a part of a mask.</summary>
    public static Mask Crop(Mask mask, PixelRect part)
    {
        CheckInside(part, mask.Width, mask.Height);
        var cut = new Mask(part.Width, part.Height) { WasBinary = mask.WasBinary };
        for (int y = 0; y < part.Height; y++)
        {
            mask.Row(part.Y + y).Slice(part.X, part.Width).CopyTo(cut.Row(y));
        }

        return cut;
    }

    /// <summary>Replaces a part of a picture, in place, by one of the same layout.</summary>
    public static void Paste(Raster raster, Raster part, int x, int y)
    {
        CheckInside(new PixelRect(x, y, part.Width, part.Height), raster.Width, raster.Height);
        if (part.Channels != raster.Channels || part.BitDepth != raster.BitDepth)
        {
            throw new ArgumentException("The part has another layout than the picture.", nameof(part));
        }

        for (int row = 0; row < part.Height; row++)
        {
            part.Row(row).CopyTo(raster.Row(y + row)[(x * raster.BytesPerPixel)..]);
        }
    }

    private static void CheckInside(PixelRect part, int width, int height)
    {
        if (part.IsEmpty || part.X < 0 || part.Y < 0 || part.Right > width || part.Bottom > height)
        {
            throw new ArgumentOutOfRangeException(nameof(part), part, $"The part must lie inside {width}x{height}.");
        }
    }
}
