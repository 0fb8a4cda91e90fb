using System.Text.Json.Nodes;

namespace Inpaint;

/// <summary>
/// One job as the user asks for it, free of any provider's field names. What is null is left to the provider's default and not sent.
/// Ranges are the provider's: see <see cref="ProviderCapabilities"/>.
/// </summary>
public sealed record InpaintRequest
{
    /// <summary>What the job does.</summary>
    public InpaintOperation Operation { get; init; }

    /// <summary>The columns of the row that asks for it, which may name its files. They are no part of what is asked for, and are kept with the job: never a key.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = Lists.NoTexts;

    /// <summary>The picture to repaint; null for text to image.</summary>
    public PictureSource? Image { get; init; }

    /// <summary>The mask; null for text to image.</summary>
    public PictureSource? Mask { get; init; }

    /// <summary>What the repainted part shall show.</summary>
    public string? Prompt { get; init; }

    /// <summary>What it shall not show.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>
    /// The provider's name; null for the one that was chosen as default. When none was, a request with a prompt goes to the only provider that has a key, and one without
    /// to Local.
    /// </summary>
    public string? Provider { get; init; }

    /// <summary>Whether a key will come with the job, which is then the named provider's.</summary>
    internal bool BringsKey { get; init; }

    /// <summary>The provider's id of the model; null for its default one.</summary>
    public string? Model { get; init; }

    /// <summary>How much the masked part may change, 0 to 1 (1: made anew).</summary>
    public double? Strength { get; init; }

    /// <summary>Number of denoising steps.</summary>
    public int? Steps { get; init; }

    /// <summary>Guidance scale (classifier-free guidance).</summary>
    public double? GuidanceScale { get; init; }

    /// <summary>Number of pictures to make.</summary>
    public int? Count { get; init; }

    /// <summary>Seed, 64-bit.</summary>
    public long? Seed { get; init; }

    /// <summary>Size of the picture to be made.</summary>
    public ImageSize? Size { get; init; }

    /// <summary>File format of the answer, as the provider names it (<c>png</c>, <c>jpeg</c>).</summary>
    public string? OutputFormat { get; init; }

    /// <summary>Whether the provider's safety checker runs; null for its default.</summary>
    public bool? SafetyChecker { get; init; }

    /// <summary>LoRAs to merge.</summary>
    public IReadOnlyList<LoraWeight> Loras { get; init; } = [];

    /// <summary>Points on the thing that is to be found; segmentation alone.</summary>
    public IReadOnlyList<MaskPoint> Points { get; init; } = [];

    /// <summary>Boxes around the thing that is to be found; segmentation alone.</summary>
    public IReadOnlyList<MaskBox> Boxes { get; init; } = [];

    /// <summary>Acceleration level, as the provider names it.</summary>
    public string? Acceleration { get; init; }

    /// <summary>Scheduler, as the provider names it.</summary>
    public string? Scheduler { get; init; }

    /// <summary>Where the provider shall post the result.</summary>
    public Uri? WebhookUri { get; init; }

    /// <summary>
    /// Parameters that only one provider has, by the names that its capabilities list (see <see cref="ParameterCapability.Option"/>), in any case. Values are
    /// text, numbers or booleans; each is checked and converted as the capability says.
    /// </summary>
    public IReadOnlyDictionary<string, object> Options { get; init; } = new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Fields added to the body as they are; they win over the ones above.</summary>
    public JsonObject? AdditionalBody { get; init; }

    /// <summary>Whether to ask for the direct answer instead of the queue, where the provider has both. Cannot be cancelled or collected later.</summary>
    public bool Synchronous { get; init; }

    /// <summary>
    /// The folder for intermediate pictures, which are written as they come, where the provider shows them; null for none. Such a job is run directly: it
    /// cannot be cancelled or collected later.
    /// </summary>
    public string? PreviewFolder { get; init; }

    /// <summary>Whether the pictures shall come inside the answer and not be kept by the provider.</summary>
    public bool InlineResult { get; init; }

    /// <summary>Queue priority, as the provider names it (<c>normal</c>, <c>low</c>).</summary>
    public string? Priority { get; init; }

    /// <summary>How long the provider may take to start; it gives up afterwards.</summary>
    public TimeSpan? StartTimeout { get; init; }

    /// <summary>Which part of the mask is repainted.</summary>
    public MaskMode MaskMode { get; init; }

    /// <summary>Whether a mask of another size is scaled (nearest neighbour) instead of refused.</summary>
    public bool ResizeMask { get; init; }

    /// <summary>Whether the result is put back into the original, so that everything outside the mask is the original's, bit for bit in a PNG.</summary>
    public bool KeepUnmasked { get; init; }

    /// <summary>Whether only the surroundings of the mask are sent, in a size that suits the model; implies <see cref="KeepUnmasked"/>.</summary>
    public bool CropToMask { get; init; }

    /// <summary>How much of the picture is sent on every side of what the mask marks, in pixels, 0 to 10000; null for a width that fits the mask.</summary>
    public int? Padding { get; init; }

    /// <summary>How far inside the mask the original fades into what was repainted, in pixels; null for a width that fits the mask, 0 for a hard edge.</summary>
    public int? Feather { get; init; }
}
