using Inpaint.Emulator;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Inpaint.Engine;
using Inpaint.Jobs;
using Inpaint.Journal;
using Inpaint.Providers;
using Inpaint.Providers.Fal;
using Inpaint.Providers.FalGateway;
using Inpaint.Providers.ModelsLab;
using Inpaint.Tests.Providers.Fal;
using Xunit;

namespace Inpaint.Tests.Providers;

/// <summary>Every failure that a service can report, as each of them reports it, over real HTTP and through the engine.</summary>
public sealed class ProviderErrorTableTests : IClassFixture<ProviderTableFixture>, IDisposable
{
    /// <summary>What a service's answer can come to. The rest of the vocabulary is found here, before anything is sent or while files are written.</summary>
    private static readonly InpaintErrorId[] FromServices =
    [
        InpaintErrorId.AuthenticationFailed, InpaintErrorId.AccountLocked, InpaintErrorId.QuotaExceeded, InpaintErrorId.RateLimited, InpaintErrorId.InvalidParameter,
        InpaintErrorId.ContentPolicyViolation, InpaintErrorId.ImageNotFound, InpaintErrorId.ImageUnsupported, InpaintErrorId.ImageTooLarge, InpaintErrorId.ProviderUnavailable,
        InpaintErrorId.SubmissionUncertain, InpaintErrorId.ResponseInvalid, InpaintErrorId.JobNotFound, InpaintErrorId.JobFailed, InpaintErrorId.JobCancelled, InpaintErrorId.ResultExpired,
    ];

    /// <summary>What a service does not report, and why.</summary>
    private static readonly Dictionary<(string, InpaintErrorId), string> Never = new()
    {
        [("ModelsLab", InpaintErrorId.ImageUnsupported)] = "It documents no such message; the format is looked at before the upload.",
        [("ModelsLab", InpaintErrorId.JobCancelled)] = "It has no cancelling.",
        [("ModelsLab", InpaintErrorId.ResultExpired)] = "It says that it does not know the id.",
    };

