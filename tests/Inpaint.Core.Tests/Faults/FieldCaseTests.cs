using Inpaint.Emulator;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Wire;
using Inpaint.Engine;
using Inpaint.Imaging.Masks;
using Inpaint.Jobs;
using Inpaint.Journal;
using Inpaint.Providers;
using Inpaint.Providers.Fal;
using Inpaint.Providers.FalGateway;
using Inpaint.Providers.Local;
using Inpaint.Providers.ModelsLab;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Providers;
using Inpaint.Tests.Providers.Fal;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Faults;

/// <summary>
/// Answers that people have met in the field, each with its siblings: what is said too early, what is the last word, what concerns the account and not the job. Whole jobs, from
/// the picture to the file, over real HTTP. Whatever becomes of them, one job is paid for at most, nobody is told to make another, and what is not over is collected afterwards.
/// </summary>
public sealed class FieldCaseTests : IClassFixture<ProviderTableFixture>, IDisposable
{
    private const string Fal = "Fal";
    private const string Gateway = "ChainHub";
    private const string ModelsLab = "ModelsLab";
    private const string LongPrompt = "a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench "
        + "a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench a bench";

    private static readonly Case[] Cases =
    [
        // Early or odd answers: the job goes on, and ends well.
        Early(Fal, WireOperation.Result, 404, """{"status":"NOT_FOUND"}"""),
        Early(Fal, WireOperation.Result, 404, """{"detail":"Request not found"}"""),
        Early(Fal, WireOperation.Result, 404, "<html>nothing here</html>", "text/html"),
        Early(Fal, WireOperation.Result, 400, """{"detail":"Request is still in progress"}"""),
        Early(Fal, WireOperation.Result, 400, """{"detail":"Request is still in progress"}""", "application/json", "x-fal-request-id"),
        Early(Fal, WireOperation.Result, 400, """{"detail":"The result is not ready yet"}"""),
        Early(Fal, WireOperation.Result, 202, """{"status":"IN_PROGRESS"}"""),
        Early(Fal, WireOperation.Result, 202, ""),
        Early(Fal, WireOperation.Result, 200, """{"status":"IN_QUEUE","queue_position":0}"""),
        Early(Fal, WireOperation.Result, 200, ""),
        Early(Fal, WireOperation.Result, 200, "<html>maintenance</html>", "text/html"),
        Early(Fal, WireOperation.Result, 403, "<html>checking your browser</html>", "text/html"),
        Early(Fal, WireOperation.Result, 409, """{"detail":"conflict"}"""),
        Early(Fal, WireOperation.Result, 425, ""),
        Early(Fal, WireOperation.Status, 200, "<html>maintenance</html>", "text/html"),
        Early(Fal, WireOperation.Status, 200, ""),
        Early(Fal, WireOperation.Status, 404, """{"status":"NOT_FOUND"}"""),
        Early(Fal, WireOperation.Status, 409, ""),
        Early(Fal, WireOperation.Status, 425, "too early", "text/plain"),
        Early(Fal, WireOperation.Status, 401, "<html>log in</html>", "text/html"),
        Early(Gateway, WireOperation.Result, 404, """{"error":{"message":"no","type":"new_api_error","code":"task_not_exist"}}""", times: 2),
        Early(Gateway, WireOperation.Result, 200, "<html>maintenance</html>", "text/html", times: 2),
        Early(Gateway, WireOperation.Result, 200, ""),
        Early(Gateway, WireOperation.Result, 202, """{"status":"IN_PROGRESS"}"""),
        Early(Gateway, WireOperation.Result, 400, """{"error":{"message":"the task is not finished yet","code":""}}"""),
        Early(Gateway, WireOperation.Result, 409, """{"message":"conflict"}"""),
        Early(Gateway, WireOperation.Result, 400, """{"error":{"message":"","param":"404","code":"bad_response_status_code"}}"""),
        Early(ModelsLab, WireOperation.Status, 200, """{"status":"success","id":1,"output":[]}"""),
        Early(ModelsLab, WireOperation.Status, 200, """{"status":"success","id":1,"output":"","proxy_links":[]}"""),
        Early(ModelsLab, WireOperation.Status, 200, """{"status":"error","message":"Your request is still processing"}"""),
        Early(ModelsLab, WireOperation.Status, 404, """{"status":"error","message":"Request not found"}"""),
        Early(ModelsLab, WireOperation.Status, 200, "<html>maintenance</html>", "text/html"),
        Early(ModelsLab, WireOperation.Status, 200, ""),
        Early(ModelsLab, WireOperation.Status, 403, "<html>checking your browser</html>", "text/html"),

        // The model's last word: failed, in its words.
        Final(Fal, 422, """{"detail":"Could not load LoRA weights"}""", InpaintErrorId.JobFailed, "Could not load LoRA weights"),
        Final(Fal, 422, """{"detail":{"message":"Image too dark","code":"E12"}}""", InpaintErrorId.JobFailed, "Image too dark (E12)"),
        Final(Fal, 422, """{"detail":["too dark","too small"]}""", InpaintErrorId.JobFailed, "too dark; too small"),
        Final(Fal, 422, """{"message":"No face"}""", InpaintErrorId.JobFailed, "No face"),
        Final(Fal, 400, """{"detail":"Bad LoRA"}""", InpaintErrorId.JobFailed, "Bad LoRA"),
        Final(Fal, 200, """{"images":[],"error":"The prompt was moderated"}""", InpaintErrorId.JobFailed, "The prompt was moderated"),
        Final(Fal, 200, """{"images":null}""", InpaintErrorId.JobFailed, "made no picture"),
        Final(Fal, 200, $$"""{"prompt":"{{LongPrompt}}","images":[],"error":"The prompt was moderated"}""", InpaintErrorId.JobFailed, "The prompt was moderated"),
        Final(Fal, 200, $$"""{"prompt":"{{LongPrompt}}","detail":[{"msg":"moderated"}]}""", InpaintErrorId.JobFailed, "moderated"),
        Final(Fal, 404, """{"detail":"Path /inpaintin not found"}""", InpaintErrorId.InvalidParameter, "no model 'fal-ai/flux-lora/inpainting'"),
        Final(Fal, 404, """{"detail":"Application 'flux-lorra' not found"}""", InpaintErrorId.InvalidParameter, "It has no model"),
        Final(Fal, 422, """{"detail":[{"loc":["body","image_url"],"msg":"Failed to download the file.","type":"file_download_error"}]}""", InpaintErrorId.ImageNotFound, "Failed to download"),
        Final(Gateway, 422, """{"detail":"Could not load LoRA weights"}""", InpaintErrorId.JobFailed, "Could not load LoRA weights"),
        Final(Gateway, 200, $$"""{"prompt":"{{LongPrompt}}","images":[],"error":"The prompt was moderated"}""", InpaintErrorId.JobFailed, "The prompt was moderated"),
        Final(Gateway, 200, """{"images":[],"error":{"message":"moderated"}}""", InpaintErrorId.JobFailed, "moderated"),
        Final(Gateway, 500, """{"error":{"message":"bad response status code 422","type":"upstream_error","param":"422","code":"bad_response_status_code"}}""", InpaintErrorId.JobFailed, "422"),
        Final(Gateway, 200, """{"status":"FAILED","fail_reason":"too dark"}""", InpaintErrorId.JobFailed, "too dark"),
        Final(ModelsLab, 200, """{"status":"failed","id":"","message":"Failed, Try Again","output":""}""", InpaintErrorId.JobFailed, "Failed, Try Again"),
        Final(ModelsLab, 200, """{"status":"error","message":"The job broke","errors":{"prompt":["too long"]}}""", InpaintErrorId.JobFailed, "too long"),

        // What concerns the key or the account: the wait ends at once, and the job is left.
        Left(Fal, WireOperation.Result, 401, """{"detail":"invalid key credentials"}""", InpaintErrorId.AuthenticationFailed),
        Left(Fal, WireOperation.Result, 403, """{"detail":"User is locked. Reason: Admin lock."}""", InpaintErrorId.AccountLocked),
        Left(Fal, WireOperation.Status, 403, """{"detail":"User is locked. Reason: Exhausted balance."}""", InpaintErrorId.QuotaExceeded),
        Left(Gateway, WireOperation.Result, 401, """{"error":{"message":"该令牌额度已用尽 (request id: 1)","type":"new_api_error","code":""}}""", InpaintErrorId.QuotaExceeded),
        Left(Gateway, WireOperation.Result, 401, """{"error":{"message":"无效的令牌","type":"new_api_error","code":""}}""", InpaintErrorId.AuthenticationFailed),
        Left(ModelsLab, WireOperation.Status, 200, """{"status":"error","message":"Insufficient credits. Please add more credits to continue."}""", InpaintErrorId.QuotaExceeded),
        Left(ModelsLab, WireOperation.Status, 200, """{"status":"error","message":"Invalid API key"}""", InpaintErrorId.AuthenticationFailed),

        // What concerns the file: the job is left.
        Left(Fal, WireOperation.Download, 403, """{"detail":"Access denied"}""", InpaintErrorId.ResultAccessDenied, "inside the response"),
        Left(Fal, WireOperation.Download, 401, "", InpaintErrorId.ResultAccessDenied, "inside the response"),
        Left(Fal, WireOperation.Download, 404, "", InpaintErrorId.ResultExpired, "deny access to it"),
        Left(Fal, WireOperation.Download, 200, "<html>log in</html>", InpaintErrorId.ResponseInvalid),
        Left(ModelsLab, WireOperation.Download, 403, "", InpaintErrorId.ResultAccessDenied, "inside the response"),
    ];

