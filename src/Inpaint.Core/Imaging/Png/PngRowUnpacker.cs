using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Inpaint.Imaging.Png;

/// <summary>Turns stored rows into a raster's: packed bits are widened, palette numbers looked up, a transparent colour made alpha.</summary>
internal sealed class PngRowUnpacker
{
    private readonly PngHeader header;
    private readonly byte[] colors = [];
    private readonly ushort[]? transparentColor;

    public PngRowUnpacker(PngHeader header, byte[]? palette, byte[]? transparency)
    {
        this.header = header;
        BitDepth = header.BitDepth == 16 ? 16 : 8;
        if (header.ColorType == PngColorType.Palette)
        {
            Channels = transparency is { Length: > 0 } ? 4 : 3;
            colors = BuildColors(palette!, transparency, Channels);
        }
        else
        {
            int needed = header.StoredChannels * 2;
            bool isKeyed = header.ColorType is PngColorType.Gray or PngColorType.Rgb && transparency?.Length >= needed;
            Channels = header.StoredChannels + (isKeyed ? 1 : 0);
            transparentColor = isKeyed ? ReadColor(transparency, header.StoredChannels, (1 << header.BitDepth) - 1) : null;
        }
    }

    /// <summary>Channels of the raster.</summary>
    public int Channels { get; }

    /// <summary>Bits per sample of the raster.</summary>
    public int BitDepth { get; }

    /// <summary>Whether a stored row has a raster row's bytes already, but for the byte order of 16-bit samples.</summary>
    public bool IsDirect => header.BitDepth >= 8 && header.ColorType != PngColorType.Palette && transparentColor is null;

    /// <summary>Brings rows that were read directly into the machine's byte order.</summary>
    public void FinishDirect(Span<byte> data)
    {
        if (BitDepth == 16)
        {
            ToNative(data);
        }
    }

    /// <summary>Unpacks pixels.</summary>
    public void Unpack(ReadOnlySpan<byte> stored, Span<byte> target, int pixels)
    {
        if (header.ColorType == PngColorType.Palette)
        {
            LookUp(stored, target, pixels);
        }
        else if (BitDepth == 16)
        {
            Unpack16(stored, MemoryMarshal.Cast<byte, ushort>(target), pixels);
        }
        else if (header.BitDepth == 8)
        {
            Unpack8(stored, target, pixels);
        }
        else
        {
            UnpackBits(stored, target, pixels);
        }
    }

    private static byte[] BuildColors(byte[] palette, byte[]? transparency, int channels)
    {
        // A number beyond the palette shows as opaque black, as browsers have it.
        byte[] table = new byte[256 * channels];
        for (int i = 0; i < 256; i++)
        {
            for (int c = 0; c < 3 && (i * 3) + c < palette.Length; c++)
            {
                table[(i * channels) + c] = palette[(i * 3) + c];
            }

            if (channels == 4)
            {
                table[(i * 4) + 3] = i < transparency!.Length ? transparency[i] : (byte)255;
            }
        }

        return table;
    }

    private static ushort[] ReadColor(ReadOnlySpan<byte> bytes, int channels, int mask)
    {
        ushort[] color = new ushort[channels];
        for (int c = 0; c < channels; c++)
        {
            color[c] = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * c)..]) & mask);
        }

        return color;
    }

    private static void ToNative(Span<byte> bytes)
    {
        if (BitConverter.IsLittleEndian)
        {
            Span<ushort> words = MemoryMarshal.Cast<byte, ushort>(bytes);
            BinaryPrimitives.ReverseEndianness(words, words);
        }
    }

    private void LookUp(ReadOnlySpan<byte> stored, Span<byte> target, int pixels)
    {
        int bits = header.BitDepth;
        int mask = (1 << bits) - 1;
        for (int x = 0; x < pixels; x++)
        {
            int bit = x * bits;
            int index = (stored[bit >> 3] >> (8 - bits - (bit & 7))) & mask;
            colors.AsSpan(index * Channels, Channels).CopyTo(target[(x * Channels)..]);
        }
    }

    private void UnpackBits(ReadOnlySpan<byte> stored, Span<byte> target, int pixels)
    {
        int bits = header.BitDepth;
        int mask = (1 << bits) - 1;
        int scale = 255 / mask;
        for (int x = 0; x < pixels; x++)
        {
            int bit = x * bits;
            int value = (stored[bit >> 3] >> (8 - bits - (bit & 7))) & mask;
            if (transparentColor is null)
            {
                target[x] = (byte)(value * scale);
            }
            else
            {
                target[2 * x] = (byte)(value * scale);
                target[(2 * x) + 1] = value == transparentColor[0] ? (byte)0 : (byte)255;
            }
        }
    }

    private void Unpack8(ReadOnlySpan<byte> stored, Span<byte> target, int pixels)
    {
        if (transparentColor is null)
        {
            stored[..(pixels * Channels)].CopyTo(target);
            return;
        }

        int from = Channels - 1;
        for (int x = 0; x < pixels; x++)
        {
            bool isTransparent = true;
            for (int c = 0; c < from; c++)
            {
                byte value = stored[(x * from) + c];
                target[(x * Channels) + c] = value;
                isTransparent &= value == transparentColor[c];
            }

            target[(x * Channels) + from] = isTransparent ? (byte)0 : (byte)255;
        }
    }

    private void Unpack16(ReadOnlySpan<byte> stored, Span<ushort> target, int pixels)
    {
        int from = header.StoredChannels;
        for (int x = 0; x < pixels; x++)
        {
            bool isTransparent = transparentColor is not null;
            for (int c = 0; c < from; c++)
            {
                ushort value = BinaryPrimitives.ReadUInt16BigEndian(stored[(2 * ((x * from) + c))..]);
                target[(x * Channels) + c] = value;
                isTransparent = isTransparent && value == transparentColor![c];
            }

            if (Channels > from)
            {
                target[(x * Channels) + from] = isTransparent ? (ushort)0 : ushort.MaxValue;
            }
        }
    }
}
