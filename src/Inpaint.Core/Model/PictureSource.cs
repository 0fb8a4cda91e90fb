using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Inpaint;

/// <summary>
/// Where a picture or mask comes from: a file, bytes in memory, a data URI, or an http(s) address that the provider can fetch itself.
/// A source is opened anew each time it is read, so that files stream and are never held whole.
/// </summary>
public sealed class PictureSource
{
    private readonly ReadOnlyMemory<byte> bytes;
    private readonly string? madeFrom;
    private readonly InpaintException? defect;

    private PictureSource(string name, string? filePath, string? url, ReadOnlyMemory<byte> bytes, string? madeFrom = null, InpaintException? defect = null)
    {
        Name = name;
        FilePath = filePath;
        Url = url;
        this.bytes = bytes;
        this.madeFrom = madeFrom;
        this.defect = defect;
    }

    /// <summary>A short name for messages and output files, such as <c>dog.png</c>.</summary>
    public string Name { get; }

    /// <summary>The full path, when the source is a file.</summary>
    public string? FilePath { get; }

    /// <summary>The http(s) address, when the source is remote. Kept as text: data URIs and long addresses exceed what <see cref="Uri"/> takes.</summary>
    public string? Url { get; }

    /// <summary>What a job with this picture is said to be made from: the file or address; for the picture of an earlier job, what that one was made from.</summary>
    internal string Origin => madeFrom ?? ToString();

    /// <summary>The provider that named the address; empty when nobody knows which, null when the user did.</summary>
    internal string? NamedBy { get; private init; }

    /// <summary>The folder in which what belongs to the picture is put; null when there is none, or it holds what earlier jobs have made.</summary>
    internal string? Folder => madeFrom is null ? Path.GetDirectoryName(FilePath) : null;

    /// <summary>Whether the bytes are somewhere else and have not been seen here.</summary>
    public bool IsRemote => Url is not null;

