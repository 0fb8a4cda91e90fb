using Inpaint.Emulator.Control;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Inpaint.Providers;
using Inpaint.Providers.Shared.FalProtocol;
using Xunit;

namespace Inpaint.Tests.Providers.Fal;

/// <summary>Every error that fal documents, in the module's vocabulary, over real HTTP.</summary>
public sealed class FalErrorTests : FalClientTest
{
    // A model's own errors, as the result replays them: type, status, further members, failure, whether a new job may succeed.
    [Theory]
    [InlineData("internal_server_error", 500, "", InpaintErrorId.JobFailed, true)]
    [InlineData("downstream_service_unavailable", 500, "", InpaintErrorId.JobFailed, true)]
    [InlineData("downstream_service_error", 400, "", InpaintErrorId.JobFailed, false)]
    [InlineData("downstream_service_error", 504, "", InpaintErrorId.JobFailed, false)]
    [InlineData("generation_timeout", 504, "", InpaintErrorId.JobFailed, true)]
    [InlineData("content_policy_violation", 422, "", InpaintErrorId.ContentPolicyViolation, false)]
    [InlineData("no_media_generated", 422, "", InpaintErrorId.JobFailed, false)]
    [InlineData("image_load_error", 422, "", InpaintErrorId.ImageUnsupported, false)]
    [InlineData("file_download_error", 422, "", InpaintErrorId.ImageNotFound, false)]
    [InlineData("face_detection_error", 422, "", InpaintErrorId.JobFailed, false)]
    [InlineData("feature_not_supported", 422, "", InpaintErrorId.InvalidParameter, false)]
    [InlineData("image_too_small", 422, """{"min_height":256,"min_width":256}""", InpaintErrorId.ImageUnsupported, false)]
    [InlineData("image_too_large", 422, """{"max_height":4096,"max_width":4096}""", InpaintErrorId.ImageTooLarge, false)]
    [InlineData("file_too_large", 422, """{"max_size":52428800}""", InpaintErrorId.ImageTooLarge, false)]
    [InlineData("unsupported_image_format", 422, """{"supported_formats":["png","jpeg"]}""", InpaintErrorId.ImageUnsupported, false)]
    [InlineData("unsupported_audio_format", 422, "", InpaintErrorId.InvalidParameter, false)]
    [InlineData("unsupported_video_format", 422, "", InpaintErrorId.InvalidParameter, false)]
    [InlineData("greater_than", 422, """{"gt":0}""", InpaintErrorId.InvalidParameter, false)]
    [InlineData("greater_than_equal", 422, """{"ge":1}""", InpaintErrorId.InvalidParameter, false)]
    [InlineData("less_than", 422, """{"lt":5}""", InpaintErrorId.InvalidParameter, false)]
    [InlineData("less_than_equal", 422, """{"le":4}""", InpaintErrorId.InvalidParameter, false)]
    [InlineData("multiple_of", 422, """{"multiple_of":8}""", InpaintErrorId.InvalidParameter, false)]
    [InlineData("sequence_too_short", 422, """{"min_length":1}""", InpaintErrorId.InvalidParameter, false)]
    [InlineData("sequence_too_long", 422, """{"max_length":3}""", InpaintErrorId.InvalidParameter, false)]
    [InlineData("one_of", 422, """{"expected":["jpeg","png"]}""", InpaintErrorId.InvalidParameter, false)]
    [InlineData("image_aspect_ratio_error", 422, "", InpaintErrorId.ImageUnsupported, false)]
    [InlineData("invalid_archive", 422, "", InpaintErrorId.InvalidParameter, false)]
    [InlineData("archive_file_count_exceeds_maximum", 422, "", InpaintErrorId.InvalidParameter, false)]
    [InlineData("video_duration_too_long", 422, "", InpaintErrorId.InvalidParameter, false)]
    [InlineData("value_error.missing", 422, "", InpaintErrorId.InvalidParameter, false)]
    [InlineData("a_type_of_tomorrow", 422, "", InpaintErrorId.InvalidParameter, false)]
    [InlineData("a_type_of_tomorrow", 500, "", InpaintErrorId.JobFailed, true)]
    public async Task A_models_error_is_named(string type, int status, string ctx, InpaintErrorId expected, bool mayPass)
    {
        string context = ctx.Length == 0 ? "" : "\"ctx\":" + ctx + ",";
        string entry = $$"""{"detail":[{"loc":["body","loras",0,"path"],"msg":"What went wrong.","type":"{{type}}",{{context}}"url":"https://docs.example","input":{} }]}""";
        InpaintException e = await ResultFailsAsync(expected, Answer.Text(status, entry, "application/json"));
        Assert.Equal((type, (int?)status, mayPass), (e.ProviderErrorType, e.HttpStatus, e.Message.Contains("as transient", StringComparison.Ordinal)));
        Assert.Equal((true, mayPass), (e.IsVerdict, e.IsTransient));
        Assert.Contains("loras[0].path: What went wrong (" + type, e.Message, StringComparison.Ordinal);
        Assert.Contains($"Request {State.Jobs.Last.Id}.", e.Message, StringComparison.Ordinal);
        Assert.Equal(State.Jobs.Last.Id, e.RequestId);
        Assert.NotNull(e.ResponseBody);
        Assert.Equal(1, State.Requests.Count(WireOperation.Result));
        if (ctx.StartsWith("""{"min_h""", StringComparison.Ordinal))
        {
            Assert.Contains("min_height 256, min_width 256", e.Message, StringComparison.Ordinal);
        }
    }