    private static readonly Row[] Rows =
    [
        new("Fal", InpaintErrorId.AuthenticationFailed, "wrong key", WireOperation.Submit, Fault.Respond(401, """{"detail":"invalid key credentials"}""")),
        new("Fal", InpaintErrorId.AccountLocked, "locked", WireOperation.Submit, Fault.Respond(403, """{"detail":"User is locked. Reason: Admin lock."}""")),
        new("Fal", InpaintErrorId.QuotaExceeded, "no balance", WireOperation.Submit, Fault.Respond(403, """{"detail":"User is locked. Reason: Exhausted balance. Top up."}""")),
        new("Fal", InpaintErrorId.RateLimited, "too many", WireOperation.Submit, Fault.TooManyRequests()),
        new("Fal", InpaintErrorId.InvalidParameter, "input check", WireOperation.Submit, FalDetail(422, "less_than_equal")),
        new("Fal", InpaintErrorId.ContentPolicyViolation, "content", WireOperation.Result, FalDetail(422, "content_policy_violation")),
        new("Fal", InpaintErrorId.ImageNotFound, "picture not found", WireOperation.Result, FalDetail(422, "file_download_error")),
        new("Fal", InpaintErrorId.ImageUnsupported, "picture not read", WireOperation.Result, FalDetail(422, "image_load_error")),
        new("Fal", InpaintErrorId.ImageTooLarge, "picture too large", WireOperation.Result, FalDetail(422, "image_too_large")),
        new("Fal", InpaintErrorId.ProviderUnavailable, "busy", WireOperation.Submit, Fault.Html(503)),
        new("Fal", InpaintErrorId.ProviderUnavailable, "status fails", WireOperation.Status, Fault.Html(502)),
        new("Fal", InpaintErrorId.SubmissionUncertain, "reset", WireOperation.Submit, Fault.ResetAfterAccept()),
        new("Fal", InpaintErrorId.SubmissionUncertain, "page", WireOperation.Submit, Fault.Html(504)),
        new("Fal", InpaintErrorId.ResponseInvalid, "half an answer", WireOperation.Status, Fault.MalformedBody()),
        new("Fal", InpaintErrorId.JobNotFound, "unknown id", WireOperation.Status, Fault.Expired()),
        new("Fal", InpaintErrorId.JobFailed, "model fails", WireOperation.Result, FalDetail(500, "internal_server_error")),
        new("Fal", InpaintErrorId.JobFailed, "runner fails", WireOperation.Result, Fault.Respond(503, """{"detail":"gone","error_type":"runner_disconnected"}""")),
        new("Fal", InpaintErrorId.JobCancelled, "cancelled", WireOperation.Result, Fault.Respond(499, """{"detail":"cancelled","error_type":"client_cancelled"}""")),
        new("Fal", InpaintErrorId.ResultExpired, "expired", WireOperation.Result, Fault.Expired()),

        new("FalGateway", InpaintErrorId.AuthenticationFailed, "wrong token", WireOperation.Submit, GatewayError(401, "无效的令牌", null)),
        new("FalGateway", InpaintErrorId.AuthenticationFailed, "denied by code", WireOperation.Submit, GatewayError(403, "no", "access_denied")),
        new("FalGateway", InpaintErrorId.AccountLocked, "forbidden", WireOperation.Submit, GatewayError(403, "no", null)),
        new("FalGateway", InpaintErrorId.QuotaExceeded, "quota as 403", WireOperation.Submit, GatewayError(403, "no", "insufficient_user_quota")),
        new("FalGateway", InpaintErrorId.QuotaExceeded, "quota as 429", WireOperation.Submit, GatewayError(429, "no", "pre_consume_token_quota_failed")),
        new("FalGateway", InpaintErrorId.RateLimited, "saturated", WireOperation.Submit, GatewayError(429, "当前分组上游负载已饱和", null)),
        new("FalGateway", InpaintErrorId.InvalidParameter, "no such model", WireOperation.Submit, GatewayError(503, "no", "model_not_found")),
        new("FalGateway", InpaintErrorId.ContentPolicyViolation, "words", WireOperation.Submit, GatewayError(500, "no", "sensitive_words_detected")),
        new("FalGateway", InpaintErrorId.ContentPolicyViolation, "fal's word passed on", WireOperation.Result, FalDetail(422, "content_policy_violation")),
        new("FalGateway", InpaintErrorId.ImageNotFound, "picture not found", WireOperation.Result, FalDetail(422, "file_download_error")),
        new("FalGateway", InpaintErrorId.ImageUnsupported, "picture not read", WireOperation.Result, FalDetail(422, "image_load_error")),
        new("FalGateway", InpaintErrorId.ImageTooLarge, "body too large", WireOperation.Submit, Fault.Html(413)),
        new("FalGateway", InpaintErrorId.ProviderUnavailable, "no channel", WireOperation.Submit, GatewayError(503, "no", "get_channel_failed")),
        new("FalGateway", InpaintErrorId.ProviderUnavailable, "upstream", WireOperation.Result, Fault.Respond(502, """{"error":{"message":"","type":"shell_api_error","param":"502","code":"bad_response_status_code"}}""")),
        new("FalGateway", InpaintErrorId.SubmissionUncertain, "reset", WireOperation.Submit, Fault.ResetAfterAccept()),
        new("FalGateway", InpaintErrorId.ResponseInvalid, "half an answer", WireOperation.Result, Fault.MalformedBody()),
        new("FalGateway", InpaintErrorId.JobNotFound, "unknown id", WireOperation.Result, GatewayError(404, "no", "task_not_exist")),
        new("FalGateway", InpaintErrorId.JobFailed, "model fails", WireOperation.Result, FalDetail(500, "internal_server_error")),
        new("FalGateway", InpaintErrorId.JobCancelled, "cancelled", WireOperation.Result, Fault.Respond(499, """{"detail":"cancelled","error_type":"client_cancelled"}""")),
        new("FalGateway", InpaintErrorId.ResultExpired, "gone", WireOperation.Result, Fault.Respond(410, """{"detail":"gone"}""")),

        new("ModelsLab", InpaintErrorId.AuthenticationFailed, "wrong key, as success", WireOperation.Submit, Says("error", "Invalid API key")),
        new("ModelsLab", InpaintErrorId.AuthenticationFailed, "wrong key", WireOperation.Submit, Says("error", "API key required", 401)),
        new("ModelsLab", InpaintErrorId.AccountLocked, "plan", WireOperation.Submit, Says("error", "This feature requires a premium subscription")),
        new("ModelsLab", InpaintErrorId.QuotaExceeded, "credits", WireOperation.Submit, Says("error", "Insufficient credits. Please recharge.")),
        new("ModelsLab", InpaintErrorId.QuotaExceeded, "credits by status", WireOperation.Submit, Says("error", "no", 402)),
        new("ModelsLab", InpaintErrorId.RateLimited, "queue full", WireOperation.Submit, Says("error", "Rate limit exceeded. Maximum 5 queued requests allowed.", 429)),
        new("ModelsLab", InpaintErrorId.InvalidParameter, "size", WireOperation.Submit, Says("error", "height must be divisible by 8")),
        new("ModelsLab", InpaintErrorId.InvalidParameter, "message is an object", WireOperation.Submit, Fault.Respond(200, """{"status":"error","messege":{"prompt":["The prompt field is required."]}}""")),
        new("ModelsLab", InpaintErrorId.ContentPolicyViolation, "content", WireOperation.Submit, Says("error", "NSFW content is not allowed")),
        new("ModelsLab", InpaintErrorId.ImageNotFound, "picture not found", WireOperation.Submit, Says("error", "Unable to fetch image from provided URL", 400)),
        new("ModelsLab", InpaintErrorId.ImageTooLarge, "body too large", WireOperation.Submit, Fault.Html(413)),
        new("ModelsLab", InpaintErrorId.ProviderUnavailable, "down", WireOperation.Submit, Says("error", "The service is temporarily unavailable", 503)),
        new("ModelsLab", InpaintErrorId.ProviderUnavailable, "fetch fails", WireOperation.Status, Fault.Html(502)),
        new("ModelsLab", InpaintErrorId.SubmissionUncertain, "reset", WireOperation.Submit, Fault.ResetAfterAccept()),
        new("ModelsLab", InpaintErrorId.ResponseInvalid, "half an answer", WireOperation.Status, Fault.MalformedBody()),
        new("ModelsLab", InpaintErrorId.JobNotFound, "unknown id", WireOperation.Status, Says("error", "Invalid request id", 404)),
        new("ModelsLab", InpaintErrorId.JobFailed, "failed", WireOperation.Status, Fault.Respond(200, """{"status":"failed","id":"","message":"Failed, Try Again","output":""}""")),
    ];

