using System.Net;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Wire;
using Inpaint.Jobs;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Emulator;

public sealed class FalQueueTests : EmulatorTest
{
    [Fact]
    public async Task Submit_responses_with_id_and_urls_under_owner_and_alias()
    {
        (HttpResponseMessage response, JsonObject json) = await PostAsync(InpaintingPath, Input());

        Assert.Equal("IN_QUEUE", json["status"]!.GetValue<string>());
        string url = $"{Server.BaseUri}fal-ai/flux-lora/requests/{json["request_id"]}";
        Assert.Equal(url, json["response_url"]!.GetValue<string>());
        Assert.Equal(url + "/status", json["status_url"]!.GetValue<string>());
        Assert.Equal(url + "/cancel", json["cancel_url"]!.GetValue<string>());
        Assert.Equal(1, json["queue_position"]!.GetValue<int>());
        Assert.Equal(json["request_id"]!.GetValue<string>(), response.Headers.GetValues("x-fal-request-id").Single());
        Assert.Equal(1, State.PaidJobs);
    }

    [Fact]
    public async Task Every_status_read_moves_the_job_one_step_on()
    {
        State.Jobs.Enqueue(JobScript.Reads(2, 1));
        string job = await SubmitAsync();

        List<string> seen = [];
        for (int read = 0; read < 4; read++)
        {
            (HttpResponseMessage response, JsonObject json) = await GetAsync($"{job}/status?logs=1");
            seen.Add($"{(int)response.StatusCode} {json["status"]} {json["queue_position"]?.ToString() ?? "-"} {json["logs"]!.AsArray().Count}");
        }

        Assert.Equal(["202 IN_QUEUE 1 0", "202 IN_QUEUE 0 0", "202 IN_PROGRESS - 1", "200 COMPLETED - 1"], seen);
    }

