using Inpaint.Files;
using Inpaint.Imaging.Vips;

namespace Inpaint.Imaging;

/// <summary>The only entry to the image library: opens, decodes, encodes and scales pictures. The format is detected from the content, not from the file name.</summary>
internal static class Pictures
{
    /// <summary>The default quality of lossy files.</summary>
    public const int DefaultQuality = 92;

    /// <summary>The quality at which WebP and AVIF keep every sample of 8 bits.</summary>
    public const int LosslessQuality = 100;

    /// <summary>The advice for a picture that cannot be read.</summary>
    public const string BrokenAdvice = "If it is damaged or truncated, get it again; otherwise open it in another program and save it as PNG or JPEG.";

    /// <summary>Called with the name of each picture that is decoded; for tests that count them.</summary>
    internal static Action<string>? Decoded { get; set; }

    /// <summary>Reads format, size and orientation from a file's header, without decoding pixels.</summary>
    /// <exception cref="InpaintException">
    /// ImageUnsupported: not a picture of a known format (the message says what it looks like), or damaged. ImageTooLarge: too many bytes. ImageLibraryMissing.
    /// </exception>
    public static PictureHeader ReadHeader(Stream stream, string name) => ReadHeader(ReadAll(stream, name, PictureLimits.Default), name);

    /// <summary>Reads format, size and orientation from a file's header, without decoding pixels.</summary>
    /// <exception cref="InpaintException">As for a stream.</exception>
    public static PictureHeader ReadHeader(byte[] file, string name)
    {
        PictureFormat format = Detect(file, name);
        return Guarded(name, file, format, () => VipsReader.ReadHeader(file, format));
    }

