using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Wire;
using Inpaint.Providers.Shared;

namespace Inpaint.Emulator.Fal;

/// <summary>
/// flux-lora, emulated. Two kinds of prompt steer it: one that contains "nsfw" is flagged and painted black (unless the checker is off), and
/// <c>fail [status] [type]</c> fails in fal's own format, as 500 internal_server_error when nothing else is said.
/// </summary>
internal sealed partial class FalModel(PictureLoader loader)
{
    /// <summary>The time that every job claims to have taken, in seconds.</summary>
    public const double InferenceSeconds = 1.5;

    private static readonly HashSet<string> InfrastructureTypes = new(StringComparer.Ordinal)
    {
        "request_timeout", "startup_timeout", "runner_scheduling_failure", "runner_connection_timeout", "runner_disconnected", "runner_connection_refused",
        "runner_connection_error", "runner_incomplete_response", "runner_server_error", "internal_error", "client_disconnected", "client_cancelled", "bad_request",
    };

    public async Task<Answer> RunAsync(EmulatorState state, string endpoint, JsonObject json, string cdnBase)
    {
        if (endpoint is not (FalEndpoint.Inpainting or FalEndpoint.TextToImage) && state.FalOffers.TryGetValue(endpoint, out FalOffer? offer))
        {
            if (FalSegmenter.Is(endpoint))
            {
                return await new FalSegmenter(this).RunAsync(state, offer, json, cdnBase);
            }

            return await new FalDescribedModel(this).RunAsync(state, offer, json, cdnBase);
        }

        FalInput input = new(json, inpainting: endpoint == FalEndpoint.Inpainting);
        if (input.Errors.Count > 0)
        {
            return FalErrors.Model(422, retryable: false, [.. input.Errors]);
        }

        if (Failure(input.Prompt) is { } failure)
        {
            return failure;
        }

        long seed = input.Seed ?? state.NextSeed();
        (Answer? refusal, Func<long, Picture>? paint) = endpoint == FalEndpoint.Inpainting
            ? await PrepareInpaintingAsync(input, state.SizeMultiple)
            : (null, PrepareGeneration(input));
        if (refusal is not null)
        {
            return refusal;
        }

        bool flagged = IsFlagged(input);
        JsonArray images = [];
        JsonArray flags = [];
        double megapixels = 0;
        for (int index = 0; index < input.Count; index++)
        {
            Picture picture = paint!(unchecked(seed + index));
            megapixels += picture.Width * picture.Height / 1e6;
            picture = flagged ? Picture.Black(picture.Width, picture.Height) : picture;
            images.Add(Store(state, picture, input.Format, input.SyncMode, cdnBase));
            flags.Add(flagged);
        }

        JsonObject output = Output(images, seed, flags, input.Prompt);
        return Answer.Json(200, output)
            .With("x-fal-billable-units", megapixels.ToString("0.######", CultureInfo.InvariantCulture))
            .With("X-Fal-Served-From", "emulator");
    }

    /// <summary>The failure that a prompt asks for.</summary>
    public static Answer? FailureOf(FalInput input) => Failure(input.Prompt);

    /// <summary>The events of the streaming endpoint: pictures that lose their noise step by step, the last one final. Always one picture, inline.</summary>
    public static IEnumerable<JsonObject> Stream(EmulatorState state, FalInput input)
    {
        const int previews = 3;
        long seed = input.Seed ?? state.NextSeed();
        bool flagged = IsFlagged(input);
        Picture final = PrepareGeneration(input)(seed);
        Picture noise = Painter.Generate(final.Width, final.Height, ~seed, "noise");
        for (int step = 1; step <= previews + 1; step++)
        {
            double share = (double)step / (previews + 1);
            byte[] mixed = [.. final.Rgb.Zip(noise.Rgb, (clear, rough) => (byte)Math.Round(clear * share + rough * (1 - share)))];
            Picture shown = flagged && step > previews ? Picture.Black(final.Width, final.Height) : new(final.Width, final.Height, mixed);
            PictureFile file = PictureFile.Encode(shown, input.Format);
            JsonObject image = new() { ["url"] = file.DataUri, ["width"] = final.Width, ["height"] = final.Height, ["content_type"] = file.ContentType };
            yield return Output([image], seed, [flagged && step > previews], input.Prompt);
        }
    }

