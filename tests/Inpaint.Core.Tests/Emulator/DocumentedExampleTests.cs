using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Xunit;

namespace Inpaint.Tests.Emulator;

/// <summary>The request examples of the services' own API documents are understood as they stand there.</summary>
public sealed class DocumentedExampleTests : EmulatorTest
{
    private const string Dog = "https://storage.googleapis.com/falserverless/example_inputs/dog.png";
    private const string DogMask = "https://storage.googleapis.com/falserverless/example_inputs/dog_mask.png";
    private const string Overture = "https://raw.githubusercontent.com/CompVis/stable-diffusion/main/data/inpainting_examples/overture-creations-5sI6fQgYIuo";

    /// <summary>fal's full example, which the gateways show too.</summary>
    private static readonly JsonObject Inpainting = new()
    {
        ["prompt"] = "A photo of a lion sitting on a stone bench",
        ["num_inference_steps"] = 28,
        ["guidance_scale"] = 3.5,
        ["num_images"] = 1,
        ["enable_safety_checker"] = true,
        ["output_format"] = "jpeg",
        ["acceleration"] = "none",
        ["image_url"] = Dog,
        ["strength"] = 0.85,
        ["mask_url"] = DogMask,
    };

    [Theory]
    [InlineData("queue/fal-ai/flux-lora/inpainting", "queue/fal-ai/flux-lora", "Key", "test-id:test-secret")]
    [InlineData("gateway/fal-ai/flux-lora/inpainting", "gateway/fal-ai/auto", "Bearer", "test-token")]
    public async Task Inpainting_as_shown_by_Fal_and_its_gateways(string submit, string app, string scheme, string key)
    {
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(scheme, key);
        JsonObject submitted = (await PostAsync(submit, Inpainting)).Json;
        State.Jobs.Last.Complete();

        JsonObject result = (await GetAsync($"{app}/requests/{submitted["request_id"]}")).Json;

        JsonNode image = Assert.Single(result["images"]!.AsArray())!;
        Assert.Equal((512, 512, "image/jpeg"), (image["width"]!.GetValue<int>(), image["height"]!.GetValue<int>(), image["content_type"]!.GetValue<string>()));
        Assert.Equal("A photo of a lion sitting on a stone bench", result["prompt"]!.GetValue<string>());
    }

    [Fact]
    public async Task Text_to_image_as_shown_by_the_gateways()
    {
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "test-token");
        JsonObject example = new()
        {
            ["prompt"] = "Extreme close-up of a single tiger eye, direct frontal view.",
            ["image_size"] = "landscape_4_3",
            ["num_inference_steps"] = 28,
            ["guidance_scale"] = 3.5,
            ["num_images"] = 1,
            ["enable_safety_checker"] = true,
            ["output_format"] = "jpeg",
        };

        JsonObject submitted = (await PostAsync("gateway/fal-ai/flux-lora", example)).Json;
        State.Jobs.Last.Complete();
        JsonObject result = (await GetAsync($"gateway/fal-ai/auto/requests/{submitted["request_id"]}")).Json;

        Assert.Equal((1024, 768), (result["images"]![0]!["width"]!.GetValue<int>(), result["images"]![0]!["height"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Inpainting_as_shown_by_ModelsLab()
    {
        State.Jobs.DefaultScript = JobScript.Immediate;
        const string example = $$"""
            {"key":"test-key","model_id":"lazymixv4-inpaint","prompt":"a cat sitting on a bench","negative_prompt":null,"init_image":"{{Overture}}.png","mask_image":"{{Overture}}_mask.png",
             "width":"512","height":"512","samples":"1","steps":"21","safety_checker":"no","guidance_scale":7.5,"strength":0.7,"scheduler":"UniPCMultistepScheduler","lora_model":null,
             "use_karras_sigmas":"yes","vae":null,"lora_strength":null,"seed":null,"webhook":null,"track_id":null}
            """;

        JsonObject answer = (await PostAsync("modelslab/api/v6/images/inpaint", JsonNode.Parse(example)!)).Json;

        Assert.Equal("success", answer["status"]!.GetValue<string>());
        Assert.Single(answer["output"]!.AsArray());
        Assert.Equal("UniPCMultistepScheduler", answer["meta"]!["scheduler"]!.GetValue<string>());
    }

    [Fact]
    public async Task ModelsLab_calls_back_with_the_callers_track_id()
    {
        JsonObject input = new()
        {
            ["key"] = "test-key",
            ["model_id"] = "flux",
            ["prompt"] = "a tiger's eye",
            ["webhook"] = Server.HooksUri.AbsoluteUri,
            ["track_id"] = "t-1",
            ["width"] = 256,
            ["height"] = 256,
        };
        await PostAsync("modelslab/api/v6/images/text2img", input);
        State.Jobs.Last.Complete();

        RecordedRequest call = await State.Requests.WaitForAsync(WireOperation.Webhook, cancellationToken: Cancellation);

        Assert.Equal(("success", "t-1"), (call.BodyJson!["status"]!.GetValue<string>(), call.BodyJson["track_id"]!.GetValue<string>()));
        Assert.False(call.Carries("test-key"));
    }
}
