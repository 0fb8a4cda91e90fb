using System.Text.Json.Nodes;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator.Fal;

/// <summary>
/// Models that find things, emulated. What the words name lies in the middle of the picture, a second thing (a prompt with "two") in its upper left corner, and nothing is where
/// the prompt says "nothing". A point finds a square around it, a box what is in it. Masks come in a size of the model's own, as a cut-out unless a mask is asked for.
/// </summary>
internal sealed class FalSegmenter(FalModel pictures)
{
    private const int OwnSize = 96;
    private const int PointReach = 8;

    public static bool Is(string endpoint) => endpoint is "fal-ai/sam-3/image" or "fal-ai/evf-sam";

    public async Task<Answer> RunAsync(EmulatorState state, FalOffer offer, JsonObject json, string cdnBase)
    {
        FalDescribedInput input = new(offer.Description, json);
        if (input.Errors.Count > 0)
        {
            return FalErrors.Model(422, retryable: false, [.. input.Errors]);
        }

        (Answer? refusal, Picture? source) = await pictures.LoadAsync(input.ImageUrl, "image_url");
        if (refusal is not null)
        {
            return refusal;
        }

        bool isSam = offer.Id == "fal-ai/sam-3/image";
        bool cutsOut = isSam ? json["apply_mask"]?.GetValue<bool>() != false : json["mask_only"]?.GetValue<bool>() == false;
        int most = !isSam || json["return_multiple_masks"]?.GetValue<bool>() == true ? json["max_masks"]?.GetValue<int>() ?? 3 : 1;
        JsonObject[] masks = [.. Found(json, input.Prompt, source!).Take(most).Select(found => FalModel.Store(state, Draw(source!, found, cutsOut, isSam ? OwnSize : source!.Width, isSam ? OwnSize : source!.Height), "png", input.IsInline, cdnBase))];
        JsonObject output = isSam
            ? new() { ["image"] = null, ["masks"] = new JsonArray([.. masks]), ["scores"] = null, ["boxes"] = null }
            : new() { ["image"] = masks.FirstOrDefault() };
        return Answer.Json(200, output).With("x-fal-billable-units", "1");
    }

    private static IEnumerable<(double Left, double Top, double Right, double Bottom)> Found(JsonObject json, string prompt, Picture source)
    {
        foreach (JsonObject box in (json["box_prompts"] as JsonArray ?? []).OfType<JsonObject>())
        {
            yield return (Part(box, "x_min", source.Width), Part(box, "y_min", source.Height), Part(box, "x_max", source.Width), Part(box, "y_max", source.Height));
        }

        foreach (JsonObject point in (json["point_prompts"] as JsonArray ?? []).OfType<JsonObject>())
        {
            double x = point["x"]!.GetValue<int>();
            double y = point["y"]!.GetValue<int>();
            yield return ((x - PointReach) / source.Width, (y - PointReach) / source.Height, (x + PointReach) / source.Width, (y + PointReach) / source.Height);
        }

        if (prompt.Length > 0 && !prompt.Contains("nothing", StringComparison.Ordinal))
        {
            yield return (0.375, 0.375, 0.625, 0.625);
            if (prompt.Contains("two", StringComparison.Ordinal))
            {
                yield return (0, 0, 0.25, 0.25);
            }
        }
    }

    private static double Part(JsonObject box, string name, int whole) => box[name]!.GetValue<int>() / (double)whole;

    private static Picture Draw(Picture source, (double Left, double Top, double Right, double Bottom) found, bool cutsOut, int width, int height)
    {
        Picture sized = source.Resize(width, height);
        byte[] rgb = new byte[width * height * 3];
        for (int at = 0; at < rgb.Length; at++)
        {
            double x = ((at / 3 % width) + 0.5) / width;
            double y = ((at / 3 / width) + 0.5) / height;
            bool isFound = x >= found.Left && x < found.Right && y >= found.Top && y < found.Bottom;
            rgb[at] = !isFound ? (byte)0 : cutsOut ? sized.Rgb[at] : (byte)255;
        }

        return new Picture(width, height, rgb);
    }
}
