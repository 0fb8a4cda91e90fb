using System.Text.Json.Nodes;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.ModelsLab;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Providers.ModelsLab;
using Inpaint.Providers.Shared;
using Inpaint.Tests.Emulator;
using Inpaint.Tests.Providers.Fal;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Providers.ModelsLab;

/// <summary>A job's way through ModelsLab: handed over, submitted, fetched, not cancelled.</summary>
public sealed class ModelsLabJobTests : ModelsLabClientTest
{
    [Fact]
    public async Task A_job_is_followed_to_its_pictures()
    {
        State.Jobs.Enqueue(JobScript.Reads(0, 1));
        Acceptance acceptance = await SubmitAsync(Plan(new InpaintRequest { Prompt = "an empty bench", Count = 2, Seed = 3163825381 }));
        Assert.Equal(InpaintJobState.InProgress, acceptance.State);
        Assert.Equal(TimeSpan.FromSeconds(20.5), acceptance.Eta);
        Assert.Null(acceptance.Output);

        InpaintJob job = JobOf(acceptance);
        Assert.Equal(InpaintJobState.InProgress, (await StatusAsync(job)).State);

        JobUpdate done = await StatusAsync(job);
        Assert.Equal(InpaintJobState.Completed, done.State);
        Assert.Equal(3163825381, done.Output!.Seed);
        Assert.Equal(2, done.Output.Pictures.Count);
        Assert.All(done.Output.Pictures, picture => Assert.StartsWith(Server.CdnUri.AbsoluteUri, picture.Url, StringComparison.Ordinal));
        Assert.Equal(2.45, done.Output.Timings["generationTime"]);

        ProviderOutput again = await Client.GetResultAsync(job, Cancellation);
        Assert.Equal(done.Output.Pictures.Select(p => p.Url), again.Pictures.Select(p => p.Url));
        Assert.Equal(1, State.PaidJobs);
    }

    [Fact]
    public async Task A_response_with_the_pictures_completes_the_job_at_once()
    {
        State.Jobs.Enqueue(JobScript.Immediate);
        Acceptance acceptance = await SubmitAsync();
        Assert.Equal(InpaintJobState.Completed, acceptance.State);
        Assert.Single(acceptance.Output!.Pictures);
        Assert.Equal(0, State.Requests.Count(WireOperation.Status));
    }

    [Fact]
    public async Task A_picture_can_be_made_from_words_alone()
    {
        State.Jobs.Enqueue(JobScript.Immediate);
        Acceptance acceptance = await SubmitAsync(Plan(new InpaintRequest { Operation = InpaintOperation.TextToImage, Prompt = "a bench", Size = ImageSize.Named("landscape_4_3", 1024, 768) }));
        Assert.Single(acceptance.Output!.Pictures);
        Assert.EndsWith("/images/text2img", Submitted.Path, StringComparison.Ordinal);
        Assert.Equal("1024x768", $"{Submitted.BodyJson!["width"]}x{Submitted.BodyJson["height"]}");
        Assert.False(Submitted.BodyJson.ContainsKey("init_image"));
    }