    /// <summary>Makes a source of a file.</summary>
    /// <param name="path">A file system path; made absolute against the process's folder when relative.</param>
    /// <returns>The source. Whether the file exists is found when it is opened.</returns>
    /// <exception cref="InpaintException">ImageNotFound: no file can have such a path.</exception>
    public static PictureSource FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw new InpaintException(InpaintErrorId.ImageNotFound, $"'{path.Replace("\0", "\\0", StringComparison.Ordinal)}' cannot be a path.");
        }

        string full = Path.GetFullPath(path);
        return new PictureSource(Path.GetFileName(full), full, url: null, default);
    }

    /// <summary>Makes a source of bytes in memory.</summary>
    /// <param name="content">The encoded picture.</param>
    /// <param name="name">A name for messages.</param>
    /// <returns>The source.</returns>
    public static PictureSource FromBytes(ReadOnlyMemory<byte> content, string name = "picture") => new(name, filePath: null, url: null, content);

    /// <summary>Makes a source of text: an http(s) address, a <c>data:</c> or <c>file:</c> URI, or a path.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The source.</returns>
    /// <exception cref="InpaintException">ImageUnsupported: a data URI that is not base64; ImageNotFound: an address that is none.</exception>
    public static PictureSource Parse(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return FromDataUri(text);
        }

        if (IsWeb(text))
        {
            return IsAddress(text) ? new PictureSource(NameOfUrl(text), filePath: null, text, default) : throw NoAddress(text);
        }

        if (text.StartsWith("file:/", StringComparison.OrdinalIgnoreCase))
        {
            return Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) ? FromFile(uri.LocalPath) : throw NoAddress(text);
        }

        return FromFile(text);
    }

    /// <summary>Makes a source of a picture that an earlier job has made. It is called by what that job was made from, not by the address that the provider gave it.</summary>
    /// <param name="image">The picture.</param>
    /// <returns>The source.</returns>
    /// <exception cref="InpaintException">ImageNotFound, ImageUnsupported: its address is none.</exception>
    public static PictureSource FromImage(InpaintImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        PictureSource source = Parse(image.Url);
        string provider = image.Origin.Provider ?? "";
        return image.Origin.Title is { } title
            ? new PictureSource(IsWeb(title) ? NameOfUrl(title) : LastPart(title), source.FilePath, source.Url, source.bytes, title) { NamedBy = provider }
            : new PictureSource(source.Name, source.FilePath, source.Url, source.bytes) { NamedBy = provider };
    }

    /// <summary>Stands for something that was given as a picture and is none, until it is opened: so that it fails where the others fail, item by item.</summary>
    /// <param name="text">What was given.</param>
    /// <param name="defect">What is wrong with it.</param>
    /// <returns>The source.</returns>
    public static PictureSource Defective(string text, InpaintException defect) =>
        new(text.Length > 40 ? text[..40] + "…" : text, filePath: null, url: null, default, madeFrom: null, defect);

    /// <summary>Opens the picture's bytes for reading.</summary>
    /// <returns>A stream that the caller disposes.</returns>
    /// <exception cref="InpaintException">ImageNotFound: no such file, a folder, or not readable; ImageUnsupported: a pipe or device, which can be read but once.</exception>
    /// <exception cref="InvalidOperationException">The source is remote.</exception>
    public Stream OpenRead()
    {
        if (IsRemote)
        {
            throw new InvalidOperationException("A remote picture is fetched by the provider, not opened here.");
        }

        if (defect is not null)
        {
            throw new InpaintException(defect.ErrorId, defect.Message, defect);
        }

        if (FilePath is null)
        {
            return MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> array)
                ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
                : new MemoryStream(bytes.ToArray(), writable: false);
        }

        if (Directory.Exists(FilePath))
        {
            throw new InpaintException(InpaintErrorId.ImageNotFound, $"'{FilePath}' is a folder, not a picture.")
            {
                RecommendedAction = $"Name a picture in it, or pipe all of them to the command: Get-ChildItem -File '{FilePath}' | ...",
            };
        }

        try
        {
            // A pipe that nobody writes to would be waited for without end. It has no length, like an empty file, and both are no picture.
            if (HoldsNothing(FilePath))
            {
                return new MemoryStream([], writable: false);
            }

            FileStream stream = new(FilePath, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, FileOptions.SequentialScan);
            if (stream.CanSeek)
            {
                return stream;
            }

            stream.Dispose();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw FilePath.AsSpan().ContainsAny('*', '?')
                ? new InpaintException(InpaintErrorId.ImageNotFound, $"There is no file '{FilePath}'; wildcards are not expanded here.", e) { RecommendedAction = $"Pipe the pictures to the command: Get-ChildItem '{FilePath}' | ..." }
                : new InpaintException(InpaintErrorId.ImageNotFound, $"There is no file '{FilePath}'.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InpaintException(InpaintErrorId.ImageNotFound, $"'{FilePath}' cannot be read: {e.Message}", e);
        }

        throw new InpaintException(InpaintErrorId.ImageUnsupported, $"'{FilePath}' is a pipe or a device; a picture is read more than once. Save it to a file first.");
    }

    /// <summary>The number of bytes of a local source.</summary>
    /// <returns>Bytes; null for a remote source.</returns>
    /// <exception cref="InpaintException">ImageNotFound: the file does not exist.</exception>
    public long? GetLength()
    {
        if (IsRemote)
        {
            return null;
        }

        if (FilePath is null && defect is null)
        {
            return bytes.Length;
        }

        using Stream stream = OpenRead();
        return stream.Length;
    }

    /// <summary>A digest of the content (SHA-256, hexadecimal); of the address when the source is remote.</summary>
    /// <returns>64 hexadecimal digits.</returns>
    /// <exception cref="InpaintException">ImageNotFound: the file does not exist.</exception>
    public string GetDigest()
    {
        if (Url is not null)
        {
            return Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Url)));
        }

        using Stream stream = OpenRead();
        return Convert.ToHexString(SHA256.HashData(stream));
    }

    /// <inheritdoc/>
    public override string ToString() => FilePath ?? Url ?? Name;

    private static bool HoldsNothing(string path)
    {
        FileInfo file = new(path);
        return (file.ResolveLinkTarget(returnFinalTarget: true) ?? file) is FileInfo { Exists: true, Length: 0 };
    }

    private static PictureSource FromDataUri(string text)
    {
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        string head = comma < 0 ? text[..Math.Min(text.Length, 40)] : text[..comma];
        if (comma < 0 || !head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
        {
            throw new InpaintException(InpaintErrorId.ImageUnsupported, $"The data URI '{head[..Math.Min(head.Length, 40)]}…' is not base64. Use data:image/png;base64,… or a file.");
        }

        try
        {
            return FromBytes(Convert.FromBase64String(text[(comma + 1)..].Trim()), "data-uri");
        }
        catch (FormatException e)
        {
            throw new InpaintException(InpaintErrorId.ImageUnsupported, "The data URI's base64 text is broken.", e);
        }
    }

    private static string NameOfUrl(string url)
    {
        int end = url.IndexOfAny(['?', '#']);
        string path = end < 0 ? url : url[..end];
        string name = Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);

        // What was escaped may be a slash, too.
        return LastPart(name);
    }

    private static string LastPart(string path)
    {
        string name = path[(path.LastIndexOfAny(['/', '\\']) + 1)..];
        return name.Length == 0 ? "picture" : name;
    }

    private static bool IsWeb(string text) => text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary><see cref="Uri"/> takes no more than 65,519 characters; what is longer is the provider's to judge.</summary>
    private static bool IsAddress(string text) => text.Length > 65_000 || (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Host.Length > 0);

    private static InpaintException NoAddress(string text) => new(InpaintErrorId.ImageNotFound, $"'{text}' is not an address.");
}
