using System.Security.Cryptography;
using Inpaint.Files;
using Inpaint.Imaging.Masks;

namespace Inpaint.Imaging;

/// <summary>
/// A picture on this machine as it was when its request was planned. It is read and decoded once: all further steps, to the upload or the fill, use what the snapshot holds. A plan that
/// waits among many others may lose its content for lack of space (<see cref="SnapshotBudget"/>), and its file is then read again. Either way a file that has changed since is
/// refused, so that what is sent is what was planned. Requests for the same file share a snapshot: each reads the file to compare it, and nothing more.
/// </summary>
internal sealed class PictureSnapshot : IPictureContent
{
    // Decoding a small picture again costs more than holding it; for a photograph it is the other way round.
    private const int MaxHeldSamples = 16 << 20;

    private readonly string? path;
    private readonly Func<Stream> reopen;
    private readonly bool isHeldElsewhere;
    private FileStamp? stamp;
    private bool isSettled;
    private bool isCompared;
    private byte[]? bytes;
    private Raster? pixels;
    private PictureTraits? traits;
    private MarkedPixels? marked;
    private Conversion? conversion;
    private PictureSnapshot? original;

    private PictureSnapshot(PictureSource source, byte[] file, PictureHeader header, Func<Stream> reopen, bool isHeldElsewhere)
    {
        path = source.FilePath;
        bytes = file;
        this.reopen = reopen;
        this.isHeldElsewhere = isHeldElsewhere;
        Header = header;
        Length = file.Length;
        Digest = System.Convert.ToHexString(SHA256.HashData(file));
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
    public static PictureSnapshot Take(PictureSource source) => Take(source, known: null);

    /// <summary>Reads a picture, or finds the snapshot that another request has of the same content.</summary>
    /// <exception cref="InpaintException">ImageNotFound; ImageUnsupported: remote, or not a picture; ImageTooLarge.</exception>
    public static PictureSnapshot Share(PictureSource source) => Take(source, source.FilePath is { } path ? SnapshotBudget.Find(path) : null);

    private static PictureSnapshot Take(PictureSource source, PictureSnapshot? known)
    {
        // Before the file is read: a change while it is read counts as one afterwards.
        FileStamp? written = source.FilePath is { } path ? FileStamp.Of(path) : null;
        using Stream stream = LocalPictures.Open(source);
        if (known is { bytes: not null } && known.Source.IsNamedLike(source) && known.IsContentOf(stream))
        {
            known.stamp = written;
            return known;
        }

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
    public static PictureSnapshot Of(Mask mask, string name)
    {
        PictureSnapshot made = Of(mask.ToPng(), name, new PictureHeader(PictureFormat.Png, mask.Width, mask.Height));
        made.marked = new MarkedPixels(MaskMode.White, mask);
        return made;
    }

    /// <summary>Adds the pixels, if they are known already.</summary>
    public PictureSnapshot Attach(Raster decoded)
    {
        pixels = decoded;
        return this;
    }

    /// <summary>What a decoded picture has that its header does not tell. The picture is decoded once for it.</summary>
    /// <exception cref="InpaintException">ImageTooLarge; ImageUnsupported: it cannot be decoded, or its file has changed; ImageNotFound: its file is gone.</exception>
    public PictureTraits GetTraits(CancellationToken cancellationToken) => traits ??= PictureTraits.Of(Decode(cancellationToken));

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
    public Mask ReadMask(CancellationToken cancellationToken) => ReadMask(MaskMode.White, Header, cancellationToken);

    /// <summary>Reads the picture as a mask of a size.</summary>
    /// <exception cref="InpaintException">As without a mode; also InvalidParameter: it has no alpha for the mode.</exception>
    public Mask ReadMask(MaskMode mode, PictureHeader size, CancellationToken cancellationToken)
    {
        if (Held(marked) is { } known && known.Mode == mode && (known.Mask.Width, known.Mask.Height) == (size.Width, size.Height))
        {
            return known.Mask;
        }

        Mask mask = MaskReader.FromRaster(Decode(cancellationToken), Source.Name, mode).Resize(size.Width, size.Height);
        marked ??= isSettled ? null : new MarkedPixels(mode, mask);
        return mask;
    }

    /// <summary>Converts the picture, or finds what an earlier request has converted in the same way.</summary>
    /// <param name="how">Everything that determines the outcome, apart from the picture.</param>
    /// <param name="convert">Converts it.</param>
    public PictureSnapshot Convert(string how, Func<PictureSnapshot> convert)
    {
        if (conversion is { } known && known.How == how && (known.Picture.bytes is not null || known.Picture.isHeldElsewhere))
        {
            return known.Picture;
        }

        PictureSnapshot picture = convert();

        // Whoever holds what is sent also holds this, so that the next request for the same file finds both.
        picture.original = this;
        conversion = new Conversion(how, picture);
        return picture;
    }

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
    public long HeldBytes => (bytes?.Length ?? 0L) + (pixels?.Data.Length ?? 0L) + (marked?.Mask.Coverage.Length ?? 0L);

    /// <summary>Drops the content that is held.</summary>
    public void Release() => (bytes, pixels, marked, conversion) = (null, null, null, null);

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

        FileStamp? now = FileStamp.Of(path);
        if (now is not null && now == stamp && (held is not null || isCompared))
        {
            return null;
        }

        Stream stream = reopen();
        if (IsContentOf(stream))
        {
            (stamp, isCompared) = (now, true);
            return stream;
        }

        stream.Dispose();
        throw new InpaintException(InpaintErrorId.ImageUnsupported, $"'{path}' has changed since the job was planned. Nothing was sent.") { Subject = path, RecommendedAction = "Try again." };
    }

    /// <summary>Whether a stream has the same content. It is left at its beginning.</summary>
    private bool IsContentOf(Stream stream)
    {
        bool isSame = stream.Length == Length && System.Convert.ToHexString(SHA256.HashData(stream)) == Digest;
        stream.Position = 0;
        return isSame;
    }

    private sealed record MarkedPixels(MaskMode Mode, Mask Mask);

    private sealed record Conversion(string How, PictureSnapshot Picture);
}

/// <summary>What a decoded picture has that its header does not tell.</summary>
/// <param name="HasAlpha">Whether it has an alpha channel.</param>
/// <param name="BitDepth">Bits per sample, 8 or 16.</param>
/// <param name="HasOtherColors">Whether its colours are not sRGB.</param>
internal sealed record PictureTraits(bool HasAlpha, int BitDepth, bool HasOtherColors)
{
    /// <summary>The traits of a decoded picture.</summary>
    public static PictureTraits Of(Raster picture) => new(picture.HasAlpha, picture.BitDepth, Pictures.HasOtherColors(picture));
}

/// <summary>Limits the content that the snapshots of all plans hold together: a plan that is sent soon still has its pictures, and thousands of waiting plans take no more memory than a few.</summary>
internal static class SnapshotBudget
{
    /// <summary>The limit in bytes.</summary>
    public const long MaxBytes = 64 << 20;

