using Inpaint.Imaging;
using Inpaint.Imaging.Masks;

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

    /// <summary>How the mask was made; null when the request named one.</summary>
    internal MaskRecipe? MaskRecipe { get; init; }

    /// <summary>How the pictures will be composited into the original; null when they are returned unmodified.</summary>
    internal PlannedPlacement? Placement { get; init; }

    /// <summary>The picture that will be sent or cropped, as it was read; null when it is remote or there is none.</summary>
    internal PictureSnapshot? ImageSnapshot { get; init; }

    /// <summary>The mask that will be sent, as it was read or made; null when it is remote or there is none.</summary>
    internal PictureSnapshot? MaskSnapshot { get; init; }

    /// <summary>The picture's name for messages; without a picture, the first words of the prompt.</summary>
    public string SourceName => Request.Image?.Name ?? new ImageOrigin { Prompt = Request.Prompt }.Title ?? "text-to-image";
}

/// <summary>The provider that a request goes to.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Reason">Why it was chosen, a sentence; null when the user chose it.</param>
/// <param name="BuiltIn">The built-in providers, which messages suggest where the chosen one does not support the request.</param>
internal sealed record ProviderChoice(InpaintProvider Provider, string? Reason, IReadOnlyList<InpaintProvider> BuiltIn);

/// <summary>Makes a plan of a request: chooses the model, checks parameters and pictures, and estimates the cost. Makes no network calls.</summary>
internal static class RequestPlanner
{
    /// <summary>Makes the plan.</summary>
    /// <exception cref="InpaintException">What is wrong with the request.</exception>
    public static RequestPlan Plan(InpaintRequest request, ProviderChoice choice, CancellationToken cancellationToken)
    {
        InpaintProvider provider = choice.Provider;
        ProviderCapabilities capabilities = CapabilitiesFor(request, choice);
        MaskRecipe? recipe = request.MaskRecipe;
        request = WithMask(request, cancellationToken);
        (request, IReadOnlyList<string> filled) = RequestDefaults.Apply(request, provider, capabilities);
        request = RequestValidator.Normalize(request, capabilities);
        List<string> warnings = choice.Reason is { } reason ? [reason] : [];
        warnings.AddRange(RequestDefaults.WarnOfUnknown(provider, capabilities));
        warnings.AddRange(Check(request, choice, capabilities, filled));
        request = PlacementPlanner.Complete(request, capabilities);
        string model = ModelOf(request, provider) ?? capabilities.DefaultModel;
        RequestPictures files = new(request);
        PreparedPictures pictures = PicturePreflight.Check(request, files, provider, capabilities, cancellationToken);

        // Warnings about a placeholder for a mask that will be found later would not be true.
        List<string> ofMask = request.MaskRecipe is null ? warnings : [];
        warnings.AddRange(request.MaskRecipe is null ? pictures.Warnings : pictures.Warnings.Where(warning => !warning.StartsWith(request.Mask!.Name, StringComparison.Ordinal)));
        cancellationToken.ThrowIfCancellationRequested();
        string fingerprint = RequestFingerprint.Compute(request, provider.Name, model, pictures.Image, pictures.Mask);
        PlacementPlanner.EnsureLocal(request);
        CroppedPictures? crop = request.CropToMask ? MaskCropper.Crop(request, pictures, provider, capabilities, ofMask, cancellationToken) : null;
        PlannedPlacement? placement = PlacementPlanner.Plan(request, pictures, capabilities, crop?.Part, warnings, cancellationToken);
        PreparedPictures sent = crop?.Sent ?? pictures;
        sent = capabilities.RepaintsBlack ? MaskInverter.Invert(sent, model, cancellationToken) : sent;
        foreach (PictureSnapshot? snapshot in new[] { files.Image, files.MaskFile, sent.ImageSnapshot, sent.MaskSnapshot })
        {
            snapshot?.Settle();
        }

        AddWarningAboutSize(request, sent.Header, provider, capabilities, warnings);
        int count = request.Count ?? 1;
        double? megapixels = MegapixelsOf(request.Size, sent.Header, capabilities);
        InpaintCost? CostOf(double? size) => capabilities.Price?.Estimate(count, size);
        InpaintCost? cost = CostOf(megapixels);
        InpaintCost? costOfWhole = crop?.Part is null ? null : CostOf(MegapixelsOf(request.Size, pictures.Header, capabilities));
        return new RequestPlan(request, provider, capabilities, model, fingerprint)
        {
            Image = sent.Image,
            Mask = sent.Mask,
            ImageSnapshot = sent.ImageSnapshot,
            MaskSnapshot = sent.MaskSnapshot,
            ImageHeader = sent.Header,
            CroppedFrom = crop?.Part is null ? null : pictures.Header,
            MaskCoverage = pictures.Marked?.CoverageShare,
            Count = count,
            Megapixels = megapixels,
            EstimatedCost = cost?.InPlaceOf(costOfWhole),
            Warnings = warnings,
            Notes = filled.Count == 0 ? sent.Notes : [.. sent.Notes, $"{string.Join(", ", filled)}: set by the defaults of {provider.Name}."],
            Placement = placement,
            MaskRecipe = recipe == MaskRecipe.ToBeFound ? null : recipe,
        };
    }

