using Inpaint.Imaging.Vips;

namespace Inpaint.Imaging;

/// <summary>The one entry to the image library: opens, decodes, encodes and scales pictures. A file is what its content says, not what it is called.</summary>
internal static class Pictures
{
    /// <summary>The quality of lossy files when none is asked for.</summary>
    public const int DefaultQuality = 92;

    /// <summary>The quality at which WebP and AVIF keep every sample of 8 bits.</summary>
    public const int LosslessQuality = 100;

    /// <summary>Reads format, size and orientation from a file's head, without decoding pixels.</summary>
    /// <param name="stream">The file, from the stream's present position.</param>
    /// <param name="name">The file's name for messages.</param>
    /// <exception cref="InpaintException">
    /// ImageUnsupported: not a picture of a known format (the message says what it looks like), or broken. ImageTooLarge: too many bytes. ImageLibraryMissing.
    /// </exception>
    public static PictureHeader ReadHeader(Stream stream, string name)
    {
        byte[] file = ReadAll(stream, name, PictureLimits.Default);
        PictureFormat format = Detect(file, name);
        return Guarded(name, file, format, () => VipsReader.ReadHeader(file, format));
    }

    /// <summary>Tells what a file begins as. Needs no image library.</summary>
    /// <param name="stream">The file, from the stream's present position.</param>
    /// <param name="name">The file's name for messages.</param>
    /// <exception cref="InpaintException">ImageUnsupported: not a picture of a known format.</exception>
    public static PictureFormat DetectFormat(Stream stream, string name)
    {
        byte[] head = new byte[PictureSniffer.HeadLength];
        return Detect(head.AsSpan(0, stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)), name);
    }

    /// <summary>Decodes a picture.</summary>
    /// <param name="stream">The file, from the stream's present position.</param>
    /// <param name="name">The file's name for messages.</param>
    /// <param name="limits">What is agreed to be decoded; the default limits when null.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The pixels as they are to be seen (orientation applied) with the metadata; of an animation the first frame.</returns>
    /// <exception cref="InpaintException">
    /// ImageUnsupported: no picture, a picture of another format, or broken (with the reason). ImageTooLarge: beyond the limits. ImageLibraryMissing.
    /// </exception>
    public static Raster Decode(Stream stream, string name, PictureLimits? limits = null, CancellationToken cancellationToken = default)
    {
        limits ??= PictureLimits.Default;
        byte[] file = ReadAll(stream, name, limits);
        PictureFormat format = Detect(file, name);
        return Guarded(name, file, format, () => VipsReader.Decode(file, format, name, limits, part: null, cancellationToken));
    }

    /// <summary>Decodes a part of a picture. What lies below it is not read where the file allows that.</summary>
    /// <param name="stream">The file, from the stream's present position.</param>
    /// <param name="name">The file's name for messages.</param>
    /// <param name="part">The part, in the picture as it is to be seen.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The part, with the picture's metadata.</returns>
    /// <exception cref="InpaintException">As of <see cref="Decode"/>; ImageUnsupported as well when the part does not lie in the picture.</exception>
    public static Raster DecodePart(Stream stream, string name, PixelRect part, CancellationToken cancellationToken = default)
    {
        byte[] file = ReadAll(stream, name, PictureLimits.Default);
        PictureFormat format = Detect(file, name);
        return Guarded(name, file, format, () => VipsReader.Decode(file, format, name, PictureLimits.Default, part, cancellationToken));
    }

    /// <summary>Encodes a picture with its metadata.</summary>
    /// <param name="raster">The picture. What the format cannot say is laid over white (transparency) or rounded to 8 bits.</param>
    /// <param name="format">Any but <see cref="PictureFormat.Gif"/>.</param>
    /// <param name="stream">Where to; seekable for TIFF.</param>
    /// <param name="quality">Quality of a lossy file, 1 to 100.</param>
    /// <param name="cancellationToken">Ends the work; the stream then holds a broken file.</param>
    /// <exception cref="InpaintException">ImageUnsupported: a format that is read only. ImageTooLarge: more pixels than the format can say. ImageLibraryMissing.</exception>
    public static void Encode(Raster raster, PictureFormat format, Stream stream, int quality = DefaultQuality, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        if (!PictureFormats.CanWrite(format))
        {
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"Pictures are written as {PictureFormats.Writable}, not as {format}.");
        }

        int largest = PictureFormats.LargestSide(format);
        if (raster.Width > largest || raster.Height > largest)
        {
            throw new InpaintException(
                InpaintErrorId.ImageTooLarge,
                $"A picture of {raster.Width}x{raster.Height} pixels cannot be {format}, which ends at {largest}. Save it as PNG.");
        }

        VipsLibrary.Demand();
        VipsWriter.Encode(raster, format, stream, quality, cancellationToken);
    }

    /// <summary>The picture in another size, with its metadata; itself when it has that size already. Colours are weighted by their alpha, so that transparent ones do not bleed.</summary>
    /// <param name="raster">The picture.</param>
    /// <param name="width">The new width in pixels.</param>
    /// <param name="height">The new height in pixels.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InpaintException">ImageLibraryMissing.</exception>
    public static Raster Resize(Raster raster, int width, int height, CancellationToken cancellationToken = default)
    {
        if (raster.Width == width && raster.Height == height)
        {
            return raster;
        }

        VipsLibrary.Demand();
        return VipsTransforms.Resize(raster, width, height, cancellationToken);
    }

    /// <summary>Whether a picture's profile says other colours than a reader sees who knows of no profiles.</summary>
    /// <param name="raster">The picture.</param>
    public static bool HasOtherColors(Raster raster) => raster is { ColorChannels: 3, Metadata.IccProfile: { } profile } && !VipsColors.IsSrgb(profile);

    /// <summary>The picture with its colours in sRGB; itself when they are.</summary>
    /// <param name="raster">The picture.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static Raster ToSrgb(Raster raster, CancellationToken cancellationToken = default) => HasOtherColors(raster) ? VipsColors.ToSrgb(raster, cancellationToken) : raster;

    /// <summary>The picture with its colours as another one's profile says them; itself when they are.</summary>
    /// <param name="raster">The picture.</param>
    /// <param name="other">The other picture.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static Raster WithColorsOf(Raster raster, Raster other, CancellationToken cancellationToken = default)
    {
        if (HaveSameColors(raster, other) || raster.ColorChannels != 3)
        {
            return raster;
        }

        Raster plain = ToSrgb(raster, cancellationToken);
        return HasOtherColors(other) ? VipsColors.FromSrgb(plain, other.Metadata.IccProfile!, cancellationToken) : plain;
    }

    /// <summary>Whether equal samples of two pictures are equal colours.</summary>
    /// <param name="one">A picture.</param>
    /// <param name="other">Another one.</param>
    public static bool HaveSameColors(Raster one, Raster other) =>
        one.Metadata.IccProfile.AsSpan().SequenceEqual(other.Metadata.IccProfile) || (!HasOtherColors(one) && !HasOtherColors(other));

    /// <summary>The error for content that is no picture of a known format.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="head">Its first bytes.</param>
    public static InpaintException NotAPicture(string name, ReadOnlySpan<byte> head) =>
        new(InpaintErrorId.ImageUnsupported, $"{name} {PictureSniffer.Describe(head)}; a {PictureFormats.Readable} picture is needed.")
        {
            RecommendedAction = PictureSniffer.Advise(head),
        };

    private static PictureFormat Detect(ReadOnlySpan<byte> file, string name)
    {
        ReadOnlySpan<byte> head = file[..Math.Min(file.Length, PictureSniffer.HeadLength)];
        PictureFormat format = PictureSniffer.Detect(head);
        return format != PictureFormat.Unknown ? format : throw NotAPicture(name, head);
    }

    private static byte[] ReadAll(Stream stream, string name, PictureLimits limits)
    {
        if (stream.CanSeek)
        {
            limits.CheckBytes(name, stream.Length - stream.Position);
            byte[] all = new byte[stream.Length - stream.Position];
            int read = stream.ReadAtLeast(all, all.Length, throwOnEndOfStream: false);
            return read == all.Length ? all : all[..read];
        }

        using MemoryStream copy = new();
        byte[] piece = new byte[64 << 10];
        for (int count; (count = stream.Read(piece)) > 0;)
        {
            copy.Write(piece, 0, count);
            limits.CheckBytes(name, copy.Length);
        }

        return copy.ToArray();
    }

    // The library has one list of errors for all threads. So what fails beside others is tried once more alone: its reason would else name what is wrong with another file.
    private static readonly ReaderWriterLockSlim Errors = new();

    private static T Guarded<T>(string name, byte[] file, PictureFormat format, Func<T> read)
    {
        VipsLibrary.Demand();
        Errors.EnterReadLock();
        try
        {
            return read();
        }
        catch (Exception e) when (VipsLibrary.IsOwn(e))
        {
        }
        finally
        {
            Errors.ExitReadLock();
        }

        Errors.EnterWriteLock();
        try
        {
            VipsLibrary.Demand();
            return read();
        }
        catch (Exception e) when (VipsLibrary.IsOwn(e))
        {
            // Of a WebP the library says no more than that it cannot be parsed.
            bool isCut = format == PictureFormat.WebP && !PictureEnd.IsThere(new MemoryStream(file, writable: false), format);
            throw Broken(name, isCut ? $"the file is truncated (at byte {file.Length})" : VipsLibrary.ReasonOf(e), e);
        }
        finally
        {
            Errors.ExitWriteLock();
        }
    }

    /// <summary>The error for a file that begins as a picture and cannot be read.</summary>
    /// <param name="name">The file's name.</param>
    /// <param name="reason">What is wrong with it.</param>
    /// <param name="cause">What the image library said.</param>
    public static InpaintException Broken(string name, string reason, Exception? cause = null) =>
        new(InpaintErrorId.ImageUnsupported, $"{name} cannot be read: {reason}.", cause)
        {
            RecommendedAction = "Fetch it again if it is damaged or cut short, or open it in another program and save it anew as PNG or JPEG.",
        };
}
