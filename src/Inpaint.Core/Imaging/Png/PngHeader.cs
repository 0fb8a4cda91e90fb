namespace Inpaint.Imaging.Png;

/// <summary>PNG's colour types.</summary>
internal enum PngColorType
{
    Gray = 0,
    Rgb = 2,
    Palette = 3,
    GrayAlpha = 4,
    Rgba = 6,
}

/// <summary>The IHDR chunk: size and sample layout of a PNG.</summary>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="BitDepth">Bits per sample as stored: 1, 2, 4, 8 or 16.</param>
/// <param name="ColorType">What the samples mean.</param>
/// <param name="IsInterlaced">Whether the picture comes in the seven passes of Adam7.</param>
internal readonly record struct PngHeader(int Width, int Height, int BitDepth, PngColorType ColorType, bool IsInterlaced)
{
    /// <summary>Samples of a pixel as stored; a palette's index is one.</summary>
    public int StoredChannels => ColorType switch
    {
        PngColorType.Rgb => 3,
        PngColorType.GrayAlpha => 2,
        PngColorType.Rgba => 4,
        _ => 1,
    };

    /// <summary>Bits of a pixel as stored.</summary>
    public int BitsPerPixel => StoredChannels * BitDepth;

    /// <summary>Distance in bytes between a sample and the one left of it, as the filters count.</summary>
    public int FilterStep => Math.Max(1, BitsPerPixel / 8);

    /// <summary>Bytes of a stored row of so many pixels, without its filter byte.</summary>
    public int RowBytes(int pixels) => checked((int)(((long)pixels * BitsPerPixel + 7) / 8));

    /// <summary>Reads signature and IHDR.</summary>
    public static PngHeader Read(PngChunkReader chunks)
    {
        ByteSource source = chunks.Source;
        Span<byte> signature = stackalloc byte[8];
        source.ReadExactly(signature);
        if (!signature.SequenceEqual(PngChunkReader.Signature))
        {
            throw source.Broken("it does not begin as a PNG does", 0);
        }

        chunks.Next();
        if (chunks.TypeName != "IHDR" || chunks.Left != 13)
        {
            throw source.Broken("its first chunk is not a PNG header", 8);
        }

        byte[] ihdr = chunks.ReadContent()!;
        uint width = ((uint)ihdr[0] << 24) | ((uint)ihdr[1] << 16) | ((uint)ihdr[2] << 8) | ihdr[3];
        uint height = ((uint)ihdr[4] << 24) | ((uint)ihdr[5] << 16) | ((uint)ihdr[6] << 8) | ihdr[7];
        if (width is 0 or > int.MaxValue || height is 0 or > int.MaxValue)
        {
            throw source.Broken($"its size of {width}x{height} is not possible", 16);
        }

        bool known = ihdr[9] switch
        {
            0 => ihdr[8] is 1 or 2 or 4 or 8 or 16,
            3 => ihdr[8] is 1 or 2 or 4 or 8,
            2 or 4 or 6 => ihdr[8] is 8 or 16,
            _ => false,
        };
        if (!known)
        {
            throw source.Broken($"colour type {ihdr[9]} with {ihdr[8]} bits per sample does not exist", 24);
        }

        if (ihdr[10] != 0 || ihdr[11] != 0 || ihdr[12] > 1)
        {
            throw source.Broken("its compression, filter or interlace method does not exist", 26);
        }

        return new PngHeader((int)width, (int)height, ihdr[8], (PngColorType)ihdr[9], ihdr[12] == 1);
    }
}
