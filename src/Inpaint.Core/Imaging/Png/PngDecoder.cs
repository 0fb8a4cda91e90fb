using System.IO.Compression;

namespace Inpaint.Imaging.Png;

/// <summary>
/// Reads PNG: every colour type, bit depth and interlacing, with palettes and tRNS resolved to plain samples. Gamma is not applied. Samples are inflated row by row
/// straight into the raster, so that memory is the raster's and no more.
/// </summary>
internal static class PngDecoder
{
    // Deflate cannot compress better than this (a 258-byte match in 2 bits): a file that is shorter cannot hold the picture that it claims.
    private const int BestDeflateRatio = 1032;

    /// <summary>Decodes a picture. 1, 2, 4 and 8-bit pictures become 8-bit rasters, 16-bit ones stay.</summary>
    /// <param name="stream">The file, from the stream's present position.</param>
    /// <param name="name">The picture's name for messages.</param>
    /// <param name="limits">What is agreed to be decoded; the default limits when null.</param>
    /// <param name="cancellationToken">Ends the work between two rows.</param>
    /// <exception cref="InpaintException">ImageUnsupported: broken, with reason and byte offset. ImageTooLarge: beyond the limits.</exception>
    public static Raster Decode(Stream stream, string name = "The picture", PictureLimits? limits = null, CancellationToken cancellationToken = default) =>
        Decode(new ByteSource(stream, name), limits, cancellationToken);

    /// <summary>Decodes a picture; the source stands at its beginning.</summary>
    /// <inheritdoc cref="Decode(Stream, string, PictureLimits?, CancellationToken)"/>
    public static Raster Decode(ByteSource source, PictureLimits? limits, CancellationToken cancellationToken)
    {
        var chunks = new PngChunkReader(source);
        PngHeader header = PngHeader.Read(chunks);
        (limits ?? PictureLimits.Default).Check(source.Name, header.Width, header.Height, 4 * (header.BitDepth == 16 ? 2 : 1));

        var metadata = new PngMetadataReader();
        byte[]? palette = null;
        byte[]? transparency = null;
        chunks.Next();
        while (!chunks.IsIdat)
        {
            switch (chunks.TypeName)
            {
                case "PLTE":
                    palette = ReadPalette(chunks);
                    break;
                case "tRNS":
                    transparency = chunks.Left <= 256 ? chunks.ReadContent() : throw source.Broken("its tRNS chunk is too long");
                    break;
                case "IEND":
                    throw source.Broken("it holds no samples");
                default:
                    ReadOther(chunks, metadata);
                    break;
            }

            chunks.Next();
        }

        if (header.ColorType == PngColorType.Palette && palette is null)
        {
            throw source.Broken("it has colour numbers and no palette");
        }

        if (source.Remaining is { } remaining && remaining < (long)header.RowBytes(header.Width) * header.Height / BestDeflateRatio)
        {
            throw source.Broken($"the file is truncated: {remaining} bytes cannot hold {header.Width}x{header.Height} pixels");
        }

        var unpacker = new PngRowUnpacker(header, palette, transparency);
        byte[] data = new byte[checked((int)Raster.ByteCount(header.Width, header.Height, unpacker.Channels, unpacker.BitDepth))];
        var compressed = new PngDataStream(chunks);
        try
        {
            using var samples = new ZLibStream(compressed, CompressionMode.Decompress, leaveOpen: true);
            var rows = new PngRowReader(header, unpacker, data, samples, source);
            rows.ReadAll(cancellationToken);
            ReadToChecksum(samples);
        }
        catch (InvalidDataException e)
        {
            throw source.Broken("its compressed samples are damaged", e);
        }

        compressed.Drain();
        while (chunks.TypeName != "IEND")
        {
            ReadOther(chunks, metadata);
            chunks.Next();
        }

        chunks.Skip();
        return new Raster(header.Width, header.Height, unpacker.Channels, unpacker.BitDepth, data) { Metadata = metadata.Build() };
    }

    // The inflater verifies its checksum only when it is asked for what follows the last byte.
    private static void ReadToChecksum(ZLibStream samples)
    {
        Span<byte> beyond = stackalloc byte[1];
        _ = samples.Read(beyond);
    }

    private static byte[] ReadPalette(PngChunkReader chunks) =>
        chunks.Left is > 0 and <= 768 && chunks.Left % 3 == 0
            ? chunks.ReadContent()!
            : throw chunks.Source.Broken($"its palette has {chunks.Left} bytes");

    private static void ReadOther(PngChunkReader chunks, PngMetadataReader metadata)
    {
        if (!chunks.IsAncillary && chunks.TypeName is not ("PLTE" or "IDAT"))
        {
            throw chunks.Source.Broken($"it needs a {chunks.TypeName} chunk to be understood, which this reader does not know");
        }

        if (PngMetadataReader.Wants(chunks.TypeName) && chunks.Left <= PictureLimits.MaxMetadataBytes)
        {
            string type = chunks.TypeName;
            if (chunks.ReadContent() is { } content)
            {
                metadata.Add(type, content);
            }
        }
        else
        {
            chunks.Skip();
        }
    }
}
