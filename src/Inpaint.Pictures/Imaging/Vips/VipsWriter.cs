using System.Buffers.Binary;
using Inpaint.Imaging.Metadata;
using NetVips;

namespace Inpaint.Imaging.Vips;

/// <summary>Encodes files.</summary>
internal static class VipsWriter
{
    // From this quality on, colours at half the resolution would be the largest loss.
    private const int FullChromaQuality = 90;

    // 0 to 9; more takes several times as long and saves a few percent.
    private const int PngCompression = 6;
    private const int AvifEffort = 4;

    // EXIF requires a density: 72 pixels per inch where none is known.
    private const int UnknownDensity = 2835;

    // AVIF supports 8, 10 and 12 bits.
    private const int DeepAvifBits = 12;

    /// <summary>Encodes a picture.</summary>
    /// <param name="format">A format that can be written.</param>
    /// <param name="quality">Quality of a lossy file, 1 to 100.</param>
    /// <exception cref="IOException">The stream cannot be written to.</exception>
    public static void Encode(Raster raster, PictureFormat format, Stream stream, int quality, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        raster = Fitted(raster, format);
        using ImageChain chain = VipsRaster.Wrap(raster);
        switch (format)
        {
            case PictureFormat.Png:
                Save(chain, stream, PngHead, (target, head) => WritePngHead(target, head, raster.Metadata), (image, target) =>
                    image.PngsaveStream(target, compression: PngCompression, filter: Enums.ForeignPngFilter.All, bitdepth: raster.BitDepth, keep: Enums.ForeignKeep.None), cancellationToken);
                break;
            case PictureFormat.Jpeg:
                Save(chain, stream, JpegHead, (target, _) => WriteJpegHead(target, raster.Metadata), (image, target) =>
                    image.JpegsaveStream(target, q: quality, keep: Enums.ForeignKeep.None, subsampleMode: quality < FullChromaQuality ? Enums.ForeignSubsample.On : Enums.ForeignSubsample.Off), cancellationToken);
                break;
            case PictureFormat.WebP:
                AddMetadata(chain, raster.Metadata);
                Save(chain, stream, WebPMetadataWriter.FindEnd, (target, file) => WebPMetadataWriter.Write(target, file, raster.Metadata.Exif), (image, target) => image.WebpsaveStream(target, q: quality, lossless: quality == Pictures.LosslessQuality, keep: Enums.ForeignKeep.All), cancellationToken);
                break;
            case PictureFormat.Avif:
                AddMetadata(chain, raster.Metadata);
                Save(chain, stream, WholeHead, PassHead, (image, target) => image.HeifsaveStream(
                    target,
                    q: quality,
                    lossless: quality == Pictures.LosslessQuality,
                    bitdepth: raster.BitDepth == 16 ? DeepAvifBits : 8,
                    compression: Enums.ForeignHeifCompression.Av1,
                    effort: AvifEffort,
                    subsampleMode: quality < FullChromaQuality ? Enums.ForeignSubsample.On : Enums.ForeignSubsample.Off,
                    keep: Enums.ForeignKeep.All), cancellationToken);
                break;
            default:
                AddMetadata(chain, raster.Metadata);
                SaveTiff(chain, stream, raster.Metadata, cancellationToken);
                break;
        }
    }

    /// <summary>Converts a picture to what the format supports.</summary>
    private static Raster Fitted(Raster raster, PictureFormat format)
    {
        bool isDeep = raster.BitDepth == 16 && format is PictureFormat.Png or PictureFormat.Tiff or PictureFormat.Avif;
        if (format != PictureFormat.Jpeg)
        {
            return RasterLayout.Convert(raster, raster.Channels, isDeep ? 16 : 8);
        }

        if (raster is { BitDepth: 8, HasAlpha: false })
        {
            return raster;
        }

        Raster opaque = new(raster.Width, raster.Height, raster.ColorChannels) { Metadata = raster.Metadata };
        Parallel.For(0, raster.Height, y => RasterLayout.ToOpaque8Bit(raster, y, opaque.Row(y)));
        return opaque;
    }

