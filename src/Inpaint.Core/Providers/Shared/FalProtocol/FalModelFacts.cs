namespace Inpaint.Providers.Shared.FalProtocol;

/// <summary>What is known of fal's models and does not stand in their own descriptions, each with its source. It holds wherever the model is called, at fal or through a gateway.</summary>
internal static class FalModelFacts
{
    /// <summary>
    /// FLUX works in blocks of 16 pixels and was trained at around a megapixel, as were the models of the SDXL family (arXiv 2307.01952, section 2.3). Just below a whole
    /// megapixel: some models are billed by the megapixel begun (fal.ai/docs, "FLUX.1 [pro] Fill": "rounding up to nearest megapixel"), and a little more would be paid for as two.
    /// </summary>
    private static readonly WorkingSize AroundMegapixel = new(MultipleOf: 16, MinimumEdge: 512, MaximumEdge: 1536, MaximumPixels: 1_000_000);

    /// <summary>Stable Diffusion 1.5 was trained at 512x512, in blocks of 8 pixels, and repeats things in larger pictures (huggingface.co/runwayml/stable-diffusion-v1-5, "Training").</summary>
    private static readonly WorkingSize AroundQuarter = new(MultipleOf: 8, MinimumEdge: 512, MaximumEdge: 768, MaximumPixels: 512 * 768);

    private static readonly string[] StableDiffusion15 = ["fal-ai/lcm-sd15-i2i"];

    /// <summary>The prices that the models' own pages state (fal.ai/models/…/llms.txt, "Pricing"; for flux-pro/v1/fill fal.ai/docs, "FLUX.1 [pro] Fill"), read in November 2026.</summary>
    private static readonly Dictionary<string, InpaintPrice> ListPrices = new(StringComparer.Ordinal)
    {
        ["fal-ai/flux-lora"] = new(0.035m, "megapixel"),
        ["fal-ai/flux-lora/inpainting"] = new(0.035m, "megapixel"),
        ["fal-ai/bria/genfill"] = new(0.04m, "generation"),
        ["fal-ai/flux-pro/v1/fill"] = new(0.05m, "megapixel"),
        ["fal-ai/sam-3/image"] = new(0.005m, "request"),
    };

    /// <summary>
    /// Whether a model repaints what is black in the mask. Ideogram does (developer.ideogram.ai, "Edit": the mask is black where the picture is to be edited); nothing in a model's
    /// own description tells.
    /// </summary>
    /// <param name="id">The model's id.</param>
    /// <returns>True when it does.</returns>
    public static bool RepaintsBlack(string id) => id.StartsWith("fal-ai/ideogram/", StringComparison.Ordinal);

    /// <summary>The sizes at which a model works well.</summary>
    /// <param name="id">The model's id.</param>
    /// <returns>The sizes.</returns>
    public static WorkingSize WorkingSizeOf(string id) => StableDiffusion15.Contains(id) ? AroundQuarter : AroundMegapixel;

    /// <summary>What fal's own pages say that a unit of the model's work costs.</summary>
    /// <param name="id">The model's id.</param>
    /// <returns>The price; null where no page is known to state one, or it depends on an option.</returns>
    public static InpaintPrice? ListPriceOf(string id) => ListPrices.GetValueOrDefault(id);
}
