using System.Text.Json.Nodes;
using Inpaint.Emulator.Control;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Providers.FalGateway;
using Inpaint.Providers.Shared.FalProtocol;
using Inpaint.Tests.Fixtures;
using Inpaint.Tests.Providers.Fal;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Providers.FalGateway;

/// <summary>A job's way through a gateway, with the gateways' own examples.</summary>
public sealed class FalGatewayJobTests : FalGatewayClientTest
{
    private const string Finished = """{"seed":196619188014358660,"images":[{"url":"https://cdn.example/a.png","width":512,"height":384,"content_type":"image/png"}],"prompt":"a bench","request":{},"timings":{"inference":1.5},"has_nsfw_concepts":[true]}""";

    [Fact]
    public async Task A_job_is_followed_to_its_pictures_by_the_documented_URL_alone()
    {
        State.Jobs.Enqueue(JobScript.Reads(1, 1));
        Acceptance acceptance = await SubmitAsync();
        Assert.Equal(InpaintJobState.InQueue, acceptance.State);
        InpaintJob job = JobOf(acceptance);
        Assert.Equal(InpaintJobState.InQueue, (await StatusAsync(job)).State);
        Assert.Equal(InpaintJobState.InProgress, (await StatusAsync(job)).State);
        JobUpdate done = await StatusAsync(job);
        Assert.Equal(InpaintJobState.Completed, done.State);
        Assert.StartsWith(Server.CdnUri.AbsoluteUri, Assert.Single(done.Output!.Pictures).Url, StringComparison.Ordinal);
        Assert.Equal("an empty bench", done.Output.Prompt);
        Assert.True(done.Output.Seed > 1L << 53);
        Assert.Null(done.Output.BillableUnits);
        Assert.Single((await Client.GetResultAsync(job, Cancellation)).Pictures);
        Assert.All(Asked, path => Assert.Equal($"GET fal-ai/auto/requests/{job.Id}", path));
        Assert.Equal(1, State.PaidJobs);
    }

    [Fact]
    public async Task A_gateway_without_the_common_URL_is_asked_at_the_models_and_then_only_there()
    {
        State.Gateway.KnowsAuto = false;
        State.Jobs.Enqueue(JobScript.Reads(0, 2));
        InpaintJob job = JobOf(await SubmitAsync());
        State.Faults.Enqueue(WireOperation.Result, Fault.Respond(404, """{"error":{"message":"Invalid URL (GET /fal-ai/auto)","type":"new_api_error","code":""}}"""));
        Assert.Equal(InpaintJobState.InProgress, (await StatusAsync(job)).State);
        Assert.Equal(InpaintJobState.InProgress, (await StatusAsync(job)).State);
        Assert.Equal(InpaintJobState.Completed, (await StatusAsync(job)).State);
        string own = $"GET fal-ai/flux-lora/requests/{job.Id}";
        Assert.Equal([$"GET fal-ai/auto/requests/{job.Id}", own, own, own], Asked);
    }

    [Fact]
    public async Task A_request_unknown_at_one_URL_is_asked_for_at_the_other()
    {
        State.Gateway.KnowsAuto = false;
        State.Jobs.Enqueue(JobScript.Immediate);
        Assert.Equal(InpaintJobState.Completed, (await StatusAsync(JobOf(await SubmitAsync()))).State);
        Assert.Equal(2, Asked.Length);
    }