    /// <summary>Inspects the mask of a request.</summary>
    /// <exception cref="InpaintException">InvalidParameter: the provider does not support inpainting.</exception>
    public static MaskReport InspectMask(InpaintRequest request, ProviderChoice choice, CancellationToken cancellationToken) =>
        MaskInspector.Inspect(request, choice.Provider, CapabilitiesFor(request, choice), cancellationToken);

    /// <summary>The model of a request, or null for the provider's default one. The model in a provider's settings is for inpainting; other operations need other models.</summary>
    public static string? ModelOf(InpaintRequest request, InpaintProvider provider) =>
        request.Model ?? (request.Operation == InpaintOperation.Inpaint ? provider.Model : null);

    /// <summary>Checks the parameters of a request. What is wrong with a default is said to be wrong with the settings, because the request did not specify it.</summary>
    private static IReadOnlyList<string> Check(InpaintRequest request, ProviderChoice choice, ProviderCapabilities capabilities, IReadOnlyList<string> filled)
    {
        try
        {
            return RequestValidator.Check(request, choice, capabilities);
        }
        catch (InpaintException e) when (filled.FirstOrDefault(name => string.Equals(name, e.Parameter, StringComparison.OrdinalIgnoreCase)) is { } name)
        {
            throw e.WithMessage($"{e.Message} The value is {RequestDefaults.PlaceOf(name, choice.Provider)}.");
        }
    }

    /// <summary>Makes the mask of a request with a recipe.</summary>
    private static InpaintRequest WithMask(InpaintRequest request, CancellationToken cancellationToken)
    {
        if (request.MaskRecipe is not { } recipe || request.Image is not { } image)
        {
            return request;
        }

        // A mask that will be found later needs no size where the picture's is not known here.
        bool isRemote = image.IsRemote && recipe == MaskRecipe.ToBeFound;
        Mask mask = MaskFactory.Make(isRemote ? recipe with { Size = ImageSize.FromPixels(64, 64) } : recipe with { Image = image }, cancellationToken);
        if (recipe != MaskRecipe.ToBeFound && recipe.Draws)
        {
            EnsureMarks(mask, recipe, image);
        }

        return request with
        {
            Mask = PictureSource.FromBytes(mask.ToPng(), Path.GetFileNameWithoutExtension(image.Name) + MaskFactory.Suffix + ".png"),
            MaskMode = MaskMode.White,
            MaskRecipe = recipe == MaskRecipe.ToBeFound ? recipe : null,
        };
    }