    private readonly EmulatorServer server;
    private readonly string folder = Directory.CreateTempSubdirectory("inpaint-errors-").FullName;
    private readonly InpaintEngine engine;

    public ProviderErrorTableTests(ProviderTableFixture fixture)
    {
        server = fixture.Server;
        server.State.Reset();
        ProviderDescriptor[] kinds =
        [
            FalClient.Descriptor with { Create = services => new FalClient(services, FalClientTest.Quick) },
            FalGatewayClient.Descriptor with { Create = services => new FalGatewayClient(services, FalClientTest.Quick) },
            ModelsLabClient.Descriptor with { Create = services => new ModelsLabClient(services, FalClientTest.Quick, new ModelsLabSubmitOptions { ResubmitPause = TimeSpan.Zero }) },
        ];
        engine = new InpaintEngine(new InpaintEngineOptions { StateFolder = folder, Environment = _ => null }, new WatchSchedule { MinInterval = TimeSpan.FromMilliseconds(1), QueryFailureTimeout = TimeSpan.FromMilliseconds(1), CapacityTimeout = TimeSpan.Zero }, kinds);
        engine.Providers.Set(new ProviderSettings { Name = "Mine-Fal", Kind = "Fal", BaseUri = server.QueueUri, ApiKey = FalClientTest.Secure("test-id:test-secret") });
        engine.Providers.Set(new ProviderSettings { Name = "Mine-FalGateway", Kind = "FalGateway", BaseUri = server.GatewayUri, ApiKey = FalClientTest.Secure("test-token") });
        engine.Providers.Set(new ProviderSettings { Name = "Mine-ModelsLab", Kind = "ModelsLab", BaseUri = server.ModelsLabUri, ApiKey = FalClientTest.Secure("test-key") });
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<int, string> Failures => [.. Rows.Select((row, index) => (index, $"{row.Kind} {row.Operation}: {row.Name}"))];

    public static TheoryData<string, InpaintErrorId> Classes =>
        [.. new[] { "Fal", "FalGateway", "ModelsLab" }.SelectMany(kind => FromServices.Select(id => (kind, id)))];

    public void Dispose()
    {
        engine.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_failure_is_what_it_means(int index, string name)
    {
        Row row = Rows[index];
        InpaintErrorId? found = row.Operation == WireOperation.Submit ? await SubmitAsync(row) : await LookAsync(row);

        Assert.True(row.Expected == found, $"{name}: {found}");
        Assert.Empty(server.State.KeyLeaks);
        Assert.InRange(server.State.PaidJobs, 0, 1);
    }

    [Theory]
    [MemberData(nameof(Classes))]
    public void Every_class_has_a_row_for_every_provider_or_a_reason(string kind, InpaintErrorId errorId) =>
        Assert.NotEqual(Never.ContainsKey((kind, errorId)), Rows.Any(row => row.Kind == kind && row.Expected == errorId));

    private static Fault FalDetail(int status, string type) =>
        Fault.Respond(status, $$"""{"detail":[{"loc":["body","x"],"msg":"The service's own words","type":"{{type}}"}]}""", "application/json", null, ("x-fal-request-id", "r"));

    private static Fault GatewayError(int status, string message, string? code) =>
        Fault.Respond(status, $$$"""{"error":{"message":"{{{message}}}","type":"new_api_error","code":{{{(code is null ? "null" : $"\"{code}\"")}}}}}""");

    private static Fault Says(string status, string message, int http = 200) => Fault.Respond(http, $$"""{"status":"{{status}}","message":"{{message}}"}""");

    private async Task<InpaintErrorId> SubmitAsync(Row row)
    {
        using IDisposable rule = server.State.Faults.Always(WireOperation.Submit, row.Fault);
        InpaintException failure = await Assert.ThrowsAsync<InpaintException>(() => engine.StartAsync(engine.Plan(Request(row.Kind)), cancellationToken: Cancellation));
        Assert.NotEmpty(failure.RecommendedAction);
        Assert.Equal(row.Expected == InpaintErrorId.SubmissionUncertain ? 1 : 0, engine.ListJobs(all: true).Count());
        return failure.ErrorId;
    }

    /// <summary>What is said about a job: as a failure to ask, or as the job's own end.</summary>
    private async Task<InpaintErrorId?> LookAsync(Row row)
    {
        server.State.Jobs.Enqueue(row.Kind == "Fal" && row.Operation == WireOperation.Result ? JobScript.Immediate : JobScript.HeldInProgress());
        InpaintJob job = await engine.StartAsync(engine.Plan(Request(row.Kind)), cancellationToken: Cancellation);
        using IDisposable rule = server.State.Faults.Always(row.Operation, row.Fault);
        try
        {
            return (await engine.GetStatusAsync(job, cancellationToken: Cancellation)).ErrorId;
        }
        catch (InpaintException e)
        {
            return e.ErrorId;
        }
    }

    private static InpaintRequest Request(string kind) => new() { Provider = $"Mine-{kind}", Operation = InpaintOperation.TextToImage, Prompt = "an empty bench", Size = ImageSize.FromPixels(256, 256) };

    private sealed record Row(string Kind, InpaintErrorId Expected, string Name, WireOperation Operation, Fault Fault);
}
