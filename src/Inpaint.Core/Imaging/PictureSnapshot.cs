using System.Security.Cryptography;
using Inpaint.Imaging.Masks;

namespace Inpaint.Imaging;

/// <summary>
/// A picture on this machine as it was when its request was planned. It is read and decoded once: all further steps, to the upload or the fill, use what the snapshot holds. A plan that
/// waits among many others may lose its content for lack of space (<see cref="SnapshotBudget"/>), and its file is then read again. Either way a file that has changed since is
/// refused, so that what is sent is what was planned.
/// </summary>
internal sealed class PictureSnapshot : IPictureContent
{
    // Decoding a small picture again costs more than holding it; for a photograph it is the other way round.
    private const int MaxHeldSamples = 16 << 20;

    private readonly string? path;
    private readonly Func<Stream> reopen;
    private readonly bool isHeldElsewhere;
    private (DateTime Written, long Length)? stamp;
    private bool isSettled;
    private bool isCompared;
    private byte[]? bytes;
    private Raster? pixels;
    private Mask? mask;

    private PictureSnapshot(PictureSource source, byte[] file, PictureHeader header, Func<Stream> reopen, bool isHeldElsewhere)
    {
        path = source.FilePath;
        bytes = file;
        this.reopen = reopen;
        this.isHeldElsewhere = isHeldElsewhere;
        Header = header;
        Length = file.Length;
        Digest = Convert.ToHexString(SHA256.HashData(file));
        Source = source.With(this);
    }

    /// <summary>The picture's source, which opens what was read.</summary>
    public PictureSource Source { get; }

    /// <summary>Its header.</summary>
    public PictureHeader Header { get; }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public string Digest { get; }

    /// <summary>Reads a picture.</summary>
    /// <exception cref="InpaintException">ImageNotFound; ImageUnsupported: remote, or not a picture; ImageTooLarge.</exception>
    public static PictureSnapshot Take(PictureSource source)
    {
        // Before the file is read: a change while it is read counts as one afterwards.
        (DateTime, long)? written = StampOf(source.FilePath);
        using Stream stream = LocalPictures.Open(source);
        byte[] file = Pictures.ReadAll(stream, source.Name, PictureLimits.Default);
        return new PictureSnapshot(source, file, Pictures.ReadHeader(file, source.Name), source.OpenRead, isHeldElsewhere: source.FilePath is null) { stamp = written };
    }

    /// <summary>Creates a snapshot of a picture that was encoded here.</summary>
    /// <param name="file">The encoded picture.</param>
    /// <param name="name">Its name.</param>
    /// <param name="header">Its header.</param>
    /// <param name="encodeAgain">Creates the same bytes again if they were dropped; null to hold them in any case.</param>
    public static PictureSnapshot Of(byte[] file, string name, PictureHeader header, Func<byte[]>? encodeAgain = null) =>
        new(PictureSource.FromBytes(default, name), file, header, () => new MemoryStream(encodeAgain?.Invoke() ?? file, writable: false), isHeldElsewhere: encodeAgain is null);

    /// <summary>Creates a snapshot of a mask that was created here.</summary>
    public static PictureSnapshot Of(Mask mask, string name) => Of(mask.ToPng(), name, new PictureHeader(PictureFormat.Png, mask.Width, mask.Height)).Attach(mask);

    /// <summary>Adds the pixels, if they are known already.</summary>
    public PictureSnapshot Attach(Raster decoded)
    {
        pixels = decoded;
        return this;
    }

    /// <summary>Adds the mask that the picture represents, white to repaint, if it is known already.</summary>
    public PictureSnapshot Attach(Mask read)
    {
        mask = read;
        return this;
    }

    /// <summary>Decodes the picture.</summary>
    /// <exception cref="InpaintException">ImageTooLarge; ImageUnsupported: it cannot be decoded, or its file has changed; ImageNotFound: its file is gone.</exception>
    public Raster Decode(CancellationToken cancellationToken)
    {
        if (Held(pixels) is { } known)
        {
            return known;
        }

        Raster decoded = Pictures.Decode(ReadAll(), Source.Name, cancellationToken: cancellationToken);
        pixels = isSettled ? pixels : decoded;
        return decoded;
    }

    /// <summary>Decodes a part of the picture.</summary>
    /// <exception cref="InpaintException">ImageTooLarge; ImageUnsupported: it cannot be decoded, or its file has changed; ImageNotFound: its file is gone.</exception>
    public Raster Decode(PixelRect part, CancellationToken cancellationToken) =>
        Held(pixels) is { } whole ? RasterCrop.Crop(whole, part) : Pictures.Decode(ReadAll(), Source.Name, part, cancellationToken: cancellationToken);

