using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Providers.ModelsLab;
using Inpaint.Providers.Shared;
using Inpaint.Tests.Fixtures;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Providers.ModelsLab;

public sealed class ModelsLabRequestBodyTests
{
    private static readonly ImageSize Square = ImageSize.FromPixels(512, 512);

    [Fact]
    public async Task The_documented_example_is_what_is_sent_for_the_same_request()
    {
        JsonObject example = Fixture.Json("ModelsLab/inpaint-request");
        InpaintRequest request = new()
        {
            Prompt = example["prompt"]!.GetValue<string>(),
            Steps = 21,
            Count = 1,
            SafetyChecker = false,
            GuidanceScale = 7.5,
            Strength = 0.7,
            Scheduler = "UniPCMultistepScheduler",
            Options = new Dictionary<string, object>(StringComparer.Ordinal) { ["UseKarrasSigmas"] = true },
        };
        JsonObject body = ModelsLabRequestBody.Build(
            request, example["model_id"]!.GetValue<string>(), Square, example["init_image"]!.GetValue<string>(), example["mask_image"]!.GetValue<string>());
        using HttpContent content = new JsonBody(body).ToContent(("key", "your_api_key"));
        JsonObject sent = JsonNode.Parse(await content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken))!.AsObject();

        // The example's "steps" is not in the schema, whose num_inference_steps all of ModelsLab's own clients send.
        Assert.Equal("21", example["steps"]!.GetValue<string>());
        Assert.Equal(21, sent["num_inference_steps"]!.GetValue<int>());
        foreach ((string name, JsonNode? value) in example.Where(m => m.Key != "steps"))
        {
            // What is null there is left out here; numbers in quotes there are numbers here.
            Assert.Equal(value?.ToString(), sent[name]?.ToString());
        }

        Assert.Equal(
            ["enhance_prompt", "num_inference_steps"],
            sent.Select(m => m.Key).Except(example.Select(m => m.Key), StringComparer.Ordinal).Order(StringComparer.Ordinal));
        Assert.Equal("no", sent["enhance_prompt"]!.GetValue<string>());
        Assert.All(["width", "height", "samples"], name => Assert.Equal(JsonValueKind.Number, sent[name]!.GetValueKind()));
    }

    public static TheoryData<string, string, string> Parameters => new()
    {
        { "NegativePrompt", "negative_prompt", "\"rain\"" },
        { "Strength", "strength", "0.4" },
        { "Steps", "num_inference_steps", "12" },
        { "GuidanceScale", "guidance_scale", "3.5" },
        { "Count", "samples", "3" },
        { "Seed", "seed", "3163825381" },
        { "SafetyChecker", "safety_checker", "\"no\"" },
        { "Scheduler", "scheduler", "\"DDIMScheduler\"" },
        { "WebhookUri", "webhook", "\"https://hooks.example/done?a=1\"" },
        { "OneLora", "lora_model", "\"contrast-fix\"" },
        { "OneLora", "lora_strength", "0.5" },
        { "TwoLoras", "lora_model", "\"contrast-fix,yae-miko-genshin\"" },
        { "TwoLoras", "lora_strength", "\"0.5,1\"" },
        { "AdditionalBody", "steps", "\"21\"" },
    };

    [Theory]
    [MemberData(nameof(Parameters))]
    public void Every_parameter_has_its_field(string parameter, string field, string json)
    {
        InpaintRequest request = new() { Prompt = "a bench" };
        request = parameter switch
        {
            "NegativePrompt" => request with { NegativePrompt = "rain" },
            "Strength" => request with { Strength = 0.4 },
            "Steps" => request with { Steps = 12 },
            "GuidanceScale" => request with { GuidanceScale = 3.5 },
            "Count" => request with { Count = 3 },
            "Seed" => request with { Seed = 3163825381 },
            "SafetyChecker" => request with { SafetyChecker = false },
            "Scheduler" => request with { Scheduler = "DDIMScheduler" },
            "WebhookUri" => request with { WebhookUri = new Uri("https://hooks.example/done?a=1") },
            "OneLora" => request with { Loras = [new("contrast-fix", 0.5)] },
            "TwoLoras" => request with { Loras = [new("contrast-fix", 0.5), new("yae-miko-genshin")] },
            _ => request with { AdditionalBody = new JsonObject { ["steps"] = "21" } },
        };
        Assert.Equal(json, Build(request)[field]!.ToJsonString());
        if (parameter != "Count")
        {
            Assert.False(Build(new InpaintRequest { Prompt = "a bench" }).ContainsKey(field));
        }
    }

    public static TheoryData<string, object, string, string> Options => new()
    {
        { "EnhancePrompt", true, "enhance_prompt", "\"yes\"" },
        { "SafetyCheckerType", "Blur", "safety_checker_type", "\"blur\"" },
        { "UseKarrasSigmas", false, "use_karras_sigmas", "\"no\"" },
        { "AlgorithmType", "dpmsolver+++", "algorithm_type", "\"dpmsolver+++\"" },
        { "Vae", "my-vae", "vae", "\"my-vae\"" },
        { "ClipSkip", "3", "clip_skip", "3" },
        { "Base64", true, "base64", "true" },
        { "Temp", "yes", "temp", "true" },
        { "TrackId", 42, "track_id", "\"42\"" },
        { "IpAdapterId", "ip-adapter_sdxl", "ip_adapter_id", "\"ip-adapter_sdxl\"" },
        { "IpAdapterScale", 0.6, "ip_adapter_scale", "0.6" },
        { "IpAdapterImage", "https://pictures.example/face.png", "ip_adapter_image", "\"https://pictures.example/face.png\"" },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Every_option_has_its_field(string option, object value, string field, string json) =>
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse(json),
            Build(new InpaintRequest { Prompt = "a bench", Options = new Dictionary<string, object>(StringComparer.Ordinal) { [option] = value } })[field]));

    [Fact]
    public void Every_option_of_the_capabilities_is_tested_here() =>
        Assert.Equal(ModelsLabOptions.All.Select(o => o.Capability.Name).Order(StringComparer.Ordinal), Options.Select(row => row.Data.Item1).Order(StringComparer.Ordinal));

    [Fact]
    public void A_key_does_not_slip_in_by_the_additional_body()
    {
        InpaintRequest request = new() { Prompt = "a bench", AdditionalBody = new JsonObject { ["Key"] = "other" } };
        Assert.Equal(InpaintErrorId.InvalidParameter, Assert.Throws<InpaintException>(() => ModelsLabRequestBody.EnsureNoKey(request)).ErrorId);
    }

    [Theory]
    [InlineData(512, 384, 512, 384)]
    [InlineData(1024, 1024, 1024, 1024)]
    [InlineData(6000, 4000, 1024, 680)]
    [InlineData(4000, 6000, 680, 1024)]
    [InlineData(513, 387, 512, 384)]
    [InlineData(100, 80, 320, 256)]
    [InlineData(32, 32, 256, 256)]
    [InlineData(8000, 1000, 1024, 256)]
    [InlineData(1000, 100, 1024, 256)]
    [InlineData(1030, 1030, 1024, 1024)]
    public void The_size_keeps_the_pictures_shape_within_what_the_service_makes(int width, int height, int expectedWidth, int expectedHeight)
    {
        ImageSize size = ModelsLabSize.Fit(width, height);
        Assert.Equal((expectedWidth, expectedHeight), (size.Width, size.Height));
    }

    private static JsonObject Build(InpaintRequest request) => ModelsLabRequestBody.Build(request, "lazymixv4-inpaint", Square, "https://a.example/i.png", "https://a.example/m.png");
}
