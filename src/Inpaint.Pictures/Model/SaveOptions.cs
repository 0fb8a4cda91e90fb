namespace Inpaint;

/// <summary>Where metadata about how a picture was made is written.</summary>
public enum MetadataMode
{
    /// <summary>Nowhere.</summary>
    None,

    /// <summary>Into the picture file itself: as PNG texts or a JPEG comment, and as XMP in both.</summary>
    Embedded,

    /// <summary>Into a JSON file beside it, with the picture's name and <c>.json</c> appended.</summary>
    Sidecar,
}

/// <summary>Where and how pictures are saved.</summary>
public sealed record SaveOptions
{
    /// <summary>The placeholders that <see cref="NameTemplate"/> may contain, beside the columns of the picture's row.</summary>
    public static IReadOnlyList<string> NamePlaceholders { get; } = ["Source", "Operation", "Seed", "Index", "Id", "Provider", "Model", "Date"];

    /// <summary>The default of <see cref="MaximumBytes"/>.</summary>
    public const long DefaultMaximumBytes = 256L << 20;

    /// <summary>The target folder, created when missing. Ignored when <see cref="FilePath"/> is given.</summary>
    public string? Folder { get; init; }

    /// <summary>
    /// The target file. Its extension decides the format; with an extension that is not a picture's the picture keeps its format. Several pictures of one result get
    /// <c>-0</c>, <c>-1</c> … before the extension.
    /// </summary>
    public string? FilePath { get; init; }

    /// <summary>
    /// The template for file names: {Source} {Operation} {Seed} {Index} {Id} {Provider} {Model} {Date}, and the columns of the row that requested the job. Null for
    /// <c>{Source}-inpaint</c>. The picture's extension is appended, unless the name has one.
    /// </summary>
    public string? NameTemplate { get; init; }

    /// <summary>Quality of a lossy file, 1 to 100; null for 92 when a picture is converted, and to leave a picture that has the format already unmodified.</summary>
    public int? Quality { get; init; }

    /// <summary>The full paths of pictures that are replaced only if <see cref="Force"/> is set; a picture's own source is protected in any case.</summary>
    public IReadOnlyCollection<string> Originals { get; init; } = [];

    /// <summary>Whether an existing file, or sidecar, is an error; otherwise a numbered name is used in a folder.</summary>
    public bool NoClobber { get; init; }

    /// <summary>Whether an existing file is replaced, including a read-only one and the picture's own source.</summary>
    public bool Force { get; init; }

    /// <summary>
    /// Claims the full path of a file in <see cref="Folder"/> that <see cref="Force"/> may replace. When it returns false, the next number is used, so that two pictures of one batch, both of which were
    /// paid for, never replace each other. Null for a picture that is saved on its own. Called from any thread.
    /// </summary>
    public Func<string, bool>? Claim { get; init; }

    /// <summary>Where metadata is written.</summary>
    public MetadataMode Metadata { get; init; }

    /// <summary>The largest picture that is downloaded, in bytes.</summary>
    public long MaximumBytes { get; init; } = DefaultMaximumBytes;
}

/// <summary>A saved picture.</summary>
/// <param name="Path">The file's full path.</param>
/// <param name="Format">Its format, by content.</param>
/// <param name="SidecarPath">The metadata file's full path; null when none was written.</param>
/// <param name="Warning">A warning, such as that the name does not match the format; null for none.</param>
public sealed record SavedImage(string Path, PictureFormat Format, string? SidecarPath = null, string? Warning = null);
