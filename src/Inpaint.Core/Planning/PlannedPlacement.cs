namespace Inpaint.Planning;

/// <summary>Where the pictures of a job will belong, with everything that must be on disk before the job is paid for.</summary>
/// <param name="Original">The picture that they will be put back into.</param>
/// <param name="OriginalDigest">Its digest.</param>
/// <param name="Part">The part of it that is sent.</param>
/// <param name="MaskPart">The part of it that the mask below covers.</param>
/// <param name="Mask">What is repainted within that part, as a PNG.</param>
/// <param name="Feather">How far inside the mask the original fades into the repainted picture, in pixels.</param>
/// <param name="Format">The format of the finished picture.</param>
internal sealed record PlannedPlacement(PictureSource Original, string OriginalDigest, PixelRect Part, PixelRect MaskPart, ReadOnlyMemory<byte> Mask, int Feather, PictureFormat Format)
{
    /// <summary>As the job keeps it.</summary>
    /// <param name="isCopied">Whether the original was copied into the state folder.</param>
    public InpaintPlacement ToJob(bool isCopied) => new()
    {
        OriginalPath = isCopied ? null : Original.FilePath,
        OriginalDigest = OriginalDigest,
        X = Part.X,
        Y = Part.Y,
        Width = Part.Width,
        Height = Part.Height,
        MaskX = MaskPart.X,
        MaskY = MaskPart.Y,
        Feather = Feather,
        Format = Format,
    };
}