    [Fact]
    public async Task The_key_is_in_every_body_and_nowhere_else()
    {
        State.Jobs.Enqueue(JobScript.Reads(0, 1));
        InpaintJob job = JobOf(await SubmitAsync());
        await StatusAsync(job);
        await Client.CheckAccessAsync(Cancellation);
        Assert.Equal(5, State.Requests.All.Count(r => r.Service == WireService.ModelsLab));
        foreach (RecordedRequest request in State.Requests.All)
        {
            Assert.Equal(request.Service == WireService.ModelsLab ? Key : null, request.BodyJson?["key"]?.ToString());
            Assert.DoesNotContain(Key, request.Path + request.Query + string.Concat(request.Headers.Values), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(job.ProviderData, pair => pair.Value.Contains(Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Local_pictures_become_URLs_and_remote_ones_stay()
    {
        State.Jobs.Enqueue(JobScript.Immediate, JobScript.Immediate);
        await SubmitAsync();
        Assert.Equal(2, State.Requests.Count(WireOperation.UploadPut));
        string uploaded = Submitted.BodyJson!["init_image"]!.ToString();
        Assert.StartsWith(Server.CdnUri.AbsoluteUri, uploaded, StringComparison.Ordinal);

        State.Requests.Clear();
        InpaintRequest remote = new() { Prompt = "an empty bench", Image = PictureSource.Parse(uploaded), Mask = PictureSource.Parse(uploaded) };
        await SubmitAsync(Plan(remote));
        Assert.Equal(0, State.Requests.Count(WireOperation.UploadPut));
        Assert.Equal(uploaded, Submitted.BodyJson!["init_image"]!.ToString());
        Assert.Equal("512x384", $"{Submitted.BodyJson["width"]}x{Submitted.BodyJson["height"]}");
        RecordedRequest look = Assert.Single(State.Requests.All, r => r.Operation == WireOperation.Download);
        Assert.DoesNotContain(Key, look.BodyText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_size_that_differs_from_the_pictures_is_said()
    {
        List<string> told = [];
        Progress progress = new(told);
        await Client.PrepareAsync(Plan(width: 96, height: 80), progress, Cancellation);
        Assert.Contains(told, line => line.Contains("96x80", StringComparison.Ordinal) && line.Contains("304x256", StringComparison.Ordinal));

        told.Clear();
        await Client.PrepareAsync(Plan(width: 512, height: 384), progress, Cancellation);
        Assert.DoesNotContain(told, line => line.Contains("ModelsLab returns", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_flagged_picture_is_marked()
    {
        State.Jobs.Enqueue(JobScript.Immediate);
        Acceptance acceptance = await SubmitAsync(Plan(new InpaintRequest { Prompt = "nsfw", SafetyChecker = true }));
        Assert.True(Assert.Single(acceptance.Output!.Pictures).IsFlagged);
    }

    [Fact]
    public async Task Pictures_as_text_are_decoded()
    {
        State.Jobs.Enqueue(JobScript.Immediate);
        InpaintRequest request = new() { Prompt = "a bench", Options = new Dictionary<string, object>(StringComparer.Ordinal) { ["Base64"] = true } };
        Acceptance acceptance = await SubmitAsync(Plan(request));
        OutputPicture picture = Assert.Single(acceptance.Output!.Pictures);
        Assert.Equal("image/png", picture.ContentType);
        Assert.Equal([0x89, 0x50, 0x4E, 0x47], picture.Content!.Value[..4].ToArray());
        RecordedRequest fetched = Assert.Single(State.Requests.All, r => r.Operation == WireOperation.Download);
        Assert.EndsWith(".base64", fetched.Path, StringComparison.Ordinal);
        Assert.Equal(0, fetched.Body.Length);
    }

    [Fact]
    public async Task A_text_that_is_late_is_waited_for_and_a_missing_one_does_not_lose_the_job()
    {
        InpaintRequest request = new() { Prompt = "a bench", Options = new Dictionary<string, object>(StringComparer.Ordinal) { ["Base64"] = true } };
        State.Jobs.Enqueue(JobScript.Immediate, JobScript.Immediate);
        State.Faults.Enqueue(WireOperation.Download, Fault.Respond(404), Fault.Respond(404));
        Assert.NotNull((await SubmitAsync(Plan(request))).Output);

        State.Faults.Enqueue(WireOperation.Download, Enumerable.Repeat(Fault.Respond(404), 4).ToArray());
        Acceptance acceptance = await SubmitAsync(Plan(request with { Seed = 5 }));
        Assert.Equal((InpaintJobState.Completed, null), (acceptance.State, acceptance.Output));
        Assert.NotNull((await StatusAsync(JobOf(acceptance))).Output);
    }

    public static TheoryData<string> OutputForms => new("""["URL"]""", """{"0":"URL"}""", "\"URL\"", """["DATA"]""", """["BARE"]""");

    [Theory]
    [MemberData(nameof(OutputForms))]
    public async Task An_output_of_any_form_is_a_picture(string output)
    {
        string data = Emulator.EmulatorTest.DataUri(Inpaint.Emulator.Pictures.Painter.Generate(16, 16, 1, "p"));
        output = output.Replace("URL", "https://cdn.example/a.png", StringComparison.Ordinal)
            .Replace("DATA", data, StringComparison.Ordinal)
            .Replace("BARE", data[(data.IndexOf(',', StringComparison.Ordinal) + 1)..], StringComparison.Ordinal);
        State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(200, $$"""{"status":"success","id":7,"output":{{output}}}"""));
        OutputPicture picture = Assert.Single((await SubmitAsync()).Output!.Pictures);
        Assert.Equal(output.Contains("cdn.example", StringComparison.Ordinal), picture.Url is not null);
        Assert.Equal(picture.Url is null, picture.Content is not null);
    }

    [Theory]
    [InlineData(ModelsLabOutputForm.Array)]
    [InlineData(ModelsLabOutputForm.Members)]
    [InlineData(ModelsLabOutputForm.ProxyLinks)]
    [InlineData(ModelsLabOutputForm.ProxyLinkMembers)]
    [InlineData(ModelsLabOutputForm.Base64Links)]
    [InlineData(ModelsLabOutputForm.DataUris)]
    [InlineData(ModelsLabOutputForm.BareBase64)]
    public async Task Fetched_output_of_any_form_is_pictures(ModelsLabOutputForm form)
    {
        State.ModelsLab.Outputs = form;
        State.ModelsLab.OmitsMeta = true;
        State.ModelsLab.Ids = ModelsLabIdForm.Text;
        State.Jobs.Enqueue(new JobScript { Steps = [JobStep.Running()] });
        InpaintJob job = JobOf(await SubmitAsync(Plan(new InpaintRequest { Prompt = "a bench", Count = 2 })));
        Assert.Equal(InpaintJobState.InProgress, (await StatusAsync(job)).State);
        ProviderOutput output = (await StatusAsync(job)).Output!;
        Assert.Equal(2, output.Pictures.Count);
        Assert.Null(output.Seed);
        Assert.All(output.Pictures, picture => Assert.True(picture.Url is null != picture.Content is null));
    }

    [Fact]
    public async Task Success_without_output_takes_the_proxy_links()
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(200, """{"status":"success","id":7,"output":[],"proxy_links":{"0":"https://proxy.example/a.png"}}"""));
        Assert.Equal("https://proxy.example/a.png", Assert.Single((await SubmitAsync()).Output!.Pictures).Url);
    }

    [Fact]
    public async Task Success_without_any_picture_is_no_verdict_yet()
    {
        string empty = """{"status":"success","id":12345679,"output":"","future_links":["https://cdn.example/never.png"]}""";
        State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(200, empty));
        Acceptance acceptance = await SubmitAsync();
        Assert.Null(acceptance.Output);
        Assert.Equal("12345679", acceptance.Id);

        State.Faults.Enqueue(WireOperation.Status, Fault.Respond(200, empty), Fault.Respond(200, empty));
        JobUpdate update = await StatusAsync(JobOf(acceptance));
        Assert.Equal((InpaintJobState.Completed, null), (update.State, update.Output));
        InpaintException failure = await Assert.ThrowsAsync<InpaintException>(() => Client.GetResultAsync(JobOf(acceptance), Cancellation));
        Assert.Equal((InpaintErrorId.JobFailed, false), (failure.ErrorId, failure.IsVerdict));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    [InlineData(500)]
    public async Task A_failed_job_says_why(int status)
    {
        State.Jobs.Enqueue(JobScript.HeldInProgress());
        InpaintJob job = JobOf(await SubmitAsync());
        State.Faults.Enqueue(WireOperation.Status, Fault.Respond(status, """{"status":"failed","id":"","message":"Failed, Try Again","output":""}"""));
        JobUpdate update = await StatusAsync(job);
        Assert.Equal((InpaintJobState.Failed, InpaintErrorId.JobFailed, "Failed, Try Again"), (update.State, update.ErrorId, update.Error));
        Assert.Equal(1, State.Requests.Count(WireOperation.Status));
    }

    [Fact]
    public async Task An_unknown_status_is_waited_for()
    {
        State.Jobs.Enqueue(JobScript.Immediate);
        InpaintJob job = JobOf(await SubmitAsync());
        State.Faults.Enqueue(WireOperation.Status, Fault.UnknownStatus());
        Assert.Equal(InpaintJobState.InProgress, (await StatusAsync(job)).State);
    }

    [Theory]
    [InlineData("https://modelslab.com/api/v6/images/fetch/1")]
    [InlineData("http://evil.example/images/fetch/1")]
    [InlineData("not an address")]
    public async Task A_URL_elsewhere_is_not_followed(string fetchResult)
    {
        State.Jobs.Enqueue(JobScript.HeldInProgress());
        Acceptance real = await SubmitAsync();
        State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(200, $$"""{"status":"processing","eta":1,"id":{{real.Id}},"fetch_result":"{{fetchResult}}","output":[]}"""));
        Acceptance acceptance = await SubmitAsync(Plan(new InpaintRequest { Prompt = "another", Seed = 2 }));
        Assert.Empty(acceptance.ProviderData);
        Assert.Equal(InpaintJobState.InProgress, (await StatusAsync(JobOf(acceptance))).State);
        Assert.Equal("/modelslab/api/v6/images/fetch/" + real.Id, State.Requests.All[^1].Path);
        Assert.All(State.Requests.All, request => Assert.NotNull(request.Status));
    }

    [Fact]
    public async Task Its_own_URL_is_followed_without_a_query()
    {
        string address = $"{Server.ModelsLabUri}/realtime/fetch/99?key=never";
        State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(200, $$"""{"status":"processing","id":"","fetch_result":"{{address}}","output":""}"""));
        Acceptance acceptance = await SubmitAsync();
        Assert.Equal("99", acceptance.Id);
        Assert.Equal($"{Server.ModelsLabUri}/realtime/fetch/99", acceptance.ProviderData["fetch_result"]);
    }

    [Fact]
    public async Task Nothing_can_be_cancelled_and_nothing_is_called_for_it()
    {
        InpaintJob job = JobOf(await SubmitAsync());
        int calls = State.Requests.All.Count;
        Assert.Equal(StopOutcome.NotSupported, await ((IProviderClient)Client).CancelAsync(job, Cancellation));
        Assert.Equal(calls, State.Requests.All.Count);
    }

    [Theory]
    [InlineData(Key, null)]
    [InlineData("wrong-key", InpaintErrorId.AuthenticationFailed)]
    [InlineData(null, InpaintErrorId.ApiKeyMissing)]
    public async Task The_probe_tells_a_good_key_from_a_bad_one(string? key, InpaintErrorId? expected)
    {
        InpaintException? refusal = await Record.ExceptionAsync(() => MakeClient(key).CheckAccessAsync(Cancellation)) as InpaintException;
        Assert.Equal(expected, refusal?.ErrorId);
        Assert.Equal(0, State.PaidJobs);
        Assert.All(State.Requests.All, request => Assert.Equal("/modelslab/api/wallet_balance", request.Path));
    }

    [Fact]
    public async Task Every_documented_scheduler_is_taken()
    {
        ParameterCapability scheduler = Inpaint.Providers.ModelsLab.ModelsLabCapabilities.All[0].Find("Scheduler")!;
        Assert.Equal(18, scheduler.Values.Count);
        State.Jobs.DefaultScript = JobScript.Immediate;
        foreach (string name in scheduler.Values)
        {
            await SubmitAsync(Plan(new InpaintRequest { Operation = InpaintOperation.TextToImage, Prompt = "a bench", Scheduler = name }));
            Assert.Equal(name, Submitted.BodyJson!["scheduler"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task Every_parameter_at_once_is_taken()
    {
        State.Jobs.Enqueue(JobScript.Immediate);
        InpaintRequest request = new()
        {
            Prompt = "a bench",
            NegativePrompt = "rain",
            Strength = 0.5,
            Steps = 20,
            GuidanceScale = 7.5,
            Count = 2,
            Seed = 1,
            Size = ImageSize.FromPixels(640, 480),
            SafetyChecker = true,
            Loras = [new("contrast-fix", 0.5)],
            Scheduler = "LCMScheduler",
            WebhookUri = new Uri("https://hooks.example/done"),
            AdditionalBody = new JsonObject { ["steps"] = "20" },
            Options = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["EnhancePrompt"] = true,
                ["SafetyCheckerType"] = "black",
                ["UseKarrasSigmas"] = true,
                ["AlgorithmType"] = "none",
                ["Vae"] = "v",
                ["ClipSkip"] = 2,
                ["Base64"] = false,
                ["Temp"] = true,
                ["TrackId"] = "t",
                ["IpAdapterId"] = "ip-adapter_sdxl",
                ["IpAdapterScale"] = 0.5,
                ["IpAdapterImage"] = "https://pictures.example/face.png",
            },
        };
        ProviderCapabilities capabilities = Inpaint.Providers.ModelsLab.ModelsLabCapabilities.All[0];
        Assert.Empty(RequestValidator.Check(request with { Image = FalClientTest.Picture(), Mask = FalClientTest.Mask() }, new ProviderChoice(Provider, Reason: null, []), capabilities));
        Assert.Equal(2, (await SubmitAsync(Plan(request))).Output!.Pictures.Count);

        string[] fields =
        [
            "algorithm_type", "base64", "clip_skip", "enhance_prompt", "guidance_scale", "height", "init_image", "ip_adapter_id", "ip_adapter_image", "ip_adapter_scale", "key",
            "lora_model", "lora_strength", "mask_image", "model_id", "negative_prompt", "num_inference_steps", "prompt", "safety_checker", "safety_checker_type", "samples",
            "scheduler", "seed", "steps", "strength", "temp", "track_id", "use_karras_sigmas", "vae", "webhook", "width",
        ];
        Assert.Equal(fields, Submitted.BodyJson!.Select(m => m.Key).Order(StringComparer.Ordinal));
    }

    private sealed class Progress(List<string> lines) : IProgress<string>
    {
        public void Report(string value) => lines.Add(value);
    }
}
