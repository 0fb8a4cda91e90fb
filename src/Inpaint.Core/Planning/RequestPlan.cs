namespace Inpaint.Planning;

/// <summary>
/// A request that has been checked against its provider's limits and is ready to be sent: what will be sent, what it will cost, and what the user should know before paying.
/// Creating one costs nothing and makes no network calls. Only the engine creates and changes plans, so that what is sent has been checked.
/// </summary>
public sealed record RequestPlan
{
    internal RequestPlan(InpaintRequest request, InpaintProvider provider, ProviderCapabilities capabilities, string model, string fingerprint)
    {
        Request = request;
        Provider = provider;
        Capabilities = capabilities;
        Model = model;
        Fingerprint = fingerprint;
    }

    /// <summary>The request, with defaults filled in and values spelled as the provider spells them.</summary>
    public InpaintRequest Request { get; }

    /// <summary>The provider that it goes to.</summary>
    public InpaintProvider Provider { get; }

    /// <summary>What that provider can do with the operation and the model.</summary>
    public ProviderCapabilities Capabilities { get; }

    /// <summary>The provider's id of the model that will be used.</summary>
    public string Model { get; }

    /// <summary>The picture that will be sent, or of which a part will be sent (see <see cref="CroppedFrom"/>); null for text to image.</summary>
    public PictureSource? Image { get; internal init; }

    /// <summary>The mask that will be sent, white to repaint, the size of the picture; null for text to image.</summary>
    public PictureSource? Mask { get; internal init; }

    /// <summary>Format and size of the picture as it will be sent; null when it is remote or there is none.</summary>
    public PictureHeader? ImageHeader { get; internal init; }

    /// <summary>Format and size of the whole picture when only a part of it will be sent; otherwise null.</summary>
    public PictureHeader? CroppedFrom { get; internal init; }

    /// <summary>The fraction of the picture that the mask marks, 0 to 1; null when mask or picture are remote, or there is no mask.</summary>
    public double? MaskCoverage { get; internal init; }

    /// <summary>Number of pictures that will be made.</summary>
    public int Count { get; internal init; } = 1;

    /// <summary>Megapixels of each picture that will be made; null when unknown (a remote picture).</summary>
    public double? Megapixels { get; internal init; }

    /// <summary>The cost by list price; null when unknown or free.</summary>
    public InpaintCost? EstimatedCost { get; internal init; }

    /// <summary>Warnings to show before paying, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; internal init; } = [];

    /// <summary>What is converted before it is sent, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; internal init; } = [];

    /// <summary>A digest over provider, model, parameters and picture content.</summary>
    public string Fingerprint { get; }

    /// <summary>How the pictures will be composited into the original; null when they are returned unmodified.</summary>
    internal PlannedPlacement? Placement { get; init; }

    /// <summary>The picture's name for messages; without a picture, the first words of the prompt.</summary>
    public string SourceName => Request.Image?.Name ?? new ImageOrigin { Prompt = Request.Prompt }.Title ?? "text-to-image";
}