    /// <summary>Detects a file's format by its first bytes. Needs no image library.</summary>
    /// <exception cref="InpaintException">ImageUnsupported: not a picture of a known format.</exception>
    public static PictureFormat DetectFormat(Stream stream, string name)
    {
        Span<byte> head = stackalloc byte[PictureSniffer.HeadLength];
        return Detect(head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)], name);
    }

    /// <summary>Decodes a picture.</summary>
    /// <returns>The pixels with the EXIF orientation applied, and the metadata; of an animation, the first frame.</returns>
    /// <exception cref="InpaintException">
    /// ImageUnsupported: not a picture of a known format, or damaged (with the reason). ImageTooLarge: beyond the limits. ImageLibraryMissing.
    /// </exception>
    public static Raster Decode(Stream stream, string name, PictureLimits? limits = null, CancellationToken cancellationToken = default) =>
        Decode(ReadAll(stream, name, limits ?? PictureLimits.Default), name, part: null, limits, cancellationToken);

    /// <summary>Decodes a picture, or a part of it, given in pixels of the upright picture. Rows below the part are not read where the format allows that.</summary>
    /// <returns>As for a stream; a part has the picture's metadata.</returns>
    /// <exception cref="InpaintException">As for a stream; also ImageUnsupported when the part does not lie in the picture.</exception>
    public static Raster Decode(byte[] file, string name, PixelRect? part = null, PictureLimits? limits = null, CancellationToken cancellationToken = default)
    {
        PictureFormat format = Detect(file, name);
        Decoded?.Invoke(name);
        return Guarded(name, file, format, () => VipsReader.Decode(file, format, name, limits ?? PictureLimits.Default, part, cancellationToken));
    }

    /// <summary>Encodes a picture with its metadata.</summary>
    /// <param name="raster">The picture. What the format does not support is blended with white (transparency) or rounded to 8 bits.</param>
    /// <param name="format">Any but <see cref="PictureFormat.Gif"/>.</param>
    /// <param name="stream">The target; seekable for TIFF.</param>
    /// <param name="quality">Quality of a lossy file, 1 to 100.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A cancelled call leaves a broken file in the stream.</param>
    /// <exception cref="InpaintException">ImageUnsupported: a format that is read only. ImageTooLarge: more pixels than the format supports. ImageLibraryMissing.</exception>
    public static void Encode(Raster raster, PictureFormat format, Stream stream, int quality = DefaultQuality, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        if (!PictureFormats.CanWrite(format))
        {
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"Pictures are written as {PictureFormats.Writable}, not as {format}.");
        }

        int maxSide = PictureFormats.MaxSide(format);
        if (raster.Width > maxSide || raster.Height > maxSide)
        {
            throw new InpaintException(
                InpaintErrorId.ImageTooLarge,
                $"A picture of {raster.Width}x{raster.Height} pixels cannot be saved as {format}, which is limited to {maxSide} per side. Save it as PNG.");
        }

        VipsLibrary.EnsureLoaded();
        VipsWriter.Encode(raster, format, stream, quality, cancellationToken);
    }

    /// <summary>Resizes a picture, keeping its metadata; returns itself when it has that size. Colours are weighted by alpha, so that transparent ones do not bleed.</summary>
    /// <exception cref="InpaintException">ImageLibraryMissing.</exception>
    public static Raster Resize(Raster raster, int width, int height, CancellationToken cancellationToken = default)
    {
        if (raster.Width == width && raster.Height == height)
        {
            return raster;
        }

        VipsLibrary.EnsureLoaded();
        return VipsTransforms.Resize(raster, width, height, cancellationToken);
    }

    /// <summary>Whether a picture's colours are not sRGB, which is what a reader without colour management assumes.</summary>
    public static bool HasOtherColors(Raster raster) => raster is { ColorChannels: 3, Metadata.IccProfile: { } profile } && !VipsColors.IsSrgb(profile);

    /// <summary>Converts a picture to sRGB; returns itself when it is.</summary>
    public static Raster ToSrgb(Raster raster, CancellationToken cancellationToken = default) => HasOtherColors(raster) ? VipsColors.ToSrgb(raster, cancellationToken) : raster;

    /// <summary>Converts a picture to another one's colour profile; returns itself when the two are the same.</summary>
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
    public static bool HaveSameColors(Raster one, Raster other) =>
        one.Metadata.IccProfile.AsSpan().SequenceEqual(other.Metadata.IccProfile) || (!HasOtherColors(one) && !HasOtherColors(other));

    /// <summary>The failure for content that is not a picture of a known format.</summary>
    public static InpaintException NotAPicture(string name, ReadOnlySpan<byte> head) =>
        new(InpaintErrorId.ImageUnsupported, $"{name} {PictureSniffer.Describe(head)}; a {PictureFormats.Readable} picture is needed.")
        {
            Subject = name,
            RecommendedAction = PictureSniffer.Advise(head),
        };

    private static PictureFormat Detect(ReadOnlySpan<byte> file, string name)
    {
        ReadOnlySpan<byte> head = file[..Math.Min(file.Length, PictureSniffer.HeadLength)];
        PictureFormat format = PictureSniffer.Detect(head);
        return format != PictureFormat.Unknown ? format : throw NotAPicture(name, head);
    }

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="InpaintException">ImageTooLarge: beyond the limits.</exception>
    public static byte[] ReadAll(Stream stream, string name, PictureLimits limits)
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

    // The library has one list of errors for all threads. A failure with others in progress is therefore repeated alone, because its reason could be that of another file.
    private static readonly ReaderWriterLockSlim Errors = new();

    private static T Guarded<T>(string name, byte[] file, PictureFormat format, Func<T> read)
    {
        VipsLibrary.EnsureLoaded();
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
            VipsLibrary.EnsureLoaded();
            VipsLibrary.ClearErrors();
            return read();
        }
        catch (Exception e) when (VipsLibrary.IsOwn(e))
        {
            // For WebP, the library reports only that it cannot be parsed.
            bool isCut = format == PictureFormat.WebP && !PictureEnd.IsThere(new MemoryStream(file, writable: false), format);
            throw Broken(name, isCut ? $"the file is truncated (at byte {file.Length})" : VipsLibrary.ReasonOf(e), e);
        }
        finally
        {
            Errors.ExitWriteLock();
        }
    }

    /// <summary>The failure for a file that starts like a picture and cannot be read.</summary>
    public static InpaintException Broken(string name, string reason, Exception? cause = null) =>
        new(InpaintErrorId.ImageUnsupported, $"{name} cannot be read: {reason}.", cause)
        {
            Subject = name,
            RecommendedAction = BrokenAdvice,
        };
}

