using System.Text.Json.Nodes;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Providers.Fal;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Providers.Fal;

/// <summary>Every parameter has its place in what goes out: the body, the query or a header.</summary>
public sealed class FalRequestBodyTests : FalClientTest
{
    public static TheoryData<string, Func<InpaintRequest, InpaintRequest>, string, string> Fields => new()
    {
        { "Prompt", r => r with { Prompt = "ein Löwe \"auf\" + der Bank" }, "prompt", "\"ein Löwe \\\"auf\\\" + der Bank\"" },
        { "Strength", r => r with { Strength = 0.5 }, "strength", "0.5" },
        { "Steps", r => r with { Steps = 50 }, "num_inference_steps", "50" },
        { "GuidanceScale", r => r with { GuidanceScale = 7.5 }, "guidance_scale", "7.5" },
        { "Count", r => r with { Count = 4 }, "num_images", "4" },
        { "Seed", r => r with { Seed = long.MaxValue }, "seed", "9223372036854775807" },
        { "Size preset", r => r with { Size = ImageSize.Parse("square_hd") }, "image_size", "\"square_hd\"" },
        { "Size", r => r with { Size = ImageSize.Parse("640x480") }, "image_size", """{"width":640,"height":480}""" },
        { "OutputFormat", r => r with { OutputFormat = "PNG" }, "output_format", "\"png\"" },
        { "SafetyChecker", r => r with { SafetyChecker = false }, "enable_safety_checker", "false" },
        { "Acceleration", r => r with { Acceleration = "regular" }, "acceleration", "\"regular\"" },
        { "InlineResult", r => r with { InlineResult = true }, "sync_mode", "true" },
        { "Loras", r => r with { Loras = [new("https://x.example/a.safetensors"), new("owner/repo", 0.7)] }, "loras", """[{"path":"https://x.example/a.safetensors","scale":1},{"path":"owner/repo","scale":0.7}]""" },
        { "AdditionalBody", r => r with { AdditionalBody = new JsonObject { ["new_field"] = new JsonArray(1, "a") } }, "new_field", """[1,"a"]""" },
        { "AdditionalBody wins", r => r with { Steps = 5, AdditionalBody = new JsonObject { ["num_inference_steps"] = 6 } }, "num_inference_steps", "6" },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task A_parameter_is_sent_under_its_name(string name, Func<InpaintRequest, InpaintRequest> set, string field, string json)
    {
        RecordedRequest sent = await SendAsync(set(new InpaintRequest { Prompt = "x" }));
        JsonNode? value = sent.BodyJson![field];
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), value), $"{name}: {value?.ToJsonString()}");
    }

    [Fact]
    public async Task What_is_not_asked_for_is_not_sent()
    {
        RecordedRequest sent = await SendAsync(new InpaintRequest { Prompt = "x" });
        Assert.Equal(["image_url", "mask_url", "prompt"], sent.BodyJson!.Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal("application/json", sent.Headers["Content-Type"]);
        Assert.Equal("application/json", sent.Headers["Accept"]);
        Assert.Equal("Key " + Key, sent.Headers["Authorization"]);
        Assert.StartsWith("Inpaint/", sent.Headers["User-Agent"], StringComparison.Ordinal);
        Assert.Equal("", sent.Query);
        Assert.DoesNotContain(sent.Headers.Keys, name => name.StartsWith("X-Fal", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_size_from_text_to_image_goes_without_pictures()
    {
        RecordedRequest sent = await SendAsync(new InpaintRequest { Operation = InpaintOperation.TextToImage, Prompt = "x", Strength = 0.5 });
        Assert.Equal(["prompt"], sent.BodyJson!.Select(member => member.Key));
        Assert.Equal("/queue/fal-ai/flux-lora", sent.Path);
    }

    [Fact]
    public async Task Queue_options_go_beside_the_body()
    {
        RecordedRequest sent = await SendAsync(new InpaintRequest
        {
            Prompt = "x",
            Priority = "Low",
            StartTimeout = TimeSpan.FromSeconds(90),
            WebhookUri = new Uri("https://hook.example/x?a=1&b=ü"),
        });
        Assert.Equal("low", sent.Headers["X-Fal-Queue-Priority"]);
        Assert.Equal("90", sent.Headers["X-Fal-Request-Timeout"]);
        Assert.Equal("?fal_webhook=https%3A%2F%2Fhook.example%2Fx%3Fa%3D1%26b%3D%25C3%25BC", sent.Query);
    }

    [Fact]
    public async Task Fals_own_options_go_beside_the_body()
    {
        RecordedRequest sent = await SendAsync(new InpaintRequest
        {
            Prompt = "x",
            WebhookUri = new Uri("https://hook.example"),
            Options = new Dictionary<string, object> { ["runnerhint"] = "lora-7", ["NoServerRetry"] = "yes", ["NoFallback"] = true, ["OutputLifetimeSec"] = 3600, ["MaximumQueueLength"] = "20" },
        });
        Assert.Equal("lora-7", sent.Headers["X-Fal-Runner-Hint"]);
        Assert.Equal("1", sent.Headers["X-Fal-No-Retry"]);
        Assert.Equal("true", sent.Headers["x-app-fal-disable-fallback"]);
        Assert.Equal("""{"expiration_duration_seconds":3600}""", sent.Headers["X-Fal-Object-Lifecycle-Preference"]);
        Assert.Equal("?fal_webhook=https%3A%2F%2Fhook.example%2F&fal_max_queue_length=20", sent.Query);
        Assert.Equal(["image_url", "mask_url", "prompt"], sent.BodyJson!.Select(member => member.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_option_that_no_header_can_carry_is_refused()
    {
        InpaintRequest request = new() { Prompt = "x", Options = new Dictionary<string, object> { ["RunnerHint"] = "a\r\nX-Evil: 1" } };
        await FailsAsync(InpaintErrorId.InvalidParameter, () => SubmitAsync(Plan(request)));
        Assert.Empty(State.Requests.All);
    }

    [Fact]
    public async Task A_webhook_does_not_go_with_a_direct_run()
    {
        InpaintException e = await FailsAsync(InpaintErrorId.InvalidParameter, () => SubmitAsync(Plan(new InpaintRequest { Prompt = "x", Synchronous = true, WebhookUri = new Uri("https://hook.example") })));
        Assert.Contains("Synchronous", e.Message, StringComparison.Ordinal);
        Assert.Empty(State.Requests.All);
    }

    [Theory]
    [InlineData("flux-lora")]
    [InlineData("fal-ai/../../x")]
    [InlineData("fal-ai//x")]
    [InlineData("fal-ai/x\n")]
    [InlineData("fal-ai/x?y=1")]
    [InlineData("https://evil.example/x")]
    [InlineData("")]
    public async Task A_model_that_is_no_id_is_refused(string model)
    {
        await FailsAsync(InpaintErrorId.InvalidParameter, () => SubmitAsync(Plan(model: model)));
        Assert.Empty(State.Requests.All);
    }

    [Fact]
    public async Task An_unknown_model_is_fals_to_refuse()
    {
        InpaintException e = await FailsAsync(InpaintErrorId.InvalidParameter, () => SubmitAsync(Plan(model: "fal-ai/flux-lora/unknown")));
        Assert.Contains("Path /unknown not found", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fal-ai/flux-lora/inpainting", "fal-ai/flux-lora")]
    [InlineData("fal-ai/flux-lora", "fal-ai/flux-lora")]
    [InlineData("workflows/me/mine", "workflows/me/mine")]
    [InlineData("workflows/me/mine/step", "workflows/me/mine")]
    [InlineData("comfy/me/graph", "comfy/me/graph")]
    [InlineData("me/workflows/x", "me/workflows")]
    public void Requests_are_found_under_the_app(string model, string app)
    {
        FalEndpoints endpoints = new(new InpaintProvider("Mine", "Fal") { BaseUri = new Uri("https://proxy.example/fal/") });
        InpaintJob job = new() { Id = "a/b ?", Model = model };
        Assert.Equal($"https://proxy.example/fal/{app}/requests/a%2Fb%20%3F/status?logs=1", endpoints.Status(job, includeLog: true).AbsoluteUri);
        Assert.Equal($"https://proxy.example/fal/{app}/requests/a%2Fb%20%3F/status/stream?logs=1", endpoints.StatusStream(job).AbsoluteUri);
        Assert.Equal($"https://proxy.example/fal/{app}/requests/a%2Fb%20%3F", endpoints.Result(job).AbsoluteUri);
        Assert.Equal($"https://proxy.example/fal/{app}/requests/a%2Fb%20%3F/cancel", endpoints.Cancel(job).AbsoluteUri);
        Assert.Equal($"https://proxy.example/fal/{model}", endpoints.Submit(model).AbsoluteUri);
    }

    [Theory]
    [InlineData("https://queue.fal.run/a/b/requests/1/response", "https://queue.fal.run/a/b/requests/1/response")]
    [InlineData("https://evilfal.run/a/b/requests/1", "https://queue.fal.run/fal-ai/flux-lora/requests/1")]
    [InlineData("http://queue.fal.run/a/b/requests/1", "https://queue.fal.run/fal-ai/flux-lora/requests/1")]
    [InlineData("https://fal.run/a/b/requests/1", "https://queue.fal.run/fal-ai/flux-lora/requests/1")]
    [InlineData("", "https://queue.fal.run/fal-ai/flux-lora/requests/1")]
    public void A_returned_URL_is_followed_only_at_home(string returned, string expected)
    {
        FalEndpoints endpoints = new(new InpaintProvider("Fal", "Fal") { BaseUri = new Uri("https://queue.fal.run"), Endpoints = new Dictionary<string, Uri> { ["Sync"] = new("https://fal.run") } });
        InpaintJob job = new() { Id = "1", Model = "fal-ai/flux-lora/inpainting", ProviderData = new Dictionary<string, string> { ["response_url"] = returned } };
        Assert.Equal(expected, endpoints.Result(job).AbsoluteUri);
    }

    private async Task<RecordedRequest> SendAsync(InpaintRequest request)
    {
        await SubmitAsync(Plan(request));
        return Assert.Single(State.Requests.Of(WireOperation.Submit));
    }
}