    /// <summary>What would pay for another job.</summary>
    private static readonly string[] Reruns = ["line again", "anew", "once more"];

    private readonly EmulatorServer server;
    private readonly TemporaryFolder folder = new();

    public FieldCaseTests(ProviderTableFixture fixture)
    {
        server = fixture.Server;
        server.State.Reset();
        server.State.ModelsLab.DuplicateWindow = TimeSpan.Zero;
        server.State.Jobs.DefaultScript = JobScript.Reads(queued: 1, running: 1);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private EmulatorState State => server.State;

    public static TheoryData<int, string> All => [.. Cases.Select((c, index) => (index, c.ToString()))];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_response_from_the_field_does_what_it_means(int index, string name)
    {
        Case met = Cases[index];
        using InpaintEngine engine = Start();
        if (met.Times > 0)
        {
            State.Faults.Enqueue(met.Operation, Enumerable.Repeat(met.Fault, met.Times).ToArray());
        }
        else
        {
            State.Faults.Always(met.Operation, met.Fault);
        }

        InpaintException? failure = null;
        try
        {
            await SaveAsync(engine, await engine.RunAsync(engine.Plan(Request(met.Provider)), cancellationToken: Cancellation));
        }
        catch (InpaintException e)
        {
            failure = e;
        }

        Assert.True(met.Expected == failure?.ErrorId, $"{name}: {failure?.ErrorId}, {failure?.Message}");
        Assert.Equal(1, State.PaidJobs);
        if (failure is null)
        {
            return;
        }

        Assert.All(met.Words, word => Assert.Contains(word, met.EndedWithoutResult ? failure.Message : failure.RecommendedAction, StringComparison.Ordinal));
        Assert.All(Reruns, word => Assert.DoesNotContain(word, failure.RecommendedAction, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(met.EndedWithoutResult, failure.Job!.EndedWithoutResult);
        Assert.Equal(!met.EndedWithoutResult, failure.RecommendedAction.Contains("is paid for: collect its result.", StringComparison.Ordinal));

        State.Faults.Clear();
        using InpaintEngine next = Start();
        InpaintJob[] listed = [.. next.ListJobs()];
        Assert.Equal(met.EndedWithoutResult ? 0 : 1, listed.Length);
        foreach (InpaintJob job in listed)
        {
            await SaveAsync(next, (await next.ReceiveAsync(job, cancellationToken: Cancellation))!);
        }

        Assert.Equal(1, State.PaidJobs);
    }

    [Theory]
    [InlineData(Gateway, 400, """{"error":{"message":"bad response status code 400 (request id: 1)","type":"upstream_error","param":"400","code":"bad_response_status_code"}}""", InpaintErrorId.InvalidParameter)]
    [InlineData(Gateway, 503, """{"error":{"message":"","type":"upstream_error","param":"422","code":"bad_response_status_code"}}""", InpaintErrorId.InvalidParameter)]
    [InlineData(Gateway, 422, """{"error":{"message":"","type":"upstream_error","code":"bad_response_status_code"}}""", InpaintErrorId.InvalidParameter)]
    [InlineData(Gateway, 503, """{"error":{"message":"no","type":"new_api_error","code":"model_not_found"}}""", InpaintErrorId.InvalidParameter)]
    [InlineData(Fal, 404, """{"detail":"Path /inpaintin not found"}""", InpaintErrorId.InvalidParameter)]
    [InlineData(ModelsLab, 200, """{"status":"error","message":"Your monthly limit exceeded, upgrade subscription now on https://example.com/pricing"}""", InpaintErrorId.QuotaExceeded)]
    [InlineData(ModelsLab, 200, """{"status":"error","message":"Your subscription has expired, please renew"}""", InpaintErrorId.QuotaExceeded)]
    [InlineData(ModelsLab, 403, """{"status":"error","message":"You have exhausted your free trial"}""", InpaintErrorId.QuotaExceeded)]
    [InlineData(ModelsLab, 200, """{"status":"error","message":"You don't have an active subscription or enough wallet balance"}""", InpaintErrorId.QuotaExceeded)]
    [InlineData(ModelsLab, 200, """{"status":"error","messege":"You are out of credits"}""", InpaintErrorId.QuotaExceeded)]
    [InlineData(ModelsLab, 200, """{"status":"error","message":"This feature requires a premium subscription"}""", InpaintErrorId.AccountLocked)]
    [InlineData(ModelsLab, 200, """{"status":"error","message":"Rate limit exceeded. Maximum 5 queued requests allowed."}""", InpaintErrorId.RateLimited)]
    [InlineData(ModelsLab, 200, """{"status":"error","message":"width must be between 256 and 1024"}""", InpaintErrorId.InvalidParameter)]
    public async Task A_refused_submit_is_named_and_made_once(string provider, int status, string body, InpaintErrorId expected)
    {
        using InpaintEngine engine = Start();
        State.Faults.Always(WireOperation.Submit, Fault.Respond(status, body));
        InpaintException e = await Assert.ThrowsAsync<InpaintException>(() => engine.RunAsync(engine.Plan(Request(provider)), cancellationToken: Cancellation));

        Assert.True(expected == e.ErrorId, $"{e.ErrorId}: {e.Message}");
        Assert.Null(e.Job);
        Assert.Equal(expected == InpaintErrorId.RateLimited, e.IsTransient);
        Assert.Equal((0, 1), (State.PaidJobs, State.Requests.Count(WireOperation.Submit)));
        Assert.Equal(body.Contains("Path", StringComparison.Ordinal) || body.Contains("model_not", StringComparison.Ordinal), e.Message.Contains("no model 'fal-ai/flux-lora/inpainting'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Flags_stay_with_their_pictures_where_one_of_the_list_is_missing()
    {
        using InpaintEngine engine = Start();
        State.Faults.Always(WireOperation.Result, Fault.Respond(200, """{"images":[{"url":"https://cdn.example/0.png"},null,{"url":"https://cdn.example/2.png"}],"nsfw_content_detected":[false,null,true]}"""));
        InpaintResult result = await engine.RunAsync(engine.Plan(Request(Fal)), cancellationToken: Cancellation);

        Assert.Equal([("https://cdn.example/0.png", false), ("https://cdn.example/2.png", true)], result.Images.Select(image => (image.Url, image.IsFlagged)));
    }

    [Fact]
    public async Task ModelsLabs_flags_stay_with_their_pictures_too()
    {
        using InpaintEngine engine = Start();
        State.Faults.Always(WireOperation.Status, Fault.Respond(200, """{"status":"success","id":1,"output":["https://cdn.example/0.png","","https://cdn.example/2.png"],"has_nsfw_concepts":[false,true,true]}"""));
        InpaintResult result = await engine.RunAsync(engine.Plan(Request(ModelsLab)), cancellationToken: Cancellation);

        Assert.Equal([("https://cdn.example/0.png", false), ("https://cdn.example/2.png", true)], result.Images.Select(image => (image.Url, image.IsFlagged)));
    }

    [Fact]
    public async Task A_base_URL_of_another_version_works_with_the_upload_of_the_documented_one()
    {
        using InpaintEngine engine = Start();
        Set(engine, ModelsLab, new Uri(server.ModelsLabUri.AbsoluteUri.Replace("/v6", "/v7", StringComparison.Ordinal)), "test-key");
        await SaveAsync(engine, await engine.RunAsync(engine.Plan(Request(ModelsLab)), cancellationToken: Cancellation));

        Assert.Contains(State.Requests.All, request => request.Operation == WireOperation.Submit && request.Path.Contains("/api/v7/images/inpaint", StringComparison.Ordinal));
        Assert.Contains(State.Requests.All, request => request.Operation == WireOperation.UploadPut && request.Path.Contains("/api/v6/base64_to_url", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_base_URL_that_is_none_is_refused_by_name()
    {
        using InpaintEngine engine = Start();
        Set(engine, ModelsLab, new Uri(server.ModelsLabUri.AbsoluteUri.Replace("/v6", "/v9", StringComparison.Ordinal)), "test-key");
        InpaintException e = await Assert.ThrowsAsync<InpaintException>(() => engine.RunAsync(engine.Plan(Request(ModelsLab)), cancellationToken: Cancellation));

        Assert.Equal(InpaintErrorId.InvalidParameter, e.ErrorId);
        Assert.Contains("/api/v9", e.Message, StringComparison.Ordinal);
        Assert.Contains("Set another BaseUri", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, State.PaidJobs);
    }

    [Fact]
    public async Task Who_may_read_the_files_is_said_to_fal()
    {
        using InpaintEngine engine = Start();
        await engine.StartAsync(
            engine.Plan(Request(Fal) with { Options = new Dictionary<string, object> { ["OutputAccess"] = "Allow", ["OutputLifetimeSec"] = 3600, ["UploadPictures"] = true } }),
            cancellationToken: Cancellation);

        Assert.Equal("""{"expiration_duration_seconds":3600,"initial_acl":{"default":"allow"}}""", State.Requests.Of(WireOperation.Submit)[0].Headers["X-Fal-Object-Lifecycle-Preference"]);
        Assert.Equal(2, State.Requests.Count(WireOperation.UploadPut));
    }

    [Fact]
    public async Task Thirty_jobs_come_through_a_service_that_has_little_room()
    {
        // Eight of nine submits are turned away.
        using InpaintEngine engine = Start(new Time.HurriedTimeProvider(showsPauses: true));
        int submits = 0;
        State.Faults.When(request => request.Operation == WireOperation.Submit, _ => Interlocked.Increment(ref submits) % 9 == 0 ? Fault.Pass : Fault.TooManyRequests(TimeSpan.FromSeconds(2)));
        InpaintResult[] results = await Task.WhenAll(Enumerable.Range(0, 30).Select(seed => engine.RunAsync(engine.Plan(Request(Fal) with { Seed = seed }), cancellationToken: Cancellation)));

        Assert.Equal(30, results.Select(result => result.Job.Id).Distinct().Count());
        Assert.Equal(30, State.PaidJobs);
    }

    private static Case Early(string provider, WireOperation operation, int status, string body, string type = "application/json", string? mark = null, int times = 1) =>
        new(provider, operation, mark is null ? Fault.Respond(status, body, type) : Fault.Respond(status, body, type, null, (mark, "r")), times, Expected: null, EndedWithoutResult: false, [], $"{status} {body}");

    private static Case Final(string provider, int status, string body, InpaintErrorId expected, string words) =>
        new(provider, provider == ModelsLab ? WireOperation.Status : WireOperation.Result, Fault.Respond(status, body, "application/json", null, ("x-fal-request-id", "r")), 0, expected, EndedWithoutResult: true, [words], $"{status} {body}");

    private static Case Left(string provider, WireOperation operation, int status, string body, InpaintErrorId expected, params string[] words) =>
        new(provider, operation, Fault.Respond(status, body, body.StartsWith('<') ? "text/html" : "application/json"), 0, expected, EndedWithoutResult: false, words, $"{status} {body}");

    private static InpaintRequest Request(string provider) => new()
    {
        Provider = provider,
        Prompt = "an empty bench",
        Image = FalClientTest.Picture(256, 256),
        Mask = FalClientTest.Mask(256, 256),
    };

    private static void Set(InpaintEngine engine, string name, Uri address, string key) => engine.Providers.Set(new ProviderSettings { Name = name, BaseUri = address, ApiKey = FalClientTest.Secure(key) });

    private async Task SaveAsync(InpaintEngine engine, InpaintResult result)
    {
        SavedImage saved = await engine.SaveAsync(Assert.Single(result.Images), new SaveOptions { Folder = folder.At("out") }, Cancellation);
        Assert.True(File.Exists(saved.Path));
    }

    private InpaintEngine Start(TimeProvider? time = null)
    {
        // The status is asked for: a stream that fails is no news to anybody.
        ProviderDescriptor[] kinds =
        [
            FalClient.Descriptor with { Capabilities = [.. FalCapabilities.All.Select(c => c with { StreamsStatus = false })], ForModel = null, Create = services => new FalClient(services, time is null ? FalClientTest.Quick : null) },
            FalGatewayClient.Descriptor with { Create = services => new FalGatewayClient(services, FalClientTest.Quick) },
            ModelsLabClient.Descriptor with { Create = services => new ModelsLabClient(services, FalClientTest.Quick, new ModelsLabSubmitOptions { ResubmitPause = TimeSpan.Zero }) },
            LocalClient.Descriptor,
        ];
        WatchSchedule schedule = new()
        {
            MinInterval = TimeSpan.FromMilliseconds(1),
            MaxInterval = TimeSpan.FromMilliseconds(20),
            PollsPerSecond = 1000,
            FailureTimeout = TimeSpan.FromMilliseconds(20),
            QueryFailureTimeout = TimeSpan.FromMilliseconds(2),
            CapacityTimeout = time is null ? TimeSpan.Zero : TimeSpan.FromHours(1),
        };
        InpaintEngine engine = new(new InpaintEngineOptions { StateFolder = folder.At("state"), TimeProvider = time ?? TimeProvider.System, Environment = _ => null }, schedule, kinds);
        engine.Providers.Set(new ProviderSettings { Name = Fal, BaseUri = server.QueueUri, Endpoints = server.FalEndpoints, ApiKey = FalClientTest.Secure("test-id:test-secret") });
        Set(engine, Gateway, server.GatewayUri, "test-token");
        Set(engine, ModelsLab, server.ModelsLabUri, "test-key");
        return engine;
    }

    private sealed record Case(string Provider, WireOperation Operation, Fault Fault, int Times, InpaintErrorId? Expected, bool EndedWithoutResult, string[] Words, string Answer)
    {
        public override string ToString() => $"{Provider} {Operation}: {(Answer.Length <= 90 ? Answer : Answer[..90] + "…")}";
    }
}
