namespace Inpaint;

/// <summary>One picture of a gallery, or one job that has none.</summary>
public sealed record GalleryItem
{
    /// <summary>The name of the picture or its source.</summary>
    public string Name { get; init; } = "";

    /// <summary>The picture; null when there is none.</summary>
    public PictureSource? Picture { get; init; }

    /// <summary>The original, or another picture to compare with; null when it is not known.</summary>
    public PictureSource? Before { get; init; }

    /// <summary>The mask, white where the picture was repainted; null when it is not known.</summary>
    public PictureSource? Mask { get; init; }

    /// <summary>Whether the provider's safety checker flagged it.</summary>
    public bool IsFlagged { get; init; }

    /// <summary>The state of its job.</summary>
    public InpaintJobState? State { get; init; }

    /// <summary>What went wrong; null when nothing did.</summary>
    public string? Error { get; init; }

    /// <summary>The failure's id.</summary>
    public string? ErrorId { get; init; }

    /// <summary>What to do about the failure.</summary>
    public string? Advice { get; init; }

    /// <summary>The prompt.</summary>
    public string? Prompt { get; init; }

    /// <summary>The seed.</summary>
    public long? Seed { get; init; }

    /// <summary>The provider's name.</summary>
    public string? Provider { get; init; }

    /// <summary>The provider's id of the model.</summary>
    public string? Model { get; init; }

    /// <summary>The cost of its job. Only one of several pictures of a job has it, so that costs can be added up.</summary>
    public InpaintCost? Cost { get; init; }

    /// <summary>Time from submit to result, in seconds.</summary>
    public double? TookSeconds { get; init; }

    /// <summary>When it was created.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>A command line that reproduces it; null when too little is known.</summary>
    public string? Line { get; init; }
}

/// <summary>How a gallery is written.</summary>
/// <param name="Path">The file's full path.</param>
public sealed record GalleryOptions(string Path)
{
    /// <summary>The page's heading.</summary>
    public string Title { get; init; } = "Inpaint gallery";

    /// <summary>Whether the pictures are embedded in the page instead of linked.</summary>
    public bool Embed { get; init; }

    /// <summary>Whether an existing file may be replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Whether a read-only file may be replaced as well.</summary>
    public bool Force { get; init; }
}
