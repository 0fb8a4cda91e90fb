using System.Globalization;
using System.Text.Json;
using Inpaint.Http;

namespace Inpaint.Providers.Shared.FalProtocol;

/// <summary>Reads a model's output, by the schema of flux-lora (fal.ai/models/fal-ai/flux-lora/inpainting/api, "Output") and the variations of other models.</summary>
internal static class FalOutputReader
{
    /// <summary>The header with the number of units that fal charges.</summary>
    public const string BillableUnits = "x-fal-billable-units";

    /// <summary>Reads an output.</summary>
    /// <param name="output">The document.</param>
    /// <param name="billableUnits">The value of the <see cref="BillableUnits"/> header.</param>
    /// <returns>The output; null when the document holds no picture.</returns>
    /// <exception cref="FormatException">A picture inside the response is invalid.</exception>
    public static ProviderOutput? Read(JsonElement output, string? billableUnits)
    {
        List<OutputPicture> pictures = [];

        // Models for segmentation return masks, and a picture in which they are drawn.
        if ((output.Member("images") ?? output.Member("masks")) is { ValueKind: JsonValueKind.Array } images)
        {
            int index = 0;
            foreach (JsonElement item in images.EnumerateArray())
            {
                Add(item, index++);
            }
        }
        else if (output.Member("image") is { ValueKind: JsonValueKind.Object } image)
        {
            Add(image, index: 0);
        }

        void Add(JsonElement found, int index)
        {
            OutputPicture picture = Picture(found, FlagsReader.IsFlagged(output, index));
            if (picture.Url is not null || picture.Content is not null)
            {
                pictures.Add(picture);
            }
        }

        return pictures.Count == 0 ? null : new ProviderOutput
        {
            Pictures = pictures,
            Seed = output.Integer("seed") ?? output.Integer("used_seed"),
            Timings = Timings(output),
            Prompt = output.Text("prompt"),
            BillableUnits = Units(billableUnits),
        };
    }

    /// <summary>Whether a document is an output, possibly without pictures.</summary>
    /// <returns>True when it has a field for pictures.</returns>
    public static bool IsOutput(JsonElement output) =>
        output.ValueKind == JsonValueKind.Object && (output.TryGetProperty("images", out _) || output.TryGetProperty("masks", out _) || output.TryGetProperty("image", out _));

    private static OutputPicture Picture(JsonElement image, bool isFlagged)
    {
        OutputPicture picture = new()
        {
            ContentType = image.Text("content_type"),
            Width = Size(image.Integer("width")),
            Height = Size(image.Integer("height")),
            FileSize = image.Integer("file_size"),
            IsFlagged = isFlagged,
        };
        return image.Member("url") is { } url && DataUri.Read(url) is (var content, var type)
            ? picture with { Content = content, ContentType = picture.ContentType ?? type, FileSize = content.Length }
            : picture with { Url = image.Text("url") };
    }

    private static int? Size(long? pixels) => pixels is > 0 and <= int.MaxValue ? (int)pixels : null;

    private static Dictionary<string, double> Timings(JsonElement output)
    {
        Dictionary<string, double> timings = new(StringComparer.Ordinal);
        if (output.Member("timings") is { ValueKind: JsonValueKind.Object } members)
        {
            foreach (JsonProperty member in members.EnumerateObject())
            {
                if (JsonReading.Number(member.Value) is { } seconds && JsonReading.NameOf(member) is { } name)
                {
                    timings[name] = seconds;
                }
            }
        }

        return timings;
    }

    private static decimal? Units(string? billableUnits) =>
        decimal.TryParse(billableUnits, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out decimal units)
        && units <= 1_000_000
            ? units
            : null;
}
