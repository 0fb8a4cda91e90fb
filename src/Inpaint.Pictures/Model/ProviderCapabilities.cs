namespace Inpaint;

/// <summary>The type of an option's value.</summary>
public enum OptionKind : long
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>Yes or no.</summary>
    Switch,

    /// <summary>A whole number.</summary>
    WholeNumber,

    /// <summary>A number.</summary>
    Number,

    /// <summary>An http(s) URL.</summary>
    Url,

    /// <summary>A list; one value counts as a list of one.</summary>
    List,

    /// <summary>Named values.</summary>
    Map,
}

/// <summary>A parameter that a provider's model takes, with its range.</summary>
public sealed record ParameterCapability
{
    /// <summary>Parses the words for yes and no.</summary>
    /// <param name="text">The text, without white space around it.</param>
    /// <returns>True or false; null when it is neither.</returns>
    public static bool? ParseSwitch(string text) => text?.ToUpperInvariant() switch
    {
        "YES" or "TRUE" or "ON" or "1" => true,
        "NO" or "FALSE" or "OFF" or "0" => false,
        _ => null,
    };

    /// <summary>The name of the property of <see cref="InpaintRequest"/>, such as <c>Strength</c>; for an option, its key in <see cref="InpaintRequest.Options"/>.</summary>
    public required string Name { get; init; }

    /// <summary>The type of its value, when it is one of this provider's own options; null for a property of <see cref="InpaintRequest"/>.</summary>
    public OptionKind? Option { get; init; }

    /// <summary>Smallest value, inclusive; null for none. For sizes, of each edge; for LoRAs, of each weight.</summary>
    public double? Minimum { get; init; }

    /// <summary>Largest value, inclusive; null for none. For sizes, of each edge; for LoRAs, of each weight.</summary>
    public double? Maximum { get; init; }

    /// <summary>The value to which the service caps larger ones, which are accepted with a warning; null for none.</summary>
    public double? CapAbove { get; init; }

    /// <summary>What each edge of a size must be a multiple of, in pixels; null for anything.</summary>
    public int? MultipleOf { get; init; }

    /// <summary>The provider's default, as text; null when it is not known.</summary>
    public string? Default { get; init; }

    /// <summary>See <see cref="GetValues"/>.</summary>
    internal IReadOnlyList<string> Values { get; init => field = Lists.Indexable(value); } = [];

    /// <summary>See <see cref="GetNamedSizes"/>.</summary>
    internal IReadOnlyDictionary<string, ImageSize> NamedSizes { get; init => field = ReadableDictionary.Of(value, StringComparer.Ordinal); } = ReadableDictionary.Of<ImageSize>(null, StringComparer.Ordinal);

    /// <summary>Whether a request without it is refused.</summary>
    public bool IsRequired { get; init; }

    /// <summary>A warning for requests that set it, such as that the service ignores it; null for none.</summary>
    public string? Warning { get; init; }

    /// <summary>The service's own description; null when there is none.</summary>
    public string? Description { get; init; }

    /// <summary>What it takes, as text: its range, such as <c>0-1</c>, or its values, such as <c>png|jpeg</c>; null for anything.</summary>
    public string? Range => Values.Count > 0
        ? string.Join("|", Values)
        : (Minimum, Maximum) switch
        {
            (null, null) => null,
            (double min, null) => FormattableString.Invariant($">= {min}"),
            (null, double max) => FormattableString.Invariant($"<= {max}"),
            (double min, double max) => FormattableString.Invariant($"{min}-{max}"),
        };

    /// <summary>Gets the values that it takes, when they are a closed list.</summary>
    /// <returns>The values; none when it takes others.</returns>
    public IReadOnlyList<string> GetValues() => Values;

    /// <summary>Gets, for the size, the provider's names for sizes, in any case.</summary>
    /// <returns>The names, and how many pixels each has.</returns>
    public IReadOnlyDictionary<string, ImageSize> GetNamedSizes() => NamedSizes;

    /// <inheritdoc/>
    public override string ToString()
    {
        string[] notes =
        [
            Option is null ? "" : "option",
            IsRequired ? "required" : "",
            Range ?? "",
            CapAbove is double cap ? FormattableString.Invariant($"capped at {cap}") : "",
            MultipleOf is int multiple ? FormattableString.Invariant($"multiples of {multiple}") : "",
        ];
        string details = string.Join(", ", notes.Where(note => note.Length > 0));
        string text = details.Length == 0 ? Name : $"{Name} ({details})";
        return Default is null ? text : $"{text}, default {Default}";
    }
}