    // The platform's errors, told by the completed status and replayed by the result.
    [Theory]
    [InlineData("request_timeout", 504, InpaintErrorId.JobFailed, InpaintJobState.Failed, true)]
    [InlineData("startup_timeout", 504, InpaintErrorId.JobFailed, InpaintJobState.Failed, true)]
    [InlineData("runner_scheduling_failure", 503, InpaintErrorId.JobFailed, InpaintJobState.Failed, true)]
    [InlineData("runner_connection_timeout", 503, InpaintErrorId.JobFailed, InpaintJobState.Failed, true)]
    [InlineData("runner_disconnected", 503, InpaintErrorId.JobFailed, InpaintJobState.Failed, true)]
    [InlineData("runner_connection_refused", 503, InpaintErrorId.JobFailed, InpaintJobState.Failed, true)]
    [InlineData("runner_connection_error", 503, InpaintErrorId.JobFailed, InpaintJobState.Failed, true)]
    [InlineData("runner_incomplete_response", 502, InpaintErrorId.JobFailed, InpaintJobState.Failed, true)]
    [InlineData("runner_server_error", 500, InpaintErrorId.JobFailed, InpaintJobState.Failed, true)]
    [InlineData("internal_error", 500, InpaintErrorId.JobFailed, InpaintJobState.Failed, true)]
    [InlineData("client_disconnected", 499, InpaintErrorId.JobCancelled, InpaintJobState.Cancelled, false)]
    [InlineData("client_cancelled", 499, InpaintErrorId.JobCancelled, InpaintJobState.Cancelled, false)]
    [InlineData("bad_request", 400, InpaintErrorId.InvalidParameter, InpaintJobState.Failed, false)]
    [InlineData("error_of_tomorrow", 500, InpaintErrorId.JobFailed, InpaintJobState.Failed, true)]
    public async Task The_platforms_error_is_told_by_status_and_result(string type, int status, InpaintErrorId expected, InpaintJobState state, bool mayPass)
    {
        State.Jobs.Enqueue(JobScript.Immediate with { Error = "It went wrong", ErrorType = type });
        InpaintJob job = await StartAsync();
        JobUpdate update = await Client.GetStatusAsync(job, includeLog: false, Cancellation);
        Assert.Equal((state, expected, $"It went wrong ({type})", mayPass), (update.State, update.ErrorId, update.Error, update.IsTransient));

        InpaintException e = await FailsAsync(expected, () => Client.GetResultAsync(job, Cancellation));
        Assert.Equal((type, (int?)status, mayPass), (e.ProviderErrorType, e.HttpStatus, e.IsTransient));
        Assert.Contains("It went wrong (" + type + ")", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, State.Requests.Count(WireOperation.Result));
    }

    [Theory]
    [InlineData("Exhausted balance", InpaintErrorId.QuotaExceeded)]
    [InlineData("TOP_UP", InpaintErrorId.QuotaExceeded)]
    [InlineData("Admin lock", InpaintErrorId.AccountLocked)]
    public async Task A_lock_is_named_with_its_reason(string reason, InpaintErrorId expected)
    {
        State.FalLock = reason;
        InpaintException e = await FailsAsync(expected, () => SubmitAsync());
        Assert.Contains($"User is locked. Reason: {reason}", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, State.Requests.Count(WireOperation.Submit));
    }