    /// <summary>Ensures that what was drawn marks a part of the picture. The mask is in no file that a message could name.</summary>
    /// <exception cref="InpaintException">MaskEmpty, MaskFull.</exception>
    private static void EnsureMarks(Mask mask, MaskRecipe recipe, PictureSource image)
    {
        if (!mask.IsEmpty && !mask.IsFull)
        {
            return;
        }

        string what = (recipe.Shapes.Count > 0, recipe.Color) switch
        {
            (true, null) => "The shapes mark",
            (true, { } color) => $"The shapes and the colour {color} mark",
            (false, { } color) => $"The colour {color} with tolerance {recipe.Tolerance} marks",
            _ => "The selection marks",
        };
        string size = $"{image.Name}, which is {mask.Width}x{mask.Height}";
        throw mask.IsEmpty
            ? new InpaintException(InpaintErrorId.MaskEmpty, $"{what} nothing of {size}. Nothing was sent.")
            {
                Parameter = "Mask",
                Subject = image.Name,
                RecommendedAction = recipe.Color is null ? "Specify shapes that lie within the picture." : "Specify a colour of the picture, or a larger tolerance.",
            }
            : new InpaintException(InpaintErrorId.MaskFull, $"{what} all of {size}, so that nothing of it would be kept. Nothing was sent.")
            {
                Parameter = "Mask",
                Subject = image.Name,
                RecommendedAction = recipe.Color is null ? "Specify smaller shapes." : "Specify another colour, or a smaller tolerance.",
            };
    }

    private static ProviderCapabilities CapabilitiesFor(InpaintRequest request, ProviderChoice choice) =>
        choice.Provider.CapabilitiesFor(request.Operation, ModelOf(request, choice.Provider)) ?? throw Unsupported(request.Operation, choice);

    private static InpaintException Unsupported(InpaintOperation operation, ProviderChoice choice)
    {
        InpaintProvider provider = choice.Provider;
        IEnumerable<string> others = choice.BuiltIn.Where(p => p.CapabilitiesFor(operation) is not null).Select(p => p.Name);
        string what = operation switch
        {
            InpaintOperation.Inpaint => "does not repaint pictures",
            InpaintOperation.Segment => "cannot find objects in pictures",
            _ => "cannot make pictures from a prompt alone",
        };
        return new InpaintException(InpaintErrorId.InvalidParameter, $"{provider.Name} {what}. These can: {string.Join(", ", others)}.") { Parameter = "Provider", Provider = provider.Name };
    }

    /// <summary>Results that are much smaller than the picture are a common complaint.</summary>
    private static void AddWarningAboutSize(InpaintRequest request, PictureHeader? sent, InpaintProvider provider, ProviderCapabilities capabilities, List<string> warnings)
    {
        if (request.Size is null && sent is not null && capabilities.DefaultSize?.Invoke(sent.Width, sent.Height) is { } made && (made.Width < 0.9 * sent.Width || made.Height < 0.9 * sent.Height))
        {
            string remedy = request.CropToMask || request.KeepUnmasked ? "the repainted part will be less sharp than the rest" : "with CropToMask, everything outside the mask keeps its resolution";
            warnings.Add($"{provider.Name} returns {made} for {request.Image!.Name}, which is {sent.Width}x{sent.Height}: {remedy}.");
        }
    }

    private static double? MegapixelsOf(ImageSize? size, PictureHeader? header, ProviderCapabilities capabilities)
    {
        if (size is not null)
        {
            return (double)size.Width * size.Height / 1_000_000;
        }

        if (header is not null)
        {
            return capabilities.DefaultSize?.Invoke(header.Width, header.Height) is { } fitted ? (double)fitted.Width * fitted.Height / 1_000_000 : header.Megapixels;
        }

        // A default may also be a rule, such as the source's own size, which is not known here.
        return capabilities.Find("Size")?.Default is string standard && RequestValidator.FindSize(standard, capabilities) is { } made ? (double)made.Width * made.Height / 1_000_000 : null;
    }
}
