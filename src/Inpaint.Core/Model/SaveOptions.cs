namespace Inpaint;

/// <summary>What is written about a picture's making.</summary>
public enum MetadataMode
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Into the picture file itself: as PNG texts or a JPEG comment, and as XMP in both.</summary>
    Embedded,

    /// <summary>Into a JSON file beside it, called like the picture with <c>.json</c> after its extension.</summary>
    Sidecar,
}

/// <summary>Where and how pictures are saved.</summary>
public sealed record SaveOptions
{
    /// <summary>The largest picture accepted when nothing else is said, in bytes.</summary>
    public const long LargestPicture = 256L << 20;

    /// <summary>The target folder, made when missing. Ignored when <see cref="FilePath"/> is given.</summary>
    public string? Folder { get; init; }

    /// <summary>
    /// The target file. Its extension says in which format it is written; one that says nothing is kept as it is. Several pictures of one result get
    /// <c>-0</c>, <c>-1</c> … before it.
    /// </summary>
    public string? FilePath { get; init; }

    /// <summary>
    /// The file name's template: {Source} {Operation} {Seed} {Index} {Id} {Provider} {Model} {Date}, and the columns of the row that asked for the job. Null for
    /// <c>{Source}-inpaint</c>. The extension follows the picture, unless the name has one.
    /// </summary>
    public string? NameTemplate { get; init; }

    /// <summary>Quality of a lossy file, 1 to 100; null for 92 where a picture is made into one, and for one that comes in its format to be left as it is.</summary>
    public int? Quality { get; init; }

    /// <summary>Pictures that are not replaced unless <see cref="Force"/> is given, by their full paths; a picture's own source is never.</summary>
    public IReadOnlyCollection<string> Originals { get; init; } = [];

    /// <summary>Whether an existing file, or sidecar, is an error; otherwise a free name with a number is taken for folders.</summary>
    public bool NoClobber { get; init; }

    /// <summary>Whether an existing file is replaced, read-only ones and the picture's own source too.</summary>
    public bool Force { get; init; }

    /// <summary>What is written about the picture's making.</summary>
    public MetadataMode Metadata { get; init; }

    /// <summary>Largest picture accepted, in bytes.</summary>
    public long MaximumBytes { get; init; } = LargestPicture;
}

/// <summary>A saved picture.</summary>
/// <param name="Path">The file's full path.</param>
/// <param name="Format">What it really is, by content.</param>
/// <param name="SidecarPath">The metadata file's full path, where one was written.</param>
/// <param name="Warning">Something worth knowing, such as a name that says another format than the content has.</param>
public sealed record SavedImage(string Path, PictureFormat Format, string? SidecarPath = null, string? Warning = null);
