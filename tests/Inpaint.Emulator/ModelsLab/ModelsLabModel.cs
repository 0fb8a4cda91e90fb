using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Pictures;
using Inpaint.Imaging.Masks;
using Inpaint.Providers.Shared;

namespace Inpaint.Emulator.ModelsLab;

/// <summary>
/// Paints for ModelsLab. A prompt that contains "nsfw" is flagged and its picture replaced while the checker is on; the prompt "fail" fails when its result is fetched.
/// </summary>
internal sealed class ModelsLabModel(PictureLoader loader)
{
    public const double GenerationSeconds = 2.45;

    /// <summary>The source picture and mask as the model sees them; null when one cannot be fetched or read.</summary>
    public async Task<(Picture Source, Picture Mask)?> LoadAsync(ModelsLabInput input)
    {
        Picture? source = await LoadAsync(input.InitImage);
        Picture? mask = await LoadAsync(input.MaskImage);
        return source is null || mask is null ? null : (source.Resize(input.Width, input.Height), mask.Resize(input.Width, input.Height));
    }

    /// <summary>The finished answer.</summary>
    public static JsonObject Finish(EmulatorState state, string idText, ModelsLabInput input, (Picture Source, Picture Mask)? source, IReadOnlyList<string> files, string cdnBase)
    {
        if (input.Prompt == "fail")
        {
            return new() { ["status"] = "failed", ["id"] = "", ["message"] = "Failed, Try Again", ["output"] = "" };
        }

        long seed = input.Seed ?? state.NextSeed();
        bool flagged = input.ChecksSafety && input.Prompt.Contains("nsfw", StringComparison.OrdinalIgnoreCase);
        ModelsLabOutputForm form = input.Base64 ? ModelsLabOutputForm.Base64Links : state.ModelsLab.Outputs;
        List<string> outputs = [];
        for (int index = 0; index < input.Samples; index++)
        {
            long own = unchecked(seed + index);
            Picture picture = flagged ? Picture.Black(input.Width, input.Height)
                : source is { } pair ? Painter.Inpaint(pair.Source, pair.Mask, input.Strength, own, input.Prompt)
                : Painter.Generate(input.Width, input.Height, own, input.Prompt);
            outputs.Add(Store(state, PictureFile.Encode(picture), files[index], form, cdnBase));
        }

        return Success(state.ModelsLab, idText, outputs, form, input.Meta(seed), flagged);
    }

    /// <summary>An id in the form that is set.</summary>
    public static JsonNode Id(ModelsLabSettings settings, string idText) => settings.Ids == ModelsLabIdForm.Text ? idText : long.Parse(idText, CultureInfo.InvariantCulture);

    private static JsonObject Success(ModelsLabSettings settings, string idText, List<string> outputs, ModelsLabOutputForm form, JsonObject meta, bool flagged)
    {
        JsonObject answer = new()
        {
            ["status"] = "success",
            ["generationTime"] = GenerationSeconds,
            ["id"] = Id(settings, idText),
            ["output"] = form switch
            {
                ModelsLabOutputForm.Members => Members(outputs),
                ModelsLabOutputForm.ProxyLinks or ModelsLabOutputForm.ProxyLinkMembers => new JsonArray(),
                _ => Items(outputs),
            },
            ["proxy_links"] = form == ModelsLabOutputForm.ProxyLinkMembers ? Members(outputs) : Items(outputs),
        };
        if (!settings.OmitsMeta)
        {
            answer["meta"] = meta;
        }

        answer["nsfw_content_detected"] = flagged;
        return answer;
    }

    private static JsonArray Items(List<string> outputs) => new([.. outputs.Select(item => JsonValue.Create(item))]);

    private static JsonObject Members(List<string> outputs) => new(outputs.Select((item, index) => KeyValuePair.Create($"{index}", (JsonNode?)JsonValue.Create(item))));

    private static string Store(EmulatorState state, PictureFile file, string id, ModelsLabOutputForm form, string cdnBase)
    {
        string base64 = Convert.ToBase64String(file.Bytes);
        switch (form)
        {
            case ModelsLabOutputForm.DataUris:
                return file.DataUri;
            case ModelsLabOutputForm.BareBase64:
                return base64;
            case ModelsLabOutputForm.Base64Links:
                return $"{cdnBase}/files/{state.Files.Add("0.base64", "text/plain", Encoding.ASCII.GetBytes(base64))}/0.base64";
            default:
                state.Files.Fill(id, file.Bytes);
                return $"{cdnBase}/files/{id}/{state.Files.Find(id)!.Name}";
        }
    }

    private async Task<Picture?> LoadAsync(string url) => await loader.FetchAsync(url) is { } bytes ? PictureFile.Decode(bytes) : null;
}
