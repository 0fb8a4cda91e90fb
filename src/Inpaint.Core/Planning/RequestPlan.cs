namespace Inpaint.Planning;

/// <summary>
/// A request that has been checked against its provider and is ready to be sent: what will go out, what it will cost, and what the user should know first.
/// Making one costs nothing and calls nobody.
/// </summary>
public sealed record RequestPlan
{
    /// <summary>The request as asked.</summary>
    public required InpaintRequest Request { get; init; }

    /// <summary>Where it goes.</summary>
    public required InpaintProvider Provider { get; init; }

    /// <summary>What that provider can do with the operation.</summary>
    public required ProviderCapabilities Capabilities { get; init; }

    /// <summary>The model that will be used.</summary>
    public required string Model { get; init; }

    /// <summary>The picture that will be sent, or of which a part will be (see <see cref="CroppedFrom"/>); null for text to image.</summary>
    public PictureSource? Image { get; init; }

    /// <summary>The mask that will be sent, white to repaint, the size of the picture; null for text to image.</summary>
    public PictureSource? Mask { get; init; }

    /// <summary>Format and size in which the picture will be sent; null when it is remote or there is none.</summary>
    public PictureHeader? ImageHeader { get; init; }

    /// <summary>Format and size of the picture of which only a part will be sent; null when the whole is.</summary>
    public PictureHeader? CroppedFrom { get; init; }

    /// <summary>Number of pictures that will be made.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Megapixels of one picture to be made; null when unknown (a remote picture).</summary>
    public double? Megapixels { get; init; }

    /// <summary>What it will cost by the list price; null when unknown or free.</summary>
    public InpaintCost? EstimatedCost { get; init; }

    /// <summary>What is worth knowing before paying, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What is sent otherwise than it was given, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>A digest over provider, model, parameters and picture content.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Where the pictures will be put back; null when they are handed over as they come.</summary>
    internal PlannedPlacement? Placement { get; init; }

    /// <summary>The picture's name for messages; the first words of the prompt when there is none.</summary>
    public string SourceName => Request.Image?.Name ?? new ImageOrigin { Prompt = Request.Prompt }.Title ?? "text-to-image";
}