/// <summary>Opens pictures on this machine; those at a URL are left to the provider.</summary>
internal static class LocalPictures
{
    /// <summary>Decodes a picture.</summary>
    /// <exception cref="InpaintException">ImageNotFound; ImageUnsupported: remote, or cannot be decoded; ImageTooLarge.</exception>
    public static Raster Decode(PictureSource source, CancellationToken cancellationToken)
    {
        using Stream stream = Open(source);
        return Pictures.Decode(stream, source.Name, cancellationToken: cancellationToken);
    }

    /// <summary>Opens a picture.</summary>
    /// <exception cref="InpaintException">ImageNotFound; ImageUnsupported: remote.</exception>
    public static Stream Open(PictureSource source) => source.IsRemote
        ? throw new InpaintException(InpaintErrorId.ImageUnsupported, $"{source} is not on this machine, and its pixels are needed here.")
        {
            Subject = source.ToString(),
            RecommendedAction = "Download the picture, and use the file.",
        }
        : source.OpenRead();
}

/// <summary>Tells whether two sources are the same picture.</summary>
internal static class PictureIdentity
{
    /// <summary>Whether two sources are the same picture: the same URL, the same file (by whatever path or link), or the same bytes where one of them is not a file.</summary>
    /// <exception cref="InpaintException">ImageNotFound: one of them cannot be read.</exception>
    public static bool IsSameAs(this PictureSource one, PictureSource other) => one.IsRemote || other.IsRemote
        ? string.Equals(one.Url, other.Url, StringComparison.Ordinal)
        : (one.FilePath is null || other.FilePath is null || PathIdentity.LeadToOne(one.FilePath, other.FilePath)) && one.HasContentOf(other);

    /// <summary>Whether two sources on this machine hold the same bytes.</summary>
    /// <exception cref="InpaintException">ImageNotFound: one of them cannot be read.</exception>
    public static bool HasContentOf(this PictureSource one, PictureSource other) => one.GetLength() == other.GetLength() && one.GetDigest() == other.GetDigest();
}

/// <summary>The limits of what is decoded, so that a small hostile file cannot claim a large amount of memory.</summary>
/// <param name="MaxPixels">The largest width times height; 2^28 (268 megapixels) by default.</param>
/// <param name="MaxBytes">The longest file in bytes; 2^30 (1 GiB) by default.</param>
internal sealed record PictureLimits(long MaxPixels = 1L << 28, long MaxBytes = 1L << 30)
{
    /// <summary>The longest colour profile, EXIF block, XMP packet or text that is kept; longer ones are dropped.</summary>
    public const int MaxMetadataBytes = 16 << 20;

    /// <summary>The limits when none are given.</summary>
    public static PictureLimits Default { get; } = new();

    /// <summary>Ensures that a file is not too long, before it is read.</summary>
    /// <exception cref="InpaintException">ImageTooLarge.</exception>
    public void CheckBytes(string name, long length)
    {
        if (length > MaxBytes)
        {
            throw new InpaintException(InpaintErrorId.ImageTooLarge, $"{name} has {length / 1_000_000} MB; files of more than {MaxBytes / 1_000_000} MB are not decoded. Scale the picture down first.") { Subject = name };
        }
    }

    /// <summary>Ensures that a picture is not too large to decode, before memory is allocated for it.</summary>
    /// <exception cref="InpaintException">ImageTooLarge.</exception>
    public void Check(string name, long width, long height, int bytesPerPixel)
    {
        // Each side is at most 2^32, so that the decimal product cannot overflow.
        decimal pixels = (decimal)width * height;
        if (pixels > MaxPixels || pixels * bytesPerPixel > Array.MaxLength)
        {
            throw new InpaintException(
                InpaintErrorId.ImageTooLarge,
                $"{name} has {width}x{height} pixels; more than {MaxPixels / 1_000_000} megapixels or 2 GiB of samples are not decoded. Scale the picture down first.")
            { Subject = name };
        }
    }
}