    [Fact]
    public async Task Logs_come_only_when_asked_for_and_through_a_moving_window()
    {
        State.Jobs.Enqueue(new JobScript { Steps = [JobStep.Running("one", "two"), JobStep.Running("three")], LogWindow = 2 });
        string job = await SubmitAsync();

        Assert.Null((await GetAsync($"{job}/status")).Json["logs"]);
        JsonArray logs = (await GetAsync($"{job}/status?logs=1")).Json["logs"]!.AsArray();
        Assert.Equal(["two", "three"], logs.Select(log => log!["message"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_held_job_stays_until_it_is_released()
    {
        State.Jobs.Enqueue(JobScript.HeldInQueue(3));
        string job = await SubmitAsync();

        for (int read = 0; read < 3; read++)
        {
            Assert.Equal(3, (await GetAsync($"{job}/status")).Json["queue_position"]!.GetValue<int>());
        }

        State.Jobs.Last.Release();
        await GetAsync($"{job}/status");
        Assert.Equal("COMPLETED", (await GetAsync($"{job}/status")).Json["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_stream_tells_all_steps_by_itself()
    {
        string job = await SubmitAsync();

        string text = await Http.GetStringAsync($"{job}/status/stream?logs=1", Cancellation);

        string[] states = [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(item => JsonNode.Parse(item["data: ".Length..])!["status"]!.GetValue<string>())];
        Assert.Equal(["IN_QUEUE", "IN_PROGRESS", "COMPLETED"], states);
    }

    [Fact]
    public async Task A_stream_of_a_held_job_ends_when_the_job_is_released()
    {
        State.Jobs.Enqueue(JobScript.HeldInProgress("denoising 1/28"));
        string job = await SubmitAsync();
        using HttpResponseMessage response = await Http.GetAsync($"{job}/status/stream", HttpCompletionOption.ResponseHeadersRead, Cancellation);
        using StreamReader reader = new(await response.Content.ReadAsStreamAsync(Cancellation));

        Assert.Contains("IN_PROGRESS", await reader.ReadLineAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(1, State.Connections.OpenStreams);
        State.Jobs.Last.Complete();

        Assert.Contains("COMPLETED", await reader.ReadToEndAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_masked_part_is_repainted_and_the_rest_drifts_a_little()
    {
        (HttpResponseMessage response, JsonObject json) = await RunAsync();

        JsonObject image = json["images"]![0]!.AsObject();
        using HttpResponseMessage file = await Http.GetAsync(image["url"]!.GetValue<string>(), Cancellation);
        byte[] bytes = await file.Content.ReadAsByteArrayAsync(Cancellation);
        Picture picture = PictureFile.Decode(bytes)!;
        Picture source = Painter.Generate(32, 24, 7, "source");
        Picture mask = RightHalf(32, 24);
        int[] kept = [.. Enumerable.Range(0, mask.Rgb.Length).Where(index => mask.Rgb[index] == 0).Select(index => Math.Abs(picture.Rgb[index] - source.Rgb[index]))];
        int[] painted = [.. Enumerable.Range(0, mask.Rgb.Length).Where(index => mask.Rgb[index] != 0).Select(index => Math.Abs(picture.Rgb[index] - source.Rgb[index]))];

        Assert.Equal((32, 24), (picture.Width, picture.Height));
        Assert.Equal(bytes.Length, image["file_size"]!.GetValue<int>());
        Assert.Equal("image/png", file.Content.Headers.ContentType!.MediaType);
        Assert.Equal(Painter.Drift, kept.Max());
        Assert.True(painted.Average() > 20, "The masked part is hardly changed.");
        Assert.Equal("0.000768", response.Headers.GetValues("x-fal-billable-units").Single());
        Assert.True(json["seed"]!.GetValue<long>() > 1L << 53, "Seeds exceed what a double holds.");
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_bytes()
    {
        JsonObject input = Input();
        input["seed"] = 42;
        List<byte[]> files = [];
        for (int run = 0; run < 2; run++)
        {
            JsonObject json = (await RunAsync(input.DeepClone())).Json;
            files.Add(await Http.GetByteArrayAsync(json["images"]![0]!["url"]!.GetValue<string>(), Cancellation));
        }

        Assert.Equal(files[0], files[1]);
    }

    [Fact]
    public async Task A_flagged_picture_is_black_and_only_the_flag_tells()
    {
        (HttpResponseMessage response, JsonObject json) = await RunAsync(Input("something nsfw"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(json["has_nsfw_concepts"]![0]!.GetValue<bool>());
        byte[] bytes = await Http.GetByteArrayAsync(json["images"]![0]!["url"]!.GetValue<string>(), Cancellation);
        Assert.All(PictureFile.Decode(bytes)!.Rgb, sample => Assert.Equal(0, sample));
    }

    [Theory]
    [InlineData("fail", 500, "internal_server_error", "true")]
    [InlineData("fail 422", 422, "content_policy_violation", "false")]
    [InlineData("fail 422 no_media_generated", 422, "no_media_generated", "false")]
    [InlineData("fail 504", 504, "generation_timeout", "true")]
    public async Task A_failure_is_a_completed_status_whose_result_replays_it(string prompt, int status, string type, string retryable)
    {
        State.Jobs.Enqueue(JobScript.Immediate);
        string job = await SubmitAsync(Input(prompt));

        Assert.Equal("COMPLETED", (await GetAsync($"{job}/status")).Json["status"]!.GetValue<string>());
        (HttpResponseMessage response, JsonObject json) = await GetAsync(job);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(type, json["detail"]![0]!["type"]!.GetValue<string>());
        Assert.Equal(retryable, response.Headers.GetValues("X-Fal-Retryable").Single());
    }

    [Fact]
    public async Task An_infrastructure_failure_is_told_by_status_and_result()
    {
        State.Jobs.Enqueue(JobScript.Immediate with { Error = "Runner disconnected", ErrorType = "runner_disconnected" });
        string job = await SubmitAsync();

        Assert.Equal("runner_disconnected", (await GetAsync($"{job}/status")).Json["error_type"]!.GetValue<string>());
        (HttpResponseMessage response, JsonObject json) = await GetAsync(job);

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Equal("Runner disconnected", json["detail"]!.GetValue<string>());
        Assert.Equal("runner_disconnected", response.Headers.GetValues("X-Fal-Error-Type").Single());
    }

    [Fact]
    public async Task A_result_before_completion_is_refused() =>
        Assert.Equal(HttpStatusCode.BadRequest, (await GetAsync(await SubmitAsync())).Response.StatusCode);

    [Fact]
    public async Task Cancel_is_accepted_once_and_ends_the_job()
    {
        State.Jobs.Enqueue(JobScript.HeldInQueue());
        string job = await SubmitAsync();

        (HttpResponseMessage first, JsonObject accepted) = await SendAsync(HttpMethod.Put, $"{job}/cancel");
        (HttpResponseMessage second, JsonObject late) = await SendAsync(HttpMethod.Put, $"{job}/cancel");

        Assert.Equal((202, "CANCELLATION_REQUESTED"), ((int)first.StatusCode, accepted["status"]!.GetValue<string>()));
        Assert.Equal((400, "ALREADY_COMPLETED"), ((int)second.StatusCode, late["status"]!.GetValue<string>()));
        Assert.Equal("COMPLETED", (await GetAsync($"{job}/status")).Json["status"]!.GetValue<string>());
        Assert.True(State.Jobs.Last.IsCancelled);
        Assert.Equal(2, State.Requests.Count(WireOperation.Cancel));
    }

    [Fact]
    public async Task A_users_start_deadline_ends_as_504_of_type_user()
    {
        State.Jobs.Enqueue(JobScript.Immediate with { StartsTooLate = true });
        Http.DefaultRequestHeaders.Add("X-Fal-Request-Timeout", "2");

        (HttpResponseMessage response, _) = await RunAsync();

        Assert.Equal(504, (int)response.StatusCode);
        Assert.Equal("user", response.Headers.GetValues("X-Fal-Request-Timeout-Type").Single());
    }

    [Fact]
    public async Task Unknown_ids_and_foreign_apps_are_not_found_and_a_model_path_is_not_allowed()
    {
        string job = await SubmitAsync();
        string id = State.Jobs.Last.Id;

        Assert.Equal("NOT_FOUND", (await GetAsync($"fal-ai/flux-lora/requests/{Guid.NewGuid()}/status")).Json["status"]!.GetValue<string>());
        Assert.Equal(404, (int)(await GetAsync($"fal-ai/flux-pro/requests/{id}/status")).Response.StatusCode);
        Assert.Equal(405, (int)(await GetAsync($"{InpaintingPath}/requests/{id}/status")).Response.StatusCode);
        State.Jobs.Last.Expire();
        Assert.Equal(404, (int)(await GetAsync(job)).Response.StatusCode);
    }

    [Fact]
    public async Task Keys_and_locks_are_checked()
    {
        string job = await SubmitAsync();
        State.FalLock = "Exhausted balance";
        Assert.Equal(403, (int)(await PostAsync(InpaintingPath, Input())).Response.StatusCode);
        Assert.Equal(202, (int)(await GetAsync($"{job}/status")).Response.StatusCode);

        Http.DefaultRequestHeaders.Authorization = new("Key", "wrong");
        (HttpResponseMessage response, JsonObject json) = await GetAsync($"{job}/status");
        Assert.Equal((401, "invalid key credentials"), ((int)response.StatusCode, json["detail"]!.GetValue<string>()));
        Assert.Equal(1, State.PaidJobs);
    }
}
