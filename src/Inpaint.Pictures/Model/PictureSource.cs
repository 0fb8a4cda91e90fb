using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Inpaint;

/// <summary>
/// The source of a picture or mask: a file, bytes in memory, a data URI, or an http(s) URL that the provider fetches itself. A source is opened each time it is read; a source of a
/// plan has been read already, and opens the same content.
/// </summary>
public sealed class PictureSource
{
    private readonly ReadOnlyMemory<byte> bytes;
    private readonly string? originalSource;
    private readonly InpaintException? error;
    private readonly IPictureContent? content;

    private PictureSource(string name, string? filePath, string? url, ReadOnlyMemory<byte> bytes, string? originalSource = null, InpaintException? error = null, IPictureContent? content = null)
    {
        Name = name;
        FilePath = filePath;
        Url = url;
        this.bytes = bytes;
        this.originalSource = originalSource;
        this.error = error;
        this.content = content;
    }

    /// <summary>Called with the path of each file that is opened; for tests that count them.</summary>
    internal static Action<string>? FileOpened { get; set; }

    /// <summary>A short name for messages and output files, such as <c>dog.png</c>.</summary>
    public string Name { get; }

    /// <summary>The full path, when the source is a file.</summary>
    public string? FilePath { get; }

    /// <summary>The http(s) URL, when the source is remote. Kept as text, because <see cref="Uri"/> does not take very long ones.</summary>
    public string? Url { get; }

    /// <summary>What a job records as its source: the file or URL; for the result of an earlier job, that job's source.</summary>
    internal string Origin => originalSource ?? ToString();

    /// <summary>The provider that returned the URL; empty when it is not known, null when the user gave the URL.</summary>
    internal string? NamedBy { get; private init; }

    /// <summary>The folder for files that belong to the picture; null when it is not a file, or is the result of an earlier job.</summary>
    internal string? Folder => originalSource is null ? Path.GetDirectoryName(FilePath) : null;

    /// <summary>Whether the picture is at a URL, so that its bytes are not read here.</summary>
    public bool IsRemote => Url is not null;

    /// <summary>Creates a source from a file.</summary>
    /// <param name="path">A file system path; a relative one is resolved against the current directory.</param>
    /// <returns>The source. Whether the file exists is checked when it is opened.</returns>
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

    /// <summary>The URL from which the bytes were downloaded; null when they were not.</summary>
    internal string? FetchedFrom { get; private init; }

    /// <summary>The same picture with its downloaded bytes.</summary>
    internal PictureSource WithContent(ReadOnlyMemory<byte> content) => new(Name, filePath: null, url: null, content, Origin) { NamedBy = NamedBy, FetchedFrom = Url };

    /// <summary>Creates a source from bytes in memory.</summary>
    /// <param name="content">The encoded picture.</param>
    /// <param name="name">A name for messages.</param>
    /// <returns>The source.</returns>
    public static PictureSource FromBytes(ReadOnlyMemory<byte> content, string name = "picture") => new(name, filePath: null, url: null, content);

    /// <summary>Creates a source from text: an http(s) URL, a <c>data:</c> or <c>file:</c> URI, or a path.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The source.</returns>
    /// <exception cref="InpaintException">ImageUnsupported: a data URI that is not base64; ImageNotFound: an invalid URL.</exception>
    public static PictureSource Parse(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return FromDataUri(text);
        }

        if (IsHttp(text))
        {
            return IsValidUrl(text) ? new PictureSource(NameOfUrl(text), filePath: null, text, default) : throw InvalidUrl(text);
        }