    [Theory]
    [InlineData(402, "", InpaintErrorId.QuotaExceeded)]
    [InlineData(403, """{"detail":"User is locked. Reason: Admin lock. Top up your balance at fal.ai/dashboard/billing."}""", InpaintErrorId.AccountLocked)]
    [InlineData(403, """{"detail":"User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."}""", InpaintErrorId.QuotaExceeded)]
    [InlineData(403, """{"detail":"Not enough credits"}""", InpaintErrorId.QuotaExceeded)]
    [InlineData(403, """{"detail":"Forbidden"}""", InpaintErrorId.AccountLocked)]
    [InlineData(413, "", InpaintErrorId.ImageTooLarge)]
    [InlineData(400, """{"detail":"Nope"}""", InpaintErrorId.InvalidParameter)]
    [InlineData(422, """{"detail":"A plain text"}""", InpaintErrorId.InvalidParameter)]
    [InlineData(422, """{"detail":[]}""", InpaintErrorId.InvalidParameter)]
    [InlineData(422, """{"detail":[7,"x",null,{"loc":"x","msg":7,"type":null}]}""", InpaintErrorId.InvalidParameter)]
    [InlineData(422, "not json", InpaintErrorId.InvalidParameter)]
    [InlineData(503, "", InpaintErrorId.ProviderUnavailable)]
    public async Task A_refusal_of_a_submit_is_named(int status, string body, InpaintErrorId expected)
    {
        using IDisposable rule = State.Faults.Always(WireOperation.Submit, Fault.Respond(status, body));
        InpaintException e = await FailsAsync(expected, () => SubmitAsync());
        Assert.Equal(status, e.HttpStatus);
        Assert.Contains(status.ToString(System.Globalization.CultureInfo.InvariantCulture), e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Fal-Retryable", "false", false)]
    [InlineData("X-Fal-Retryable", "true", true)]
    [InlineData("X-Fal-Needs-Retry", "0", false)]
    [InlineData("X-Fal-Needs-Retry", "1", true)]
    public async Task Fal_says_whether_a_new_job_may_succeed(string header, string value, bool expected)
    {
        const string body = """{"detail":[{"loc":[],"msg":"x","type":"internal_server_error"}]}""";
        InpaintException e = await ResultFailsAsync(InpaintErrorId.JobFailed, Answer.Text(500, body, "application/json").With(header, value));
        Assert.Equal(expected, e.Message.Contains("as transient", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_start_deadline_of_the_users_own_is_not_tried_again()
    {
        State.Jobs.Enqueue(JobScript.Immediate with { StartsTooLate = true });
        InpaintJob job = await StartAsync(new InpaintRequest { Prompt = "x", StartTimeout = TimeSpan.FromSeconds(5) });
        Assert.Equal(InpaintJobState.Failed, (await Client.GetStatusAsync(job, includeLog: false, Cancellation)).State);
        InpaintException e = await FailsAsync(InpaintErrorId.JobFailed, () => Client.GetResultAsync(job, Cancellation));
        Assert.Contains("StartTimeout", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, State.Requests.Count(WireOperation.Result));
    }

    [Fact]
    public async Task A_job_that_nobody_knows_is_not_found()
    {
        InpaintJob job = await StartAsync();
        InpaintJob stranger = job with { Id = "11111111-2222-3333-4444-555555555555", ProviderData = new Dictionary<string, string>() };
        await FailsAsync(InpaintErrorId.JobNotFound, () => Client.GetStatusAsync(stranger, includeLog: false, Cancellation));
        await FailsAsync(InpaintErrorId.JobNotFound, () => Client.GetResultAsync(stranger, Cancellation));
        Assert.Equal(StopOutcome.NotFound, await Client.CancelAsync(stranger, Cancellation));
    }

    [Fact]
    public async Task A_result_that_was_there_is_expired()
    {
        InpaintJob job = await StartAsync();
        State.Faults.Enqueue(WireOperation.Result, Fault.Expired(), Fault.Respond(410));
        await FailsAsync(InpaintErrorId.ResultExpired, () => Client.GetResultAsync(job with { State = InpaintJobState.Completed }, Cancellation));
        await FailsAsync(InpaintErrorId.ResultExpired, () => Client.GetResultAsync(job, Cancellation));
    }

    [Theory]
    [InlineData("fail 422 content_policy_violation", InpaintErrorId.ContentPolicyViolation, "prompt: ")]
    [InlineData("fail 500", InpaintErrorId.JobFailed, "internal_server_error")]
    public async Task A_prompt_that_fails_fails_the_result(string prompt, InpaintErrorId expected, string said)
    {
        State.Jobs.DefaultScript = JobScript.Immediate;
        InpaintJob job = await StartAsync(new InpaintRequest { Prompt = prompt });
        Assert.Equal(InpaintJobState.Completed, (await Client.GetStatusAsync(job, includeLog: false, Cancellation)).State);
        InpaintException e = await FailsAsync(expected, () => Client.GetResultAsync(job, Cancellation));
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_means_the_same_for_every_caller() =>
        Assert.Equal(InpaintErrorId.RateLimited, FalErrors.ClassOf("concurrent_requests_limit")!.ErrorId);

    private async Task<InpaintException> ResultFailsAsync(InpaintErrorId expected, Answer answer)
    {
        State.Jobs.Enqueue(JobScript.Immediate with { Result = answer });
        InpaintJob job = await StartAsync();
        await Client.GetStatusAsync(job, includeLog: false, Cancellation);
        return await FailsAsync(expected, () => Client.GetResultAsync(job, Cancellation));
    }
}