    /// <summary>Reads the picture as a mask, white to repaint.</summary>
    /// <exception cref="InpaintException">ImageTooLarge; ImageUnsupported: it cannot be decoded, or its file has changed; ImageNotFound: its file is gone.</exception>
    public Mask ReadMask(CancellationToken cancellationToken) => Held(mask) ?? MaskReader.FromRaster(Decode(cancellationToken), Source.Name, MaskMode.White);

    /// <inheritdoc/>
    public Stream OpenRead()
    {
        byte[]? held = bytes;
        return OpenUnless(held) ?? (held is null ? reopen() : new MemoryStream(held, writable: false));
    }

    /// <summary>Ends the planning: from here on the snapshot is subject to the budget.</summary>
    public void Settle()
    {
        if (isSettled)
        {
            return;
        }

        isSettled = true;
        bytes = isHeldElsewhere ? null : bytes;
        pixels = pixels?.Data.Length <= MaxHeldSamples ? pixels : null;
        SnapshotBudget.Hold(this);
    }

    /// <summary>The size of the content that is held, in bytes.</summary>
    public long HeldBytes => (bytes?.Length ?? 0L) + (pixels?.Data.Length ?? 0L) + (mask?.Coverage.Length ?? 0L);

    /// <summary>Drops the content that is held.</summary>
    public void Release() => (bytes, pixels, mask) = (null, null, null);

    private T? Held<T>(T? held)
        where T : class
    {
        if (held is not null)
        {
            OpenUnless(held)?.Dispose();
        }

        return held;
    }

    private byte[] ReadAll()
    {
        byte[]? held = bytes;
        using Stream? opened = OpenUnless(held);
        if (held is not null)
        {
            return held;
        }

        using Stream stream = opened ?? reopen();
        return Pictures.ReadAll(stream, Source.Name, PictureLimits.Default);
    }

    /// <summary>Opens the file, unless the content that is held is certainly that of the file. A file whose content is not held is compared when it is first read.</summary>
    /// <returns>The file, whose content is that of the snapshot; null where it need not be compared.</returns>
    /// <exception cref="InpaintException">ImageUnsupported: it has changed; ImageNotFound: it is gone.</exception>
    private Stream? OpenUnless(object? held)
    {
        if (path is null || !isSettled)
        {
            return null;
        }

        (DateTime, long)? now = StampOf(path);
        if (now is not null && now == stamp && (held is not null || isCompared))
        {
            return null;
        }

        Stream stream = reopen();
        if (stream.Length == Length && Convert.ToHexString(SHA256.HashData(stream)) == Digest)
        {
            (stamp, isCompared) = (now, true);
            stream.Position = 0;
            return stream;
        }

        stream.Dispose();
        throw new InpaintException(InpaintErrorId.ImageUnsupported, $"'{path}' has changed since the job was planned. Nothing was sent.") { Subject = path, RecommendedAction = "Try again." };
    }

    /// <summary>The time of the last write to a file, and its length; null when there is none. A link is followed.</summary>
    private static (DateTime Written, long Length)? StampOf(string? path)
    {
        if (path is null)
        {
            return null;
        }

        try
        {
            FileInfo file = new(path);
            return (file.ResolveLinkTarget(returnFinalTarget: true) ?? file) is FileInfo { Exists: true } found ? (found.LastWriteTimeUtc, found.Length) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The attempt to open it reports the reason.
            return null;
        }
    }
}

/// <summary>Limits the content that the snapshots of all plans hold together: a plan that is sent soon still has its pictures, and thousands of waiting plans take no more memory than a few.</summary>
internal static class SnapshotBudget
{
    /// <summary>The limit in bytes.</summary>
    public const long MaxBytes = 64 << 20;

    private static readonly Lock Gate = new();
    private static readonly Queue<(WeakReference<PictureSnapshot> Snapshot, long Bytes)> Held = new();
    private static long total;

    /// <summary>Counts the content of a snapshot; the oldest ones are dropped to make room for it.</summary>
    public static void Hold(PictureSnapshot snapshot)
    {
        long size = snapshot.HeldBytes;
        if (size > MaxBytes)
        {
            snapshot.Release();
            return;
        }

        lock (Gate)
        {
            Held.Enqueue((new WeakReference<PictureSnapshot>(snapshot), size));
            total += size;
            while (total > MaxBytes)
            {
                (WeakReference<PictureSnapshot> oldest, long released) = Held.Dequeue();
                total -= released;
                if (oldest.TryGetTarget(out PictureSnapshot? alive))
                {
                    alive.Release();
                }
            }
        }
    }
}