    private static bool IsFlagged(FalInput input) => input.ChecksSafety && input.Prompt.Contains("nsfw", StringComparison.OrdinalIgnoreCase);

    private static JsonObject Output(JsonArray images, long seed, JsonArray flags, string prompt) => new()
    {
        ["images"] = images,
        ["timings"] = new JsonObject { ["inference"] = InferenceSeconds },
        ["seed"] = seed,
        ["has_nsfw_concepts"] = flags,
        ["prompt"] = prompt,
    };

    /// <summary>Puts a picture where the answer says that it is.</summary>
    public static JsonObject Store(EmulatorState state, Picture picture, string format, bool isInline, string cdnBase)
    {
        PictureFile file = PictureFile.Encode(picture, format);
        string name = $"{Guid.NewGuid():N}.{file.Extension}";
        return new()
        {
            ["url"] = isInline ? file.DataUri : $"{cdnBase}/files/{state.Files.Add(name, file.ContentType, file.Bytes)}/{name}",
            ["width"] = picture.Width,
            ["height"] = picture.Height,
            ["content_type"] = file.ContentType,
            ["file_name"] = name,
            ["file_size"] = file.Bytes.Length,
        };
    }

    private static Func<long, Picture> PrepareGeneration(FalInput input)
    {
        (int width, int height) = input.Size!.Value;
        return seed => Painter.Generate(width, height, seed, input.Prompt);
    }

    private async Task<(Answer? Refusal, Func<long, Picture>? Paint)> PrepareInpaintingAsync(FalInput input, int multiple)
    {
        (Answer? refusal, Picture? source) = await LoadAsync(input.ImageUrl, "image_url");
        Picture? mask = null;
        if (refusal is null)
        {
            (refusal, mask) = await LoadAsync(input.MaskUrl, "mask_url");
        }

        if (refusal is not null)
        {
            return (refusal, null);
        }

        if ((mask!.Width, mask.Height) != (source!.Width, source.Height))
        {
            string message = $"The mask ({mask.Width}x{mask.Height}) does not have the size of the image ({source.Width}x{source.Height})";
            return (FalErrors.Model(422, retryable: false, FalErrors.Entry("mask_url", message, "value_error", input.MaskUrl)), null);
        }

        (int width, int height) = input.Size ?? (Math.Max(source.Width / multiple, 1) * multiple, Math.Max(source.Height / multiple, 1) * multiple);
        source = source.Resize(width, height);
        mask = mask.Resize(width, height);
        return (null, seed => Painter.Inpaint(source, mask, input.Strength, seed, input.Prompt));
    }

    /// <summary>Fetches a picture as the models do.</summary>
    public async Task<(Answer? Refusal, Picture? Picture)> LoadAsync(string url, string field)
    {
        if (await loader.FetchAsync(url) is not { } bytes)
        {
            const string message = "Failed to download the file. Please check if the URL is accessible and try again.";
            return (FalErrors.Model(422, retryable: false, FalErrors.Entry(field, message, "file_download_error", url)), null);
        }

        if (PictureFile.Decode(bytes) is not { } picture)
        {
            const string message = "Failed to load the image. Please ensure the image file is not corrupted and is in a supported format.";
            return (FalErrors.Model(422, retryable: false, FalErrors.Entry(field, message, "image_load_error", url)), null);
        }

        return (null, picture);
    }

    private static Answer? Failure(string prompt)
    {
        Match match = FailurePrompt().Match(prompt);
        if (!match.Success)
        {
            return null;
        }

        int status = match.Groups["status"].Success ? int.Parse(match.Groups["status"].ValueSpan, CultureInfo.InvariantCulture) : 500;
        string type = match.Groups["type"].Success ? match.Groups["type"].Value : status switch
        {
            422 => "content_policy_violation",
            504 => "generation_timeout",
            503 => "runner_disconnected",
            502 => "runner_incomplete_response",
            400 => "downstream_service_error",
            _ => "internal_server_error",
        };
        string message = $"The prompt asked for this failure: {status} {type}";
        return InfrastructureTypes.Contains(type)
            ? FalErrors.Infrastructure(status, message, type)
            : FalErrors.Model(status, retryable: status >= 500, FalErrors.Entry(type == "content_policy_violation" ? "prompt" : "", message, type));
    }

    [GeneratedRegex("^fail( (?<status>[1-9][0-9]{2}))?( (?<type>[a-z_]+))?$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FailurePrompt();
}