        if (text.StartsWith("file:/", StringComparison.OrdinalIgnoreCase))
        {
            return Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) ? FromFile(uri.LocalPath) : throw InvalidUrl(text);
        }

        return FromFile(text);
    }

    /// <summary>Creates a source from the result of an earlier job. It is named after that job's source, not after the URL that the provider returned.</summary>
    /// <param name="image">The picture.</param>
    /// <returns>The source.</returns>
    /// <exception cref="InpaintException">ImageNotFound, ImageUnsupported: its URL is invalid.</exception>
    public static PictureSource FromImage(InpaintImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        PictureSource source = Parse(image.Url);
        string provider = image.Origin.Provider ?? "";
        return image.Origin.Title is { } title
            ? new PictureSource(IsHttp(title) ? NameOfUrl(title) : LastPart(title), source.FilePath, source.Url, source.bytes, title) { NamedBy = provider }
            : new PictureSource(source.Name, source.FilePath, source.Url, source.bytes) { NamedBy = provider };
    }

    /// <summary>Creates a source whose failure is thrown when it is opened, so that a value that cannot be a picture fails where other pictures fail, item by item.</summary>
    /// <param name="text">The value, for messages.</param>
    /// <param name="error">The failure.</param>
    /// <returns>The source.</returns>
    public static PictureSource Invalid(string text, InpaintException error) =>
        new(text.Length > 40 ? text[..40] + "…" : text, filePath: null, url: null, default, originalSource: null, error);

    /// <summary>The same source with content that has been read already.</summary>
    internal PictureSource With(IPictureContent read) => new(Name, FilePath, Url, bytes, originalSource, error, read) { NamedBy = NamedBy };

    /// <summary>Whether a source of the same file also has the same name, and comes from the same job.</summary>
    internal bool IsNamedLike(PictureSource other) => Name == other.Name && originalSource == other.originalSource && NamedBy == other.NamedBy;

    /// <summary>Opens the picture's bytes for reading.</summary>
    /// <returns>A stream that the caller disposes.</returns>
    /// <exception cref="InpaintException">
    /// ImageNotFound: no such file, a folder, or not readable; ImageUnsupported: a pipe or device, which can be read only once, or the source is part of a plan and the file has
    /// changed since.
    /// </exception>
    /// <exception cref="InvalidOperationException">The source is remote.</exception>
    public Stream OpenRead()
    {
        if (content is not null)
        {
            return content.OpenRead();
        }

        if (IsRemote)
        {
            throw new InvalidOperationException("A remote picture is fetched by the provider, not opened here.");
        }

        if (error is not null)
        {
            throw new InpaintException(error.ErrorId, error.Message, error);
        }

        if (FilePath is null)
        {
            return MemoryMarshal.TryGetArray(bytes, out ArraySegment<byte> array)
                ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
                : new MemoryStream(bytes.ToArray(), writable: false);
        }

        FileInfo file = new(FilePath);
        bool isPlain = file.Exists && !file.Attributes.HasFlag(FileAttributes.ReparsePoint);
        if (!isPlain && Directory.Exists(FilePath))
        {
            throw new InpaintException(InpaintErrorId.ImageNotFound, $"'{FilePath}' is a folder, not a picture.")
            {
                Subject = FilePath,
                RecommendedAction = "Name a picture in it.",
            };
        }

        try
        {
            // Opening a pipe that nobody writes to would block forever. Like an empty file it has no length, and neither is a picture.
            if ((isPlain ? file : file.ResolveLinkTarget(returnFinalTarget: true) ?? file) is FileInfo { Exists: true, Length: 0 })
            {
                return new MemoryStream([], writable: false);
            }

            // Unbuffered, because readers read large blocks.
            FileStream stream = new(FilePath, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
            if (stream.CanSeek)
            {
                FileOpened?.Invoke(FilePath);
                return stream;
            }

            stream.Dispose();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            string wildcards = FilePath.AsSpan().ContainsAny('*', '?') ? "; wildcards are not expanded here" : "";
            throw new InpaintException(InpaintErrorId.ImageNotFound, $"There is no file '{FilePath}'{wildcards}.", e) { Subject = FilePath };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InpaintException(InpaintErrorId.ImageNotFound, $"'{FilePath}' cannot be read: {e.Message}", e) { Subject = FilePath };
        }

        throw new InpaintException(InpaintErrorId.ImageUnsupported, $"'{FilePath}' is a pipe or a device, and a picture is read more than once. Save it to a file first.") { Subject = FilePath };
    }

    /// <summary>Gets the length of a local source.</summary>
    /// <returns>The length in bytes; null for a remote source.</returns>
    /// <exception cref="InpaintException">ImageNotFound: the file does not exist.</exception>
    public long? GetLength()
    {
        if (IsRemote)
        {
            return null;
        }

        if (content is not null)
        {
            return content.Length;
        }

        if (FilePath is null && error is null)
        {
            return bytes.Length;
        }

        using Stream stream = OpenRead();
        return stream.Length;
    }

    /// <summary>Gets a digest of the content (SHA-256, hexadecimal); of the URL when the source is remote.</summary>
    /// <returns>64 hexadecimal digits.</returns>
    /// <exception cref="InpaintException">ImageNotFound: the file does not exist.</exception>
    public string GetDigest()
    {
        if (Url is not null)
        {
            return Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Url)));
        }

        if (content is not null)
        {
            return content.Digest;
        }

        using Stream stream = OpenRead();
        return Convert.ToHexString(SHA256.HashData(stream));
    }

    /// <inheritdoc/>
    public override string ToString() => FilePath ?? Url ?? FetchedFrom ?? Name;

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
            throw new InpaintException(InpaintErrorId.ImageUnsupported, "The data URI's base64 text is not valid.", e);
        }
    }

    private static string NameOfUrl(string url)
    {
        int end = url.IndexOfAny(['?', '#']);
        string path = end < 0 ? url : url[..end];
        string name = Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);

        // An escaped character may have been a slash.
        return LastPart(name);
    }

    private static string LastPart(string path)
    {
        string name = path[(path.LastIndexOfAny(['/', '\\']) + 1)..];
        return name.Length == 0 ? "picture" : name;
    }

    private static bool IsHttp(string text) => text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary><see cref="Uri"/> takes no more than 65,519 characters; a longer one is left to the provider.</summary>
    private static bool IsValidUrl(string text) => text.Length > 65_000 || (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Host.Length > 0);

    private static InpaintException InvalidUrl(string text) => new(InpaintErrorId.ImageNotFound, $"'{text}' is not a valid URL.");
}

/// <summary>The content of a picture that has been read once.</summary>
internal interface IPictureContent
{
    /// <summary>Its length in bytes.</summary>
    long Length { get; }

    /// <summary>Its digest (SHA-256, hexadecimal).</summary>
    string Digest { get; }

    /// <summary>Opens it for reading.</summary>
    /// <exception cref="InpaintException">ImageNotFound: its file is gone; ImageUnsupported: its file has changed.</exception>
    Stream OpenRead();
}
