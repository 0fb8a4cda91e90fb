using System.Collections.ObjectModel;
using System.Text.Json.Nodes;

namespace Inpaint;

/// <summary>
/// One job as the user requests it, independent of any provider's field names. What is null is not sent, and left to the provider's default. Ranges are the provider's: see
/// <see cref="ProviderCapabilities"/>.
/// </summary>
public sealed record InpaintRequest
{
    /// <summary>What the job does.</summary>
    public InpaintOperation Operation { get; init; }

    /// <summary>The columns of the table row that requests it, for file names. They are not sent, but kept with the job, and must not contain keys.</summary>
    public IReadOnlyDictionary<string, string> Columns { get; init; } = Lists.NoTexts;

    /// <summary>The picture to repaint; null for text to image.</summary>
    public PictureSource? Image { get; init; }

    /// <summary>The mask; null for text to image.</summary>
    public PictureSource? Mask { get; init; }

    /// <summary>How the mask is made for this job; null when <see cref="Mask"/> is given. Its picture is <see cref="Image"/>.</summary>
    public MaskRecipe? MaskRecipe { get; init; }

    /// <summary>What the repainted part should show.</summary>
    public string? Prompt { get; init; }

    /// <summary>What it should not show.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>
    /// The provider's name; null for the default one. When no default is set, a request with a prompt goes to the only provider that has a key, and one without a prompt to
    /// Local.
    /// </summary>
    public string? Provider { get; init; }

    /// <summary>Whether a key is passed with the job, which must belong to the named provider.</summary>
    public bool BringsKey { get; init; }

    /// <summary>The provider's id of the model; null for its default one.</summary>
    public string? Model { get; init; }

    /// <summary>How much the masked part may change, 0 to 1 (1: completely).</summary>
    public double? Strength { get; init; }

    /// <summary>Number of denoising steps.</summary>
    public int? Steps { get; init; }

    /// <summary>Guidance scale (classifier-free guidance).</summary>
    public double? GuidanceScale { get; init; }

    /// <summary>The number of pictures to generate.</summary>
    public int? Count { get; init; }

    /// <summary>Seed, 64-bit.</summary>
    public long? Seed { get; init; }

    /// <summary>The size of the generated picture.</summary>
    public ImageSize? Size { get; init; }

    /// <summary>File format of the result, as the provider names it (<c>png</c>, <c>jpeg</c>).</summary>
    public string? OutputFormat { get; init; }

    /// <summary>Whether the provider's safety checker runs; null for its default.</summary>
    public bool? SafetyChecker { get; init; }

    /// <summary>LoRAs to apply to the model.</summary>
    public IReadOnlyList<LoraWeight> Loras { get; init; } = [];

    /// <summary>Points on the object to be found; for segmentation only.</summary>
    public IReadOnlyList<MaskPoint> Points { get; init; } = [];

    /// <summary>Boxes around the object to be found; for segmentation only.</summary>
    public IReadOnlyList<MaskBox> Boxes { get; init; } = [];

    /// <summary>Acceleration level, as the provider names it.</summary>
    public string? Acceleration { get; init; }

    /// <summary>Scheduler, as the provider names it.</summary>
    public string? Scheduler { get; init; }

    /// <summary>The URL to which the provider posts the result.</summary>
    public Uri? WebhookUri { get; init; }

    /// <summary>
    /// Options of the provider or model, by the names in its capabilities (see <see cref="ParameterCapability.Option"/>), in any case. Values are text, numbers or booleans;
    /// each is checked and converted as the capability says.
    /// </summary>
    public IReadOnlyDictionary<string, object> Options { get; init; } = ReadOnlyDictionary<string, object>.Empty;

    /// <summary>Fields added to the request body unchanged; they override the ones above.</summary>
    public JsonObject? AdditionalBody { get; init; }

    /// <summary>Whether to use a direct (synchronous) call instead of the queue, where the provider has both. Such a job cannot be cancelled or collected later.</summary>
    public bool Synchronous { get; init; }

    /// <summary>
    /// The folder for intermediate pictures, which are written as they arrive, where the provider streams them; null for none. Such a job uses a direct call: it cannot be
    /// cancelled or collected later.
    /// </summary>
    public string? PreviewFolder { get; init; }

    /// <summary>Whether the pictures are returned inside the response and not stored by the provider.</summary>
    public bool InlineResult { get; init; }

    /// <summary>Queue priority, as the provider names it (<c>normal</c>, <c>low</c>).</summary>
    public string? Priority { get; init; }

    /// <summary>The time in which the provider must start; otherwise it gives up.</summary>
    public TimeSpan? StartTimeout { get; init; }

    /// <summary>Which part of the mask is repainted.</summary>
    public MaskMode MaskMode { get; init; }

    /// <summary>Whether a mask of another size is resized (nearest neighbour) instead of refused.</summary>
    public bool ResizeMask { get; init; }

    /// <summary>Whether the result is composited into the original, so that everything outside the mask is unchanged, bit for bit in a PNG.</summary>
    public bool KeepUnmasked { get; init; }

    /// <summary>Whether only the mask and its surroundings are sent, in a size that suits the model; implies <see cref="KeepUnmasked"/>.</summary>
    public bool CropToMask { get; init; }

    /// <summary>The surroundings that are sent on every side of the mask, in pixels, 0 to 10000; null for a width that suits the mask.</summary>
    public int? Padding { get; init; }

    /// <summary>The width of the blend from the original into the repainted part, inside the mask, in pixels, 0 to 1000; null for a width that suits the mask, 0 for a hard edge.</summary>
    public int? Feather { get; init; }
}

/// <summary>What a job does.</summary>
public enum InpaintOperation : long
{
    /// <summary>Repaints the masked part of a picture.</summary>
    Inpaint,

    /// <summary>Makes a picture from a prompt alone.</summary>
    TextToImage,

    /// <summary>Finds objects in a picture and makes masks of them.</summary>
    Segment,
}

/// <summary>Which part of a mask marks what is to be repainted.</summary>
public enum MaskMode : long
{
    /// <summary>White (luminance of at least 128) is repainted. What fal.ai and ModelsLab expect.</summary>
    White,

    /// <summary>Black (luminance below 128) is repainted.</summary>
    Black,

    /// <summary>Transparent (alpha below 128) is repainted, as OpenAI's masks have it.</summary>
    Alpha,
}

/// <summary>A LoRA to merge into the model.</summary>
/// <param name="Path">URL, Hugging Face repository or, for ModelsLab, the model's id.</param>
/// <param name="Scale">Weight; 1 when not given.</param>
public sealed record LoraWeight(string Path, double Scale = 1);

/// <summary>How often a call that was rejected, or did not reach the service, is retried. A request that may have created a paid job is never repeated, whatever this says.</summary>
/// <param name="MaximumCount">
/// The maximum number of retries of each call; 0 for none. Null for the default number, and for waiting as long as a service says that it is at capacity (429).
/// </param>
/// <param name="Interval">The pause before each retry, unless the service asks for another one; null for increasing pauses.</param>
public sealed record RetryLimits(int? MaximumCount = null, TimeSpan? Interval = null);