/// <summary>What a provider can do with one operation: its parameters, formats and features. The only source for validation, completion and the tables of the documentation.</summary>
public sealed record ProviderCapabilities
{
    /// <summary>The operation that this describes.</summary>
    public required InpaintOperation Operation { get; init; }

    /// <summary>The model used when none is named.</summary>
    public required string DefaultModel { get; init; }

    /// <summary>The models that are known here; others may be named unless <see cref="TakesKnownModelsOnly"/>.</summary>
    public IReadOnlyList<string> KnownModels { get => DescribedModels?.Value ?? field; init => field = Lists.Indexable(value); } = [];

    /// <summary>Whether it has the known models and no others.</summary>
    public bool TakesKnownModelsOnly { get; init; }

    /// <summary>The known models where they are read from a file, which is not needed for a request with the default model.</summary>
    internal Lazy<IReadOnlyList<string>>? DescribedModels { get; init; }

    /// <summary>The parameters that it takes.</summary>
    public IReadOnlyList<ParameterCapability> Parameters { get; init => field = Lists.Indexable(value); } = [];

    /// <summary>Picture formats that it reads.</summary>
    public IReadOnlyList<PictureFormat> InputFormats { get; init => field = Lists.Indexable(value); } = [];

    /// <summary>The largest local picture that it takes, in bytes; null for no known limit.</summary>
    public long? MaximumInputBytes { get; init; }

    /// <summary>The sizes at which the model works well, for parts of pictures that are cropped; null for any.</summary>
    public WorkingSize? WorkingSize { get; init; }

    /// <summary>Whether it needs a key.</summary>
    public bool NeedsKey { get; init; } = true;

    /// <summary>Whether a job can be cancelled.</summary>
    public bool CanCancel { get; init; }

    /// <summary>Whether it provides log lines.</summary>
    public bool HasLogs { get; init; }

    /// <summary>Whether it streams status changes (server-sent events), so that it need not be polled.</summary>
    public bool StreamsStatus { get; init; }

    /// <summary>Whether it takes local pictures; otherwise only those at public URLs.</summary>
    public bool TakesLocalPictures { get; init; } = true;

    /// <summary>Whether it takes pictures at http(s) URLs; otherwise only those on this machine.</summary>
    public bool TakesUrls { get; init; } = true;

    /// <summary>The largest total of a local picture and mask, in bytes; null for no known limit.</summary>
    public long? MaximumRequestBytes { get; init; }

    /// <summary>Gets the size that it generates for a picture's width and height when no size is requested; null when that is the picture's own.</summary>
    internal Func<int, int, ImageSize>? DefaultSize { get; init; }

    /// <summary>Whether its results are unchanged outside the mask, bit for bit.</summary>
    public bool KeepsUnmasked { get; init; }

    /// <summary>
    /// Whether it decodes pictures as this engine does: any format, with EXIF orientation, full bit depth and colour profile. For other providers pictures are converted
    /// before they are sent.
    /// </summary>
    public bool DecodesPictures { get; init; }

    /// <summary>Whether jobs cost money.</summary>
    public bool IsPaid { get; init; } = true;

    /// <summary>The model's price; null when unknown or free.</summary>
    public InpaintPrice? Price { get; init; }

    /// <summary>The provider's own description of the model, which its client uses to build the request.</summary>
    internal object? ModelDescription { get; init; }

    /// <summary>Whether the model repaints what is black in a mask. Masks are then inverted before they are sent, so that white means "repaint" with every model.</summary>
    public bool RepaintsBlack { get; init; }

    /// <summary>A warning for every request; null for none.</summary>
    public string? Warning { get; init; }

    /// <summary>Finds a parameter.</summary>
    /// <param name="name">Its name, in any case.</param>
    /// <returns>The parameter; null when the provider does not have it.</returns>
    public ParameterCapability? Find(string name) => Parameters.FirstOrDefault(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <inheritdoc/>
    public override string ToString() => $"{Operation} {DefaultModel}";
}

/// <summary>The sizes at which a model works well, to which a part of a picture is scaled before it is sent.</summary>
/// <param name="MultipleOf">What each edge must be a multiple of, in pixels.</param>
/// <param name="MinimumEdge">The shortest edge, in pixels; a smaller part is extended to it as far as the picture allows.</param>
/// <param name="MaximumEdge">The longest edge, in pixels.</param>
/// <param name="MaximumPixels">The maximum number of pixels; a larger part is scaled down.</param>
public sealed record WorkingSize(int MultipleOf, int MinimumEdge, int MaximumEdge, long MaximumPixels)
{
    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"{MinimumEdge} to {MaximumEdge} pixels, multiples of {MultipleOf}");
}
