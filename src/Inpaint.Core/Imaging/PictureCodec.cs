using Inpaint.Imaging.Jpeg;
using Inpaint.Imaging.Png;

namespace Inpaint.Imaging;

/// <summary>The one door to the codecs: pictures are decoded by what they are, not by what they are called.</summary>
internal static class PictureCodec
{
    /// <summary>The quality of JPEG when none is asked for.</summary>
    public const int DefaultJpegQuality = 92;

    /// <summary>Decodes a PNG or JPEG.</summary>
    /// <param name="stream">The file, from the stream's present position.</param>
    /// <param name="name">The file's name for messages.</param>
    /// <param name="limits">What is agreed to be decoded; the default limits when null.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The pixels as they are to be seen (EXIF orientation applied) with the metadata.</returns>
    /// <exception cref="InpaintException">
    /// ImageUnsupported: no picture, a picture of another format, or broken (with reason and byte offset). ImageTooLarge: beyond the limits.
    /// </exception>
    public static Raster Decode(Stream stream, string name, PictureLimits? limits = null, CancellationToken cancellationToken = default)
    {
        var source = new ByteSource(stream, name);
        ReadOnlySpan<byte> head = source.Peek(PictureSniffer.HeadLength);
        PictureFormat format = PictureSniffer.Detect(head);
        return format switch
        {
            PictureFormat.Png => PngDecoder.Decode(source, limits, cancellationToken),
            PictureFormat.Jpeg => JpegDecoder.Decode(source, limits, cancellationToken),
            PictureFormat.Unknown => throw PictureHeaderReader.NotAPicture(name, head),
            _ => throw new InpaintException(InpaintErrorId.ImageUnsupported, $"{name} is a picture of the format {format}, whose pixels cannot be read here. Convert it to PNG or JPEG."),
        };
    }

    /// <summary>Encodes a picture with its metadata.</summary>
    /// <param name="raster">The picture.</param>
    /// <param name="format"><see cref="PictureFormat.Png"/> or <see cref="PictureFormat.Jpeg"/>.</param>
    /// <param name="stream">Where to.</param>
    /// <param name="quality">Quality of a JPEG, 1 to 100.</param>
    /// <param name="cancellationToken">Ends the work; the stream then holds a broken file.</param>
    /// <exception cref="InpaintException">ImageUnsupported: a format that is read only. ImageTooLarge: more pixels than the format can say.</exception>
    public static void Encode(
        Raster raster,
        PictureFormat format,
        Stream stream,
        int quality = DefaultJpegQuality,
        CancellationToken cancellationToken = default)
    {
        switch (format)
        {
            case PictureFormat.Png:
                PngEncoder.Encode(raster, stream, cancellationToken: cancellationToken);
                break;
            case PictureFormat.Jpeg:
                JpegEncoder.Encode(raster, stream, quality, cancellationToken: cancellationToken);
                break;
            default:
                throw new InpaintException(InpaintErrorId.ImageUnsupported, $"Pictures are written as PNG or JPEG, not as {format}.");
        }
    }
}
