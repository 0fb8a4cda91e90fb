using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Inpaint;

/// <summary>
/// Reads jobs, results and pictures from JSON with their properties, in any case, as a program or a shell has written them: enumerations by name or number, numbers as text too.
/// </summary>
public static class InpaintJson
{
    /// <summary>Reads a job.</summary>
    /// <param name="json">The JSON.</param>
    /// <returns>The job; null for null.</returns>
    /// <exception cref="JsonException">It is no job.</exception>
    public static InpaintJob? ReadJob(JsonNode? json) => json.Deserialize(PlainJson.Default.InpaintJob);

    /// <summary>Reads a result. Pictures that do not say how they were made were made by its job.</summary>
    /// <param name="json">The JSON.</param>
    /// <returns>The result; null for null.</returns>
    /// <exception cref="JsonException">It is no result.</exception>
    public static InpaintResult? ReadResult(JsonNode? json)
    {
        if (json.Deserialize(PlainJson.Default.InpaintResult) is not { } result)
        {
            return null;
        }

        ImageOrigin origin = ImageOrigin.Of(result.Job, result.Seed, result.Images.Count, result.Job.CompletedAt ?? result.Job.UpdatedAt);
        return result with { Images = [.. result.Images.Select(image => image.Origin.JobId is null ? image with { Origin = origin } : image)] };
    }

    /// <summary>Reads a picture.</summary>
    /// <param name="json">The JSON.</param>
    /// <returns>The picture; null for null.</returns>
    /// <exception cref="JsonException">It is no picture.</exception>
    public static InpaintImage? ReadImage(JsonNode? json) => json.Deserialize(PlainJson.Default.InpaintImage);

    /// <summary>Writes a picture, and how it was made.</summary>
    /// <param name="image">The picture.</param>
    /// <returns>The JSON.</returns>
    public static JsonNode Write(InpaintImage image) => JsonSerializer.SerializeToNode(image, PlainJson.Default.InpaintImage)!;
}

/// <summary>How jobs, results and pictures are read.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, UseStringEnumConverter = true, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(InpaintJob))]
[JsonSerializable(typeof(InpaintResult))]
[JsonSerializable(typeof(InpaintImage))]
internal sealed partial class PlainJson : JsonSerializerContext;
