namespace Inpaint.Planning;

/// <summary>The provider that a request goes to.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Reason">Why it was chosen, a sentence; null when the user chose it.</param>
/// <param name="BuiltIn">The providers that exist without being set, which are named where the chosen one cannot do what is asked.</param>
internal sealed record ProviderChoice(InpaintProvider Provider, string? Reason, IReadOnlyList<InpaintProvider> BuiltIn);

/// <summary>Turns a request into a plan: model chosen, parameters checked, pictures looked at, cost estimated. Calls nobody.</summary>
internal static class RequestPlanner
{
    /// <summary>Makes the plan.</summary>
    /// <param name="request">The request.</param>
    /// <param name="choice">Where it goes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="InpaintException">What is wrong with the request.</exception>
    public static RequestPlan Plan(InpaintRequest request, ProviderChoice choice, CancellationToken cancellationToken)
    {
        InpaintProvider provider = choice.Provider;
        ProviderCapabilities capabilities = CapabilitiesFor(request, choice);
        List<string> warnings = [.. new[] { choice.Reason }.OfType<string>(), .. RequestValidator.Check(request, choice, capabilities)];
        request = PlacementPlanner.Complete(RequestValidator.Normalize(request, capabilities), capabilities);
        string model = ModelOf(request, provider) ?? capabilities.DefaultModel;
        PreparedPictures pictures = PicturePreflight.Check(request, provider, capabilities, cancellationToken);
        warnings.AddRange(pictures.Warnings);
        cancellationToken.ThrowIfCancellationRequested();
        string fingerprint = RequestFingerprint.Compute(request, provider.Name, model, pictures.Image, pictures.Mask);
        PlacementPlanner.DemandPixels(request);
        CroppedPictures? crop = request.CropToMask ? MaskCropper.Crop(request, pictures, provider, capabilities, warnings, cancellationToken) : null;
        PlannedPlacement? placement = PlacementPlanner.Plan(request, pictures, capabilities, crop?.Part, warnings, cancellationToken);
        PreparedPictures sent = crop?.Sent ?? pictures;

        AddCautionOfSize(request, sent.Header, provider, capabilities, warnings);
        int count = request.Count ?? 1;
        double? megapixels = MegapixelsOf(request.Size, sent.Header, capabilities);
        InpaintCost? CostOf(double? size) => capabilities.Price?.Estimate(count, size);
        InpaintCost? cost = CostOf(megapixels);
        InpaintCost? costOfWhole = crop?.Part is null ? null : CostOf(MegapixelsOf(request.Size, pictures.Header, capabilities));
        return new RequestPlan
        {
            Request = request,
            Provider = provider,
            Capabilities = capabilities,
            Model = model,
            Image = sent.Image,
            Mask = capabilities.RepaintsBlack ? MaskInverter.Invert(sent.Mask, model, cancellationToken) : sent.Mask,
            ImageHeader = sent.Header,
            CroppedFrom = crop?.Part is null ? null : pictures.Header,
            Count = count,
            Megapixels = megapixels,
            EstimatedCost = cost?.InPlaceOf(costOfWhole),
            Warnings = warnings,
            Notes = sent.Notes,
            Fingerprint = fingerprint,
            Placement = placement,
        };
    }

    /// <summary>Looks at the mask that a plan would be made with.</summary>
    /// <param name="request">A request with picture and mask.</param>
    /// <param name="choice">Where it would go.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What is found.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the provider does not repaint.</exception>
    public static MaskReport InspectMask(InpaintRequest request, ProviderChoice choice, CancellationToken cancellationToken) =>
        MaskInspector.Inspect(request, choice.Provider, CapabilitiesFor(request, choice), cancellationToken);

    /// <summary>The model that a request means. One set for the provider is for repainting; the other operations have models of their own.</summary>
    /// <param name="request">The request.</param>
    /// <param name="provider">Its provider.</param>
    /// <returns>The model's id; null for the provider's default one.</returns>
    public static string? ModelOf(InpaintRequest request, InpaintProvider provider) =>
        request.Model ?? (request.Operation == InpaintOperation.Inpaint ? provider.Model : null);

    private static ProviderCapabilities CapabilitiesFor(InpaintRequest request, ProviderChoice choice) =>
        choice.Provider.CapabilitiesFor(request.Operation, ModelOf(request, choice.Provider)) ?? throw CannotDo(request.Operation, choice);

    private static InpaintException CannotDo(InpaintOperation operation, ProviderChoice choice)
    {
        InpaintProvider provider = choice.Provider;
        IEnumerable<string> others = choice.BuiltIn.Where(p => p.CapabilitiesFor(operation) is not null).Select(p => p.Name);
        string what = operation switch
        {
            InpaintOperation.Inpaint => "does not repaint pictures",
            InpaintOperation.Segment => "finds nothing in pictures",
            _ => "cannot make pictures from a prompt alone",
        };
        return new InpaintException(InpaintErrorId.InvalidParameter, $"{provider.Name} {what}. These can: {string.Join(", ", others)}.") { Provider = provider.Name };
    }

    /// <summary>What comes back much smaller than it was sent is what users complain of first.</summary>
    private static void AddCautionOfSize(InpaintRequest request, PictureHeader? sent, InpaintProvider provider, ProviderCapabilities capabilities, List<string> warnings)
    {
        if (request.Size is null && sent is not null && capabilities.SizeMadeOf?.Invoke(sent.Width, sent.Height) is { } made && (made.Width < 0.9 * sent.Width || made.Height < 0.9 * sent.Height))
        {
            string remedy = request.CropToMask || request.KeepUnmasked ? "what is repainted will be less sharp than the rest" : "-CropToMask keeps all that is not repainted as it is";
            warnings.Add($"{provider.Name} makes {made} of {request.Image!.Name}, which is {sent.Width}x{sent.Height}: {remedy}.");
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
            return capabilities.SizeMadeOf?.Invoke(header.Width, header.Height) is { } fitted ? (double)fitted.Width * fitted.Height / 1_000_000 : header.Megapixels;
        }

        // A default may also be a rule, such as the source's own size, which is not known here.
        return capabilities.Find("Size")?.Default is string standard && ImageSize.TryParse(standard, out ImageSize? made) ? (double)made.Width * made.Height / 1_000_000 : null;
    }
}
