using System.Runtime.InteropServices;
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