    private static readonly Lock Gate = new();
    private static readonly Queue<Holding> Held = new();
    private static readonly Dictionary<string, Holding> OfFiles = new(StringComparer.Ordinal);
    private static long total;

    /// <summary>Finds the snapshot that a plan has of a file; null for none.</summary>
    public static PictureSnapshot? Find(string path)
    {
        lock (Gate)
        {
            return OfFiles.TryGetValue(path, out Holding? known) && known.Snapshot.TryGetTarget(out PictureSnapshot? alive) ? alive : null;
        }
    }

    /// <summary>Counts the content of a snapshot; the oldest ones are dropped to make room for it.</summary>
    public static void Hold(PictureSnapshot snapshot)
    {
        Holding added = new(new WeakReference<PictureSnapshot>(snapshot), snapshot.Source.FilePath, snapshot.HeldBytes);
        if (added.Bytes > MaxBytes)
        {
            snapshot.Release();
            return;
        }

        lock (Gate)
        {
            Held.Enqueue(added);
            total += added.Bytes;
            if (added.Path is not null)
            {
                OfFiles[added.Path] = added;
            }

            // The first ones of which nothing is left are forgotten on the way.
            while (Held.TryPeek(out Holding? first) && (!first.Snapshot.TryGetTarget(out PictureSnapshot? oldest) || total > MaxBytes))
            {
                oldest?.Release();
                Forget(Held.Dequeue());
            }
        }
    }

    private static void Forget(Holding holding)
    {
        total -= holding.Bytes;
        if (holding.Path is not null && ReferenceEquals(OfFiles.GetValueOrDefault(holding.Path), holding))
        {
            OfFiles.Remove(holding.Path);
        }
    }

    private sealed record Holding(WeakReference<PictureSnapshot> Snapshot, string? Path, long Bytes);
}
