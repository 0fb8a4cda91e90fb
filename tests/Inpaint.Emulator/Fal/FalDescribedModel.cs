using System.Globalization;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Wire;
using Description = Inpaint.Providers.Shared.FalProtocol.FalModel;

namespace Inpaint.Emulator.Fal;

/// <summary>Any model, emulated by its description: it checks its input and paints what the mask marks, or a whole picture where it is given none.</summary>
internal sealed class FalDescribedModel(FalModel pictures)
{
    // What the outputs of fal's models have in place of the usual images, seed and has_nsfw_concepts (types of fal's JavaScript client 1.10.1).
    private static readonly string[] SingleImage = ["fal-ai/bria/eraser", "fal-ai/finegrain-eraser/mask", "fal-ai/inpaint"];
    private static readonly string[] UsedSeed = ["fal-ai/finegrain-eraser/mask"];
    private static readonly string[] NsfwContentDetected = ["fal-ai/lcm", "fal-ai/lcm-sd15-i2i"];

    public async Task<Answer> RunAsync(EmulatorState state, FalOffer offer, JsonObject json, string cdnBase)
    {
        Description model = offer.Description;
        FalDescribedInput input = new(model, json);
        if (input.Errors.Count > 0)
        {
            return FalErrors.Model(422, retryable: false, [.. input.Errors]);
        }

        long seed = input.Seed ?? state.NextSeed();
        (Answer? refusal, Func<long, Picture>? paint) = await PrepareAsync(model, input);
        if (refusal is not null)
        {
            return refusal;
        }

        Picture[] made = [.. Enumerable.Range(0, input.Count).Select(index => paint!(unchecked(seed + index)))];
        JsonObject[] images = [.. made.Select(picture => FalModel.Store(state, picture, "png", input.IsInline, cdnBase))];
        JsonObject output = SingleImage.Contains(model.Id) ? new() { ["image"] = images[0] } : new() { ["images"] = new JsonArray([.. images]) };
        if (model.Fields.Any(field => field.Name == "seed"))
        {
            output[UsedSeed.Contains(model.Id) ? "used_seed" : "seed"] = seed;
        }

        output[NsfwContentDetected.Contains(model.Id) ? "nsfw_content_detected" : "has_nsfw_concepts"] = new JsonArray([.. images.Select(_ => JsonValue.Create(false))]);
        Answer answer = Answer.Json(200, output);
        double units = offer.Unit.StartsWith("megapixel", StringComparison.Ordinal) ? made.Sum(picture => picture.Width * picture.Height / 1e6) : offer.Unit.StartsWith("image", StringComparison.Ordinal) ? input.Count : 1;
        return offer.UnitPrice is null ? answer : answer.With("x-fal-billable-units", units.ToString("0.######", CultureInfo.InvariantCulture));
    }

    private async Task<(Answer? Refusal, Func<long, Picture>? Paint)> PrepareAsync(Description model, FalDescribedInput input)
    {
        if (input.ImageUrl.Length == 0)
        {
            return (null, seed => Painter.Generate(64, 48, seed, input.Prompt));
        }

        (Answer? refusal, Picture? source) = await pictures.LoadAsync(input.ImageUrl, "image_url");
        Picture? mask = null;
        if (refusal is null)
        {
            (refusal, mask) = await pictures.LoadAsync(input.MaskUrl, input.MaskField);
        }

        if (refusal is not null)
        {
            return (refusal, null);
        }

        // Ideogram repaints what is black.
        Picture marked = model.Id.StartsWith("fal-ai/ideogram/", StringComparison.Ordinal)
            ? new Picture(mask!.Width, mask.Height, [.. mask.Rgb.Select(sample => (byte)(255 - sample))])
            : mask!;
        return (null, seed => Painter.Inpaint(source!, marked, 1, seed, input.Prompt));
    }
}
