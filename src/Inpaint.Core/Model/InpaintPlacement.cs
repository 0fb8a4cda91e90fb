namespace Inpaint;

/// <summary>
/// Where a job's pictures belong: into which picture they are put back, and where. It stands in the journal before anything is paid, so that a job can be
/// finished by another process. Plain and serialisable; the mask, and an original that is no file of the user's, lie in the state folder.
/// </summary>
public sealed record InpaintPlacement
{
    /// <summary>The full path of the original; null when a copy of it lies in the state folder, because it came from memory or would not stay where it was.</summary>
    public string? OriginalPath { get; init; }

    /// <summary>The digest of the original's content (SHA-256, hexadecimal): nothing is put into another picture than the one that was looked at.</summary>
    public string OriginalDigest { get; init; } = "";

    /// <summary>Leftmost column of the part that was sent, in pixels of the original.</summary>
    public int X { get; init; }

    /// <summary>Topmost row of the part that was sent.</summary>
    public int Y { get; init; }

    /// <summary>Columns of the part that was sent.</summary>
    public int Width { get; init; }

    /// <summary>Rows of the part that was sent.</summary>
    public int Height { get; init; }

    /// <summary>Leftmost column of the original that the kept mask covers; it holds no more than what is repainted and a pixel around it.</summary>
    public int MaskX { get; init; }

    /// <summary>Topmost row of the original that the kept mask covers.</summary>
    public int MaskY { get; init; }

    /// <summary>How far inside the mask the original fades into the repainted picture, in pixels.</summary>
    public int Feather { get; init; }

    /// <summary>The format of the finished picture: PNG, or JPEG when that was asked for by name.</summary>
    public PictureFormat Format { get; init; } = PictureFormat.Png;
}
