using System.Net;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Providers.Shared;
using Xunit;

namespace Inpaint.Tests.Emulator;

public sealed class FalModelTests : EmulatorTest
{
    [Theory]
    [InlineData("num_inference_steps", "0", "greater_than_equal", "ge", "1")]
    [InlineData("num_inference_steps", "51", "less_than_equal", "le", "50")]
    [InlineData("num_inference_steps", "1.5", "int_type", null, null)]
    [InlineData("guidance_scale", "35.1", "less_than_equal", "le", "35")]
    [InlineData("guidance_scale", "\"3\"", "float_type", null, null)]
    [InlineData("strength", "0", "greater_than_equal", "ge", "0.01")]
    [InlineData("num_images", "5", "less_than_equal", "le", "4")]
    [InlineData("seed", "\"x\"", "int_type", null, null)]
    [InlineData("enable_safety_checker", "\"yes\"", "bool_type", null, null)]
    [InlineData("output_format", "\"webp\"", "one_of", "expected", "[\"jpeg\",\"png\"]")]
    [InlineData("acceleration", "\"high\"", "one_of", "expected", "[\"none\",\"regular\"]")]
    [InlineData("image_size", "\"square pro\"", "one_of", null, null)]
    public async Task Inputs_out_of_range_are_refused_by_the_result(string field, string value, string type, string? contextName, string? context)
    {
        JsonObject input = Input();
        input[field] = JsonNode.Parse(value);

        (HttpResponseMessage response, JsonObject json) = await RunAsync(input);

        Assert.Equal(422, (int)response.StatusCode);
        JsonNode entry = Assert.Single(json["detail"]!.AsArray())!;
        Assert.Equal((type, $"[\"body\",\"{field}\"]"), (entry["type"]!.GetValue<string>(), entry["loc"]!.ToJsonString()));
        if (contextName is not null)
        {
            Assert.Equal(context, entry["ctx"]![contextName]!.ToJsonString());
        }
    }

    [Fact]
    public async Task All_violations_are_told_at_once_with_positions_in_arrays()
    {
        JsonObject input = new() { ["loras"] = new JsonArray(new JsonObject { ["scale"] = 1 }), ["image_size"] = new JsonObject { ["width"] = 0 } };

        JsonObject json = (await RunAsync(input)).Json;

        Assert.Equal(
            ["[\"body\",\"prompt\"]", "[\"body\",\"image_url\"]", "[\"body\",\"mask_url\"]", "[\"body\",\"image_size\",\"width\"]", "[\"body\",\"loras\",0,\"path\"]"],
            json["detail"]!.AsArray().Select(entry => entry!["loc"]!.ToJsonString()));
    }

