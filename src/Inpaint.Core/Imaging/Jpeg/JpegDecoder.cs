using System.Threading.Tasks;

namespace Inpaint.Imaging.Jpeg;

/// <summary>
/// Reads JPEG: baseline, extended and progressive with 8-bit samples, gray, YCbCr, RGB, CMYK and YCCK, any sampling factors, restart intervals. The samples are those of
/// libjpeg with its default settings; the EXIF orientation is applied. Arithmetic coding, lossless and hierarchical pictures and 12-bit samples are refused.
/// </summary>
internal static class JpegDecoder
{
    // Every scan walks over all blocks even if it brings next to nothing: without a bound, a small file could keep a core busy for hours. Real files have about ten.
    private const int MaxScans = 256;

    /// <summary>Decodes a picture to an 8-bit raster of one (gray) or three (RGB) channels.</summary>
    /// <param name="stream">The file, from the stream's present position.</param>
    /// <param name="name">The picture's name for messages.</param>
    /// <param name="limits">What is agreed to be decoded; the default limits when null.</param>
    /// <param name="cancellationToken">Ends the work between two rows of blocks.</param>
    /// <exception cref="InpaintException">ImageUnsupported: broken or of an unsupported kind, with reason and byte offset. ImageTooLarge: beyond the limits.</exception>
    public static Raster Decode(Stream stream, string name = "The picture", PictureLimits? limits = null, CancellationToken cancellationToken = default) =>
        Decode(new ByteSource(stream, name), limits, cancellationToken);

    /// <summary>Decodes a picture; the source stands at its beginning.</summary>
    /// <inheritdoc cref="Decode(Stream, string, PictureLimits?, CancellationToken)"/>
    public static Raster Decode(ByteSource source, PictureLimits? limits, CancellationToken cancellationToken)
    {
        if (source.ReadUInt16() != 0xFFD8)
        {
            throw source.Broken("it does not begin as a JPEG does", 0);
        }

        var tables = new JpegTables();
        var metadata = new JpegMetadataReader();
        JpegFrame? frame = null;
        int scans = 0;
        while (NextMarker(source, frame) is var marker && marker != JpegMarker.EndOfImage)
        {
            if (JpegMarker.IsStandalone(marker))
            {
                continue;
            }

            int length = JpegMarker.ReadLength(source);
            if (JpegMarker.IsStartOfFrame(marker))
            {
                frame = frame is null ? JpegFrame.Read(source, marker, length) : throw source.Broken("it has two frames");
                (limits ?? PictureLimits.Default).Check(source.Name, frame.Width, frame.Height, frame.Components.Length);
                continue;
            }

            if (marker == JpegMarker.StartOfScan)
            {
                if (++scans > MaxScans)
                {
                    throw source.Broken($"it has more than {MaxScans} scans");
                }

                ReadScan(source, length, frame ?? throw source.Broken("a scan comes before the frame"), tables, cancellationToken);
                continue;
            }

            ReadOther(source, marker, length, tables, metadata);
        }

        if (frame?.Components.FirstOrDefault(c => !c.WasScanned) is { } missing)
        {
            throw source.Broken($"component {missing.Id} is missing");
        }

        return Finish(frame ?? throw source.Broken("it has no frame"), metadata, cancellationToken);
    }

    // Some cameras leave the end marker out. That does no harm if the samples are complete, which of a progressive picture nobody can tell.
    private static int NextMarker(ByteSource source, JpegFrame? frame)
    {
        bool mayEnd = frame is { IsProgressive: false } && frame.Components.All(c => c.WasScanned);
        return mayEnd && source.Window.IsEmpty ? JpegMarker.EndOfImage : JpegMarker.ReadNext(source);
    }

    private static void ReadOther(ByteSource source, int marker, int length, JpegTables tables, JpegMetadataReader metadata)
    {
        switch (marker)
        {
            case JpegMarker.QuantizationTables:
                tables.ReadQuantization(source, length);
                break;
            case JpegMarker.HuffmanTables:
                tables.ReadHuffman(source, length);
                break;
            case JpegMarker.RestartInterval:
                tables.ReadRestartInterval(source, length);
                break;
            case JpegMarker.NumberOfLines:
                throw source.Broken("its height comes after its samples, which is not supported");
            default:
                if (JpegMetadataReader.Wants(marker))
                {
                    metadata.Add(marker, source.ReadBlock(length));
                }
                else
                {
                    source.Skip(length);
                }

                break;
        }
    }

    private static void ReadScan(ByteSource source, int length, JpegFrame frame, JpegTables tables, CancellationToken cancellationToken)
    {
        JpegScan scan = JpegScan.Read(source, length, frame, tables);
        if (frame.Components[0].Samples.Length == 0)
        {
            Allocate(source, frame);
        }

        foreach (JpegComponent component in scan.Components)
        {
            component.Quantization ??= tables.Quantization(component.QuantizationIndex)
                ?? throw source.Broken($"quantization table {component.QuantizationIndex} was not given");
            component.WasScanned = true;
        }

        JpegScanDecoder decoder = frame.IsProgressive
            ? new JpegProgressiveScan(source, frame, scan, tables.RestartInterval)
            : new JpegSequentialScan(source, frame, scan, tables.RestartInterval);
        decoder.Decode(cancellationToken);
    }

    private static void Allocate(ByteSource source, JpegFrame frame)
    {
        // A block takes one bit at the very least.
        if (source.Remaining is { } remaining && remaining * 8 < frame.Blocks)
        {
            throw source.Broken($"the file is truncated: {remaining} bytes cannot hold {frame.Width}x{frame.Height} pixels");
        }

        foreach (JpegComponent component in frame.Components)
        {
            component.Allocate(withCoefficients: frame.IsProgressive);
        }
    }

    private static Raster Finish(JpegFrame frame, JpegMetadataReader metadata, CancellationToken cancellationToken)
    {
        if (frame.IsProgressive)
        {
            foreach (JpegComponent component in frame.Components)
            {
                Transform(component, cancellationToken);
                component.DropCoefficients();
            }
        }

        JpegColorModel model = JpegColors.Find(frame, metadata.HasJfif, metadata.AdobeTransform);
        int orientation = metadata.Orientation;
        PictureMetadata kept = metadata.Build(model);
        if (orientation != ExifOrientation.Normal)
        {
            kept = kept with { Exif = ExifOrientation.WithNormal(kept.Exif!), Xmp = ExifOrientation.WithNormalXmp(kept.Xmp) };
        }

        return ExifOrientation.Apply(JpegColors.Convert(frame, model, kept, cancellationToken), orientation);
    }

    private static void Transform(JpegComponent component, CancellationToken cancellationToken) => Parallel.For(
        0,
        component.PaddedBlocksHigh,
        new ParallelOptions { CancellationToken = cancellationToken },
        blockRow =>
        {
            Span<int> block = stackalloc int[JpegComponent.BlockLength];
            ReadOnlySpan<int> quantization = component.Quantization;
            for (int column = 0; column < component.PaddedBlocksWide; column++)
            {
                ReadOnlySpan<short> coefficients = component.Coefficients.AsSpan(
                    ((blockRow * component.PaddedBlocksWide) + column) * JpegComponent.BlockLength,
                    JpegComponent.BlockLength);
                for (int i = 0; i < block.Length; i++)
                {
                    block[i] = coefficients[i] * quantization[i];
                }

                int at = (blockRow * component.Stride * JpegComponent.BlockSize) + (column * JpegComponent.BlockSize);
                JpegInverseDct.Transform(block, component.Samples.AsSpan(at), component.Stride);
            }
        });
}
