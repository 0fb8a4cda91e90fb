namespace Inpaint;

/// <summary>What a provider's own option holds.</summary>
public enum OptionKind
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>Yes or no.</summary>
    Switch,

    /// <summary>A whole number.</summary>
    WholeNumber,

    /// <summary>A number.</summary>
    Number,

    /// <summary>An http(s) address.</summary>
    Address,

    /// <summary>A list; one value counts as a list of one.</summary>
    List,

    /// <summary>Named values.</summary>
    Map,
}

/// <summary>One parameter that a provider's model takes, with its range.</summary>
public sealed record ParameterCapability
{
    /// <summary>Reads yes or no in the words in which people write it.</summary>
    /// <param name="text">The text, without white space around it.</param>
    /// <returns>True or false; null when it is neither.</returns>
    public static bool? ReadSwitch(string text) => text?.ToUpperInvariant() switch
    {
        "YES" or "TRUE" or "ON" or "1" => true,
        "NO" or "FALSE" or "OFF" or "0" => false,
        _ => null,
    };

    /// <summary>The cmdlet parameter's name, which is also the property of <see cref="InpaintRequest"/>, such as <c>Strength</c>; for an option, its key in <c>-Option</c>.</summary>
    public required string Name { get; init; }

    /// <summary>What it holds, when it is one of this provider's own options, given by <c>-Option @{ Name = value }</c>; null for a parameter that the cmdlets have themselves.</summary>
    public OptionKind? Option { get; init; }

    /// <summary>Smallest value, inclusive; null for none. For sizes, of each edge; for LoRAs, of each weight.</summary>
    public double? Minimum { get; init; }

    /// <summary>Largest value, inclusive; null for none. For sizes, of each edge; for LoRAs, of each weight.</summary>
    public double? Maximum { get; init; }

    /// <summary>The value that the service uses in place of any larger one: those are taken, with a warning. Null for none.</summary>
    public double? CapAbove { get; init; }

    /// <summary>What each edge of a size must be a multiple of, in pixels; null for anything.</summary>
    public int? MultipleOf { get; init; }

    /// <summary>What the provider uses when nothing is sent, as text.</summary>
    public string? Default { get; init; }

    /// <summary>The values it takes, when they are a closed list.</summary>
    public IReadOnlyList<string> Values { get; init => field = Lists.Indexable(value); } = [];

    /// <summary>Whether a request without it is refused.</summary>
    public bool IsRequired { get; init; }

    /// <summary>What the service does with it that is worth a warning before paying (ignored, capped); null for nothing.</summary>
    public string? Caution { get; init; }

    /// <summary>What the service itself says of it; null when it says nothing.</summary>
    public string? Description { get; init; }

    /// <inheritdoc/>
    public override string ToString()
    {
        string range = Values.Count > 0
            ? string.Join("|", Values)
            : (Minimum, Maximum) switch
            {
                (null, null) => "",
                (double min, null) => FormattableString.Invariant($">= {min}"),
                (null, double max) => FormattableString.Invariant($"<= {max}"),
                (double min, double max) => FormattableString.Invariant($"{min}-{max}"),
            };
        string[] notes =
        [
            Option is null ? "" : "option",
            IsRequired ? "required" : "",
            range,
            CapAbove is double cap ? FormattableString.Invariant($"capped at {cap}") : "",
            MultipleOf is int multiple ? FormattableString.Invariant($"multiples of {multiple}") : "",
        ];
        string details = string.Join(", ", notes.Where(note => note.Length > 0));
        string text = details.Length == 0 ? Name : $"{Name} ({details})";
        return Default is null ? text : $"{text}, default {Default}";
    }
}

/// <summary>What a provider can do with one operation: its parameters, formats and abilities. The one source for validation, completion and the documentation's table.</summary>
public sealed record ProviderCapabilities
{
    /// <summary>The operation that this describes.</summary>
    public required InpaintOperation Operation { get; init; }

    /// <summary>The model used when none is named.</summary>
    public required string DefaultModel { get; init; }

    /// <summary>Models worth completing; any other may be named where the provider takes it.</summary>
    public IReadOnlyList<string> KnownModels { get => DescribedModels?.Value ?? field; init => field = Lists.Indexable(value); } = [];

    /// <summary>Whether it has the known models and no others.</summary>
    public bool TakesKnownModelsOnly { get; init; }

    /// <summary>The known models where they are read from a file, which a line that names none need not wait for.</summary>
    internal Lazy<string[]>? DescribedModels { get; init; }

    /// <summary>The parameters that it takes.</summary>
    public IReadOnlyList<ParameterCapability> Parameters { get; init => field = Lists.Indexable(value); } = [];

    /// <summary>Picture formats that it reads.</summary>
    public IReadOnlyList<PictureFormat> InputFormats { get; init => field = Lists.Indexable(value); } = [];

    /// <summary>Largest local picture that it takes, in bytes; null for no known limit.</summary>
    public long? MaximumInputBytes { get; init; }

    /// <summary>The sizes in which the model works, for parts of pictures that are cut out here; null for any.</summary>
    public WorkingSize? WorkingSize { get; init; }

    /// <summary>Whether it needs a key.</summary>
    public bool NeedsKey { get; init; } = true;

    /// <summary>Whether a job can be cancelled.</summary>
    public bool CanCancel { get; init; }

    /// <summary>Whether it tells log lines.</summary>
    public bool HasLogs { get; init; }

    /// <summary>Whether it tells changes by itself (server-sent events), so that nothing needs to be polled.</summary>
    public bool StreamsStatus { get; init; }

    /// <summary>Whether local pictures can be handed over; otherwise only public addresses work.</summary>
    public bool TakesLocalPictures { get; init; } = true;

    /// <summary>Whether it takes pictures at an http(s) address; otherwise only those on this machine.</summary>
    public bool TakesAddresses { get; init; } = true;

    /// <summary>The most that picture and mask from this machine may have together, in bytes; null for no known limit.</summary>
    public long? MaximumRequestBytes { get; init; }

    /// <summary>The size that it makes of a picture of some width and height when none is asked for; null when that is the picture's own.</summary>
    internal Func<int, int, ImageSize>? SizeMadeOf { get; init; }

    /// <summary>Whether what it makes is the sent picture itself outside the mask, bit for bit.</summary>
    public bool KeepsUnmasked { get; init; }

    /// <summary>
    /// Whether it decodes pictures as is done here: any format, turned as their EXIF data asks, at their full depth and with their profile. For any other they are made
    /// plain before they are handed over.
    /// </summary>
    public bool DecodesPictures { get; init; }

    /// <summary>Whether jobs cost money.</summary>
    public bool IsPaid { get; init; } = true;

    /// <summary>What the model's work costs; null when unknown or free.</summary>
    public InpaintPrice? Price { get; init; }

    /// <summary>What the provider's folder knows of the model beyond this; its client reads it when it builds the request.</summary>
    internal object? ModelDescription { get; init; }

    /// <summary>Whether the model repaints what is black in a mask: masks are inverted before they are sent, so that white means "repaint" to the user with every model.</summary>
    public bool RepaintsBlack { get; init; }

    /// <summary>What is worth a warning with every request; null for nothing.</summary>
    public string? Caution { get; init; }

    /// <summary>Finds a parameter.</summary>
    /// <param name="name">Its name, in any case.</param>
    /// <returns>The parameter, or null when the provider does not have it.</returns>
    public ParameterCapability? Find(string name) => Parameters.FirstOrDefault(p => string.Equals(p.Name, name, StringComparison.OrdinalIgnoreCase));
}