    private static void Save(
        ImageChain chain,
        Stream stream,
        Func<ReadOnlySpan<byte>, int?> split,
        Action<Stream, ReadOnlySpan<byte>> writeHead,
        Action<Image, Stream> save,
        CancellationToken cancellationToken)
    {
        using HeadRewriter target = new(stream, split, writeHead);
        try
        {
            chain.Current.SetProgress(IgnoredProgress, cancellationToken);
            save(chain.Current, target);
        }
        catch (VipsException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (VipsException e) when (target.Failure is not null)
        {
            throw new IOException(target.Failure.Message, e);
        }
    }

    // Written to memory first, because the library seeks back to fill in offsets.
    private static void SaveTiff(ImageChain chain, Stream stream, PictureMetadata metadata, CancellationToken cancellationToken)
    {
        using MemoryStream file = new();
        try
        {
            chain.Current.SetProgress(IgnoredProgress, cancellationToken);
            chain.Current.TiffsaveStream(file, compression: Enums.ForeignTiffCompression.Deflate, predictor: Enums.ForeignTiffPredictor.Horizontal, keep: Enums.ForeignKeep.All);
        }
        catch (VipsException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }

        TiffMetadataWriter.Write(stream, file.GetBuffer().AsSpan(0, (int)file.Length), metadata);
    }

    private static IProgress<int> IgnoredProgress { get; } = new Progress<int>();

    private static int? WholeHead(ReadOnlySpan<byte> written) => 0;

    private static void PassHead(Stream target, ReadOnlySpan<byte> head)
    {
    }

    /// <summary>Everything before the samples.</summary>
    private static int? PngHead(ReadOnlySpan<byte> written)
    {
        int at = PngChunkReader.Signature.Length;
        while (at + 8 <= written.Length)
        {
            if (written.Slice(at + 4, 4).SequenceEqual("IDAT"u8))
            {
                return at;
            }

            at += 12 + BinaryPrimitives.ReadInt32BigEndian(written[at..]);
        }

        return null;
    }

    // Signature and IHDR stay; everything else that the library has written is replaced by the metadata.
    private static void WritePngHead(Stream target, ReadOnlySpan<byte> head, PictureMetadata metadata)
    {
        const int HeaderChunk = 25;
        target.Write(head[..(PngChunkReader.Signature.Length + HeaderChunk)]);
        PngMetadataWriter.Write(target, metadata);
    }

    /// <summary>The start marker and the JFIF segment.</summary>
    private static int? JpegHead(ReadOnlySpan<byte> written) => written.Length < 6 ? null : written[3] == JpegMarker.App0 ? 4 + BinaryPrimitives.ReadUInt16BigEndian(written[4..]) : 2;

    private static void WriteJpegHead(Stream target, PictureMetadata metadata)
    {
        target.Write([0xFF, JpegMarker.StartOfImage]);
        JpegMetadataWriter.Write(target, metadata);
    }

    private static void AddMetadata(ImageChain chain, PictureMetadata metadata)
    {
        (int X, int Y) density = metadata.PixelsPerMetre ?? (UnknownDensity, UnknownDensity);
        chain.Then(image => image.Copy(xres: density.X / 1000.0, yres: density.Y / 1000.0));

        (string Field, byte[]? Content)[] fields =
        [
            ("icc-profile-data", metadata.IccProfile),
            ("exif-data", metadata.Exif is null ? null : [.. JpegMarker.ExifHead, .. metadata.Exif]),
            ("xmp-data", metadata.Xmp),
            ("photoshop-data", metadata.ImageResources),
        ];
        chain.Then(image => image.Mutate(changed =>
        {
            foreach ((string field, byte[]? content) in fields)
            {
                if (content is not null)
                {
                    changed.Set(GValue.BlobType, field, content);
                }
            }
        }));
    }
}

/// <summary>
/// Passes a file on while it is written, and replaces its head: the library rewrites metadata (it rebuilds EXIF, and does not support IPTC in PNG), so that PNG and JPEG get
/// theirs here. An exception of the target is kept, because the library reports only that there was one.
/// </summary>
/// <param name="split">Returns the length of the head; null as long as it is incomplete.</param>
/// <param name="writeHead">Writes the new head in place of the old one.</param>
internal sealed class HeadRewriter(Stream inner, Func<ReadOnlySpan<byte>, int?> split, Action<Stream, ReadOnlySpan<byte>> writeHead) : Stream
{
    private MemoryStream? head = new();

    /// <summary>The exception that the target threw; null for none.</summary>
    public Exception? Failure { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            if (head is null)
            {
                inner.Write(buffer);
                return;
            }

            head.Write(buffer);
            ReadOnlySpan<byte> whole = head.GetBuffer().AsSpan(0, (int)head.Length);
            if (split(whole) is int length)
            {
                head = null;
                writeHead(inner, whole[..length]);
                inner.Write(whole[length..]);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Failure = e;
            throw;
        }
    }

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