    [Theory]
    [InlineData("image_url", "data:image/png;base64,AAAA", "image_load_error")]
    [InlineData("mask_url", "https://nowhere.example/mask.png", "file_download_error")]
    public async Task Unreadable_pictures_are_told(string field, string url, string type)
    {
        JsonObject input = Input();
        input[field] = url;

        JsonObject entry = (await RunAsync(input)).Json["detail"]![0]!.AsObject();

        Assert.Equal((type, field), (entry["type"]!.GetValue<string>(), entry["loc"]![1]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_mask_of_another_size_is_refused()
    {
        JsonObject input = Input();
        input["mask_url"] = DataUri(RightHalf(16, 16));

        Assert.Equal("mask_url", (await RunAsync(input)).Json["detail"]![0]!["loc"]![1]!.GetValue<string>());
    }

    [Fact]
    public async Task Size_count_seed_and_sync_mode_are_honoured()
    {
        JsonObject input = Input();
        input["image_size"] = new JsonObject { ["width"] = 48, ["height"] = 40 };
        input["num_images"] = 3;
        input["seed"] = 9007199254740993;
        input["sync_mode"] = true;

        JsonObject json = (await RunAsync(input)).Json;

        Assert.Equal(3, json["images"]!.AsArray().Count);
        Assert.All(json["images"]!.AsArray(), image => Assert.Equal((48, 40), (image!["width"]!.GetValue<int>(), image["height"]!.GetValue<int>())));
        Assert.All(json["images"]!.AsArray(), image => Assert.StartsWith("data:image/png;base64,", image!["url"]!.GetValue<string>(), StringComparison.Ordinal));
        Assert.Equal(9007199254740993, json["seed"]!.GetValue<long>());
    }

    [Fact]
    public async Task Pictures_are_JPEG_unless_PNG_is_asked_for()
    {
        JsonObject input = Input();
        input.Remove("output_format");

        JsonObject image = (await RunAsync(input)).Json["images"]![0]!.AsObject();
        using HttpResponseMessage file = await Http.GetAsync(image["url"]!.GetValue<string>(), Cancellation);
        byte[] bytes = await file.Content.ReadAsByteArrayAsync(Cancellation);

        Assert.Equal(("image/jpeg", "image/jpeg"), (image["content_type"]!.GetValue<string>(), file.Content.Headers.ContentType!.MediaType));
        Assert.Equal([0xFF, 0xD8, 0xFF], bytes[..3]);
        Assert.EndsWith(".jpeg", image["file_name"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sizes_can_be_rounded_like_a_real_model_does()
    {
        State.SizeMultiple = 16;

        JsonObject image = (await RunAsync(Input(width: 50, height: 33))).Json["images"]![0]!.AsObject();

        Assert.Equal((48, 32), (image["width"]!.GetValue<int>(), image["height"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Text_to_image_needs_only_a_prompt()
    {
        (HttpResponseMessage response, JsonObject json) = await PostAsync("run/fal-ai/flux-lora", new JsonObject { ["prompt"] = "a tiger's eye", ["output_format"] = "png" });

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal((1024, 768), (json["images"]![0]!["width"]!.GetValue<int>(), json["images"]![0]!["height"]!.GetValue<int>()));
        Assert.Equal(1, State.PaidJobs);
        Assert.Equal(1, State.Requests.Count(WireOperation.Run));
    }

    [Fact]
    public async Task A_direct_run_can_be_held_and_answers_errors_itself()
    {
        State.Jobs.Enqueue(JobScript.HeldInProgress());
        Task<(HttpResponseMessage Response, JsonObject Json)> pending = PostAsync($"run/{InpaintingPath}", Input("fail 503 runner_disconnected"));
        await State.Requests.WaitForAsync(WireOperation.Run, cancellationToken: Cancellation);
        Assert.False(pending.IsCompleted);

        (await State.Jobs.WaitForAsync(1, Cancellation)).Release();

        (HttpResponseMessage response, JsonObject json) = await pending;
        Assert.Equal((503, "runner_disconnected"), ((int)response.StatusCode, json["error_type"]!.GetValue<string>()));
    }

    [Fact]
    public async Task The_stream_shows_the_same_picture_getting_clearer()
    {
        JsonObject input = new() { ["prompt"] = "a tiger's eye", ["image_size"] = new JsonObject { ["width"] = 32, ["height"] = 32 }, ["seed"] = 5, ["output_format"] = "png" };

        using HttpResponseMessage response = await Http.PostAsync("run/fal-ai/flux-lora/stream", Body(input), Cancellation);
        string text = await response.Content.ReadAsStringAsync(Cancellation);

        JsonNode[] events = [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(item => JsonNode.Parse(item["data: ".Length..])!)];
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(4, events.Length);
        Assert.Equal(4, events.Select(item => item["images"]![0]!["url"]!.GetValue<string>()).Distinct().Count());
        input["sync_mode"] = true;
        JsonObject direct = (await PostAsync("run/fal-ai/flux-lora", input)).Json;
        Assert.Equal(direct["images"]![0]!["url"]!.GetValue<string>(), events[^1]["images"]![0]!["url"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_webhook_tells_the_result()
    {
        (_, JsonObject submitted) = await PostAsync($"{InpaintingPath}?fal_webhook={Uri.EscapeDataString(Server.HooksUri.AbsoluteUri)}", Input("fail 422"));
        State.Jobs.Last.Complete();

        RecordedRequest call = await State.Requests.WaitForAsync(WireOperation.Webhook, cancellationToken: Cancellation);

        Assert.Equal("ERROR", call.BodyJson!["status"]!.GetValue<string>());
        Assert.Equal("Invalid status code: 422", call.BodyJson["error"]!.GetValue<string>());
        Assert.Equal(submitted["request_id"]!.GetValue<string>(), call.Headers["X-Fal-Webhook-Request-Id"]);
    }

    [Fact]
    public async Task A_queue_that_is_too_long_for_the_caller_is_refused()
    {
        State.Jobs.Enqueue(new JobScript { SubmittedPosition = 5 });

        (HttpResponseMessage response, JsonObject json) = await PostAsync($"{InpaintingPath}?fal_max_queue_length=2", Input());

        Assert.Equal((429, "concurrent_requests_limit"), ((int)response.StatusCode, json["detail"]![0]!["type"]!.GetValue<string>()));
        Assert.Equal(0, State.PaidJobs);
    }
}