    [Theory]
    [InlineData("inpaint-accepted-wrong-app", "acf05732-7cb3-445b-9f39-fdaeccb1d730")]
    [InlineData("inpaint-accepted", "72a35804-b407-4b09-894b-3a35559c38f9")]
    [InlineData("text-to-image-accepted", "07e0be22-3380-4699-a377-48729443435c")]
    public async Task The_documented_answer_is_accepted_and_its_foreign_URLs_are_not_followed(string example, string id)
    {
        State.Jobs.Enqueue(JobScript.Immediate with { RequestId = id });
        State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(200, Fixture.Text("FalGateway/" + example)).AfterAccept());
        Acceptance acceptance = await SubmitAsync();
        Assert.Equal((id, InpaintJobState.InQueue, 0), (acceptance.Id, acceptance.State, acceptance.QueuePosition!.Value));
        Assert.Empty(acceptance.ProviderData);
        Assert.Equal(InpaintJobState.Completed, (await StatusAsync(JobOf(acceptance))).State);
        Assert.Equal([$"GET fal-ai/auto/requests/{id}"], Asked);
    }

    [Theory]
    [InlineData("/gateway/v2/fal-ai/flux-lora/requests/1?x=2", "/gateway/v2/fal-ai/flux-lora/requests/1")]
    [InlineData("/gateway/v2/fal-ai/flux-lora/requests/2", null)]
    [InlineData("/elsewhere/fal-ai/flux-lora/requests/1", null)]
    public async Task A_URL_of_the_gateways_own_is_taken_when_it_is_about_the_job(string path, string? expected)
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(200, $$"""{"status":"IN_QUEUE","request_id":"1","response_url":"{{new Uri(Server.BaseUri, path)}}"}"""));
        Acceptance acceptance = await SubmitAsync();
        Assert.Equal(expected is null ? null : new Uri(Server.BaseUri, expected).AbsoluteUri, acceptance.ProviderData.GetValueOrDefault("response_url"));
    }

    [Fact]
    public void The_documented_inpainting_example_is_what_is_sent_for_the_same_request()
    {
        JsonObject example = Fixture.Json("FalGateway/inpaint-request");
        InpaintRequest request = new()
        {
            Prompt = example["prompt"]!.GetValue<string>(),
            Steps = 28,
            GuidanceScale = 3.5,
            Count = 1,
            SafetyChecker = true,
            OutputFormat = "jpeg",
            Strength = 0.85,
        };
        Assert.True(JsonNode.DeepEquals(example, Sent(FalRequestBody.Build(FalModels.Inpainting, request, example["image_url"]!.GetValue<string>(), example["mask_url"]!.GetValue<string>()))));
        Assert.Empty(RequestValidator.Check(
            request with { Image = PictureSource.Parse(example["image_url"]!.GetValue<string>()), Mask = PictureSource.Parse(example["mask_url"]!.GetValue<string>()) },
            new ProviderChoice(Provider, Reason: null, []),
            FalGatewayCapabilities.All[0]));
    }

    [Fact]
    public void The_documented_text_to_image_example_is_what_is_sent_for_the_same_request()
    {
        JsonObject example = Fixture.Json("FalGateway/text-to-image-request");
        InpaintRequest request = new()
        {
            Operation = InpaintOperation.TextToImage,
            Prompt = example["prompt"]!.GetValue<string>(),
            Size = ImageSize.Named("landscape_4_3", 1024, 768),
            Steps = 28,
            GuidanceScale = 3.5,
            Count = 1,
            SafetyChecker = true,
            OutputFormat = "jpeg",
        };
        Assert.True(JsonNode.DeepEquals(example, Sent(FalRequestBody.Build(FalModels.TextToImage, request, image: null, mask: null))));
        Assert.Empty(RequestValidator.Check(request, new ProviderChoice(Provider, Reason: null, []), FalGatewayCapabilities.All[1]));
    }

    [Theory]
    [InlineData(InpaintOperation.Inpaint, "Seed,Loras,Acceleration,InlineResult,Size")]
    [InlineData(InpaintOperation.TextToImage, "Seed,Loras,Acceleration,InlineResult")]
    public async Task What_the_gateway_does_not_list_is_sent_with_a_warning(InpaintOperation operation, string unlisted)
    {
        InpaintRequest request = new()
        {
            Operation = operation,
            Prompt = "a bench",
            Image = operation == InpaintOperation.Inpaint ? FalClientTest.Picture() : null,
            Mask = operation == InpaintOperation.Inpaint ? FalClientTest.Mask() : null,
            Seed = 196619188014358660,
            Loras = [new("https://weights.example/l.safetensors", 0.8)],
            Acceleration = "regular",
            InlineResult = true,
            Size = ImageSize.FromPixels(512, 512),
        };
        IReadOnlyList<string> warnings = RequestValidator.Check(request, new ProviderChoice(Provider, Reason: null, []), FalGatewayCapabilities.All.First(c => c.Operation == operation));
        Assert.Equal(unlisted.Split(',').Order(StringComparer.Ordinal), warnings.Select(w => w.Split(" list ")[1].Split(':')[0]).Order(StringComparer.Ordinal));

        State.Jobs.Enqueue(JobScript.Immediate);
        InpaintJob job = JobOf(await SubmitAsync(Plan(request)));
        JsonObject body = Submitted.BodyJson!;
        Assert.Equal("196619188014358660", body["seed"]!.ToJsonString());
        Assert.All(["loras", "acceleration", "sync_mode", "image_size"], name => Assert.True(body.ContainsKey(name)));
        Assert.NotNull(Assert.Single((await StatusAsync(job)).Output!.Pictures).Content);
    }

    [Fact]
    public async Task The_token_goes_in_the_header_of_the_chosen_scheme_to_the_gateway_alone()
    {
        State.Gateway.AuthScheme = "Key";
        State.Jobs.Enqueue(JobScript.Immediate);
        InpaintException refusal = await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync());
        Assert.Equal(InpaintErrorId.AuthenticationFailed, refusal.ErrorId);
        Assert.Equal("Bearer " + Key, Submitted.Headers["Authorization"]);

        FalGatewayClient other = MakeClient(provider: Provider with { AuthScheme = "Key" });
        InpaintJob job = JobOf(await SubmitAsync(client: other));
        await other.GetStatusAsync(job, includeLog: false, Cancellation);
        Assert.Equal("Key " + Key, Submitted.Headers["Authorization"]);
        Assert.Empty(State.KeyLeaks);
        Assert.All(State.Requests.All, request => Assert.Equal(WireService.FalGateway, request.Service));
    }

    [Fact]
    public async Task Public_pictures_stay_URLs_and_local_ones_travel_inside_the_request()
    {
        State.Jobs.Enqueue(JobScript.Immediate, JobScript.Immediate);
        await SubmitAsync();
        Assert.StartsWith("data:image/png;base64,", Submitted.BodyJson!["image_url"]!.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("data:image/png;base64,", Submitted.BodyJson["mask_url"]!.ToString(), StringComparison.Ordinal);

        await SubmitAsync(Plan(new InpaintRequest { Prompt = "a bench", Image = PictureSource.Parse("https://pictures.example/dog.png"), Mask = PictureSource.Parse("https://pictures.example/mask.png") }));
        Assert.Equal("https://pictures.example/dog.png", Submitted.BodyJson!["image_url"]!.ToString());
        Assert.Equal("https://pictures.example/mask.png", Submitted.BodyJson["mask_url"]!.ToString());
    }

    [Theory]
    [InlineData("""{"status":"IN_QUEUE","queue_position":3}""", InpaintJobState.InQueue)]
    [InlineData("""{"status":"PENDING"}""", InpaintJobState.InQueue)]
    [InlineData("""{"status":"IN_PROGRESS"}""", InpaintJobState.InProgress)]
    [InlineData("""{"status":"processing"}""", InpaintJobState.InProgress)]
    [InlineData("""{"status":"FAILED","error":"out of memory"}""", InpaintJobState.Failed)]
    [InlineData("""{"status":"ERROR","message":"out of memory"}""", InpaintJobState.Failed)]
    [InlineData("""{"status":"CANCELLED"}""", InpaintJobState.Cancelled)]
    [InlineData("""{"status":"COMPLETED","error":"Request timed out","error_type":"request_timeout"}""", InpaintJobState.Failed)]
    [InlineData(Finished, InpaintJobState.Completed)]
    public async Task A_standing_in_any_of_its_forms(string body, InpaintJobState state)
    {
        State.Jobs.Enqueue(JobScript.HeldInProgress());
        InpaintJob job = JobOf(await SubmitAsync());
        State.Faults.Enqueue(WireOperation.Result, Fault.Respond(200, body));
        JobUpdate update = await StatusAsync(job);
        Assert.Equal(state, update.State);
        if (state == InpaintJobState.Failed)
        {
            Assert.NotNull(update.ErrorId);
            Assert.Contains("out", update.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_finished_answer_is_read_whole()
    {
        State.Jobs.Enqueue(JobScript.HeldInProgress());
        InpaintJob job = JobOf(await SubmitAsync());
        State.Faults.Enqueue(WireOperation.Result, Fault.Respond(200, Finished));
        ProviderOutput output = (await StatusAsync(job)).Output!;
        Assert.Equal(196619188014358660, output.Seed);
        Assert.Equal(1.5, output.Timings["inference"]);
        OutputPicture picture = Assert.Single(output.Pictures);
        Assert.Equal(("https://cdn.example/a.png", 512, 384, "image/png", true), (picture.Url, picture.Width!.Value, picture.Height!.Value, picture.ContentType, picture.IsFlagged));
    }

    [Fact]
    public async Task Completed_without_pictures_is_asked_for_elsewhere()
    {
        State.Jobs.Enqueue(JobScript.Immediate);
        InpaintJob job = JobOf(await SubmitAsync());
        State.Faults.Enqueue(WireOperation.Result, Fault.Respond(200, """{"status":"COMPLETED","request_id":"x","logs":null,"metrics":{}}"""));
        Assert.NotNull((await StatusAsync(job)).Output);
        Assert.Equal([$"GET fal-ai/auto/requests/{job.Id}", $"GET fal-ai/flux-lora/requests/{job.Id}"], Asked);
    }

    [Fact]
    public async Task A_submit_answered_with_pictures_is_a_finished_job()
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(200, Finished));
        Acceptance acceptance = await SubmitAsync();
        Assert.Equal(InpaintJobState.Completed, acceptance.State);
        Assert.Single(acceptance.Output!.Pictures);
        Assert.NotEmpty(acceptance.Id);
    }

    [Theory]
    [InlineData(false, StopOutcome.NotSupported)]
    [InlineData(true, StopOutcome.CancellationRequested)]
    public async Task A_cancel_is_tried_and_what_it_did_is_told(bool knowsCancel, StopOutcome expected)
    {
        State.Gateway.KnowsCancel = knowsCancel;
        State.Jobs.Enqueue(JobScript.HeldInQueue());
        InpaintJob job = JobOf(await SubmitAsync());
        Assert.Equal(expected, await Client.CancelAsync(job, Cancellation));
        Assert.Equal([$"PUT fal-ai/flux-lora/requests/{job.Id}/cancel"], Asked);
    }

    [Theory]
    [InlineData(404, "<html>nothing here</html>", "text/html", StopOutcome.NotSupported)]
    [InlineData(200, "<html>welcome</html>", "text/html", StopOutcome.NotSupported)]
    [InlineData(405, """{"detail":"Method Not Allowed"}""", "application/json", StopOutcome.NotSupported)]
    [InlineData(404, """{"error":{"message":"task_not_exist","type":"new_api_error","code":"task_not_exist"}}""", "application/json", StopOutcome.NotFound)]
    [InlineData(404, """{"status":"NOT_FOUND"}""", "application/json", StopOutcome.NotFound)]
    [InlineData(400, """{"status":"ALREADY_COMPLETED"}""", "application/json", StopOutcome.AlreadyCompleted)]
    public async Task A_cancel_answered_in_any_form(int status, string body, string type, StopOutcome expected)
    {
        State.Jobs.Enqueue(JobScript.HeldInQueue());
        InpaintJob job = JobOf(await SubmitAsync());
        State.Faults.Enqueue(WireOperation.Cancel, Fault.Respond(status, body, type));
        Assert.Equal(expected, await Client.CancelAsync(job, Cancellation));
    }

    [Theory]
    [InlineData(Key, null)]
    [InlineData("wrong", InpaintErrorId.AuthenticationFailed)]
    [InlineData(null, InpaintErrorId.ApiKeyMissing)]
    public async Task The_probe_tells_a_good_token_from_a_bad_one(string? key, InpaintErrorId? expected)
    {
        InpaintException? refusal = await Record.ExceptionAsync(() => MakeClient(key).CheckAccessAsync(Cancellation)) as InpaintException;
        Assert.Equal(expected, refusal?.ErrorId);
        Assert.Equal(0, State.PaidJobs);
    }

    [Fact]
    public async Task A_probe_answered_with_a_page_is_no_gateway()
    {
        State.Faults.Enqueue(WireOperation.Result, Fault.Html(404));
        Assert.Equal(InpaintErrorId.ResponseInvalid, (await Assert.ThrowsAsync<InpaintException>(() => Client.CheckAccessAsync(Cancellation))).ErrorId);
    }

    [Theory]
    [InlineData("../../secret")]
    [InlineData("flux-lora")]
    [InlineData("fal-ai/flux lora")]
    public async Task What_is_no_model_does_not_become_a_URL(string model) =>
        Assert.Equal(InpaintErrorId.InvalidParameter, (await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync(Plan(model: model)))).ErrorId);

    private static JsonNode? Sent(JsonObject body) => JsonNode.Parse(body.ToJsonString());
}
