using System.Text.Json.Nodes;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Inpaint.Providers;
using Inpaint.Providers.ModelsLab;
using Xunit;

namespace Inpaint.Tests.Providers.ModelsLab;

/// <summary>Each documented failure, with its own HTTP status and with 200, in the module's vocabulary.</summary>
public sealed class ModelsLabErrorTests : ModelsLabClientTest
{
    public static TheoryData<int, string, InpaintErrorId> Refusals => new()
    {
        { 400, "prompt is required", InpaintErrorId.InvalidParameter },
        { 400, "width must be between 256 and 1024", InpaintErrorId.InvalidParameter },
        { 400, "height must be divisible by 8", InpaintErrorId.InvalidParameter },
        { 400, "Model not found: nothing", InpaintErrorId.InvalidParameter },
        { 400, "Model id not found", InpaintErrorId.InvalidParameter },
        { 400, "Unable to fetch image from provided URL", InpaintErrorId.ImageNotFound },
        { 401, "Invalid API key", InpaintErrorId.AuthenticationFailed },
        { 401, "API key required", InpaintErrorId.AuthenticationFailed },
        { 402, "Insufficient credits. Please top up.", InpaintErrorId.QuotaExceeded },
        { 403, "This feature requires a premium subscription", InpaintErrorId.AccountLocked },
        { 429, "Rate limit exceeded. Maximum 5 queued requests allowed.", InpaintErrorId.RateLimited },
        { 500, "Internal server error", InpaintErrorId.ProviderUnavailable },
        { 503, "Service temporarily unavailable", InpaintErrorId.ProviderUnavailable },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refused_submit_is_classified_with_its_status_or_200(int status, string message, InpaintErrorId expected)
    {
        string body = new JsonObject { ["status"] = "error", ["message"] = message }.ToJsonString();
        foreach (int sent in new[] { status, 200 })
        {
            State.Faults.Clear();
            State.Faults.Enqueue(WireOperation.Submit, Enumerable.Repeat(Fault.Respond(sent, body), 4).ToArray());
            InpaintException refusal = await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync());
            Assert.Equal(expected, refusal.ErrorId);
            Assert.Contains(message.TrimEnd('.'), refusal.Message, StringComparison.Ordinal);
            Assert.Equal(sent, refusal.HttpStatus);
        }

        Assert.Equal(0, State.PaidJobs);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_refused_question_is_classified_with_its_status_or_200(int status, string message, InpaintErrorId expected)
    {
        State.Jobs.Enqueue(JobScript.HeldInProgress());
        InpaintJob job = JobOf(await SubmitAsync());
        string body = new JsonObject { ["status"] = "error", ["message"] = message }.ToJsonString();
        foreach (int sent in new[] { status, 200 })
        {
            State.Faults.Clear();
            State.Faults.Enqueue(WireOperation.Status, Enumerable.Repeat(Fault.Respond(sent, body), 4).ToArray());
            InpaintErrorId? told = null;
            try
            {
                told = (await StatusAsync(job)).ErrorId;
            }
            catch (InpaintException refusal)
            {
                told = refusal.ErrorId;
                Assert.Equal(job.Id, refusal.RequestId);
            }

            Assert.Equal(expected, told);
        }
    }

    [Theory]
    [InlineData("""{"status":"error","messege":"Invalid API key"}""", InpaintErrorId.AuthenticationFailed)]
    [InlineData("""{"status":"error","message":{"prompt":["The prompt field is required."]}}""", InpaintErrorId.InvalidParameter)]
    [InlineData("""{"status":"error","error":"Insufficient credits"}""", InpaintErrorId.QuotaExceeded)]
    [InlineData("""{"status":"failed","message":"Something odd happened"}""", InpaintErrorId.JobFailed)]
    [InlineData("""{"status":"error","message":"NSFW content is not allowed"}""", InpaintErrorId.ContentPolicyViolation)]
    public async Task A_refusal_in_any_form_keeps_its_text(string body, InpaintErrorId expected)
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(200, body));
        InpaintException refusal = await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync());
        Assert.Equal(expected, refusal.ErrorId);
        Assert.Equal(1, State.Requests.Count(WireOperation.Submit));
    }

    [Theory]
    [InlineData(200)]
    [InlineData(429)]
    public async Task An_identical_request_is_not_sent_a_third_time(int status)
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(
            status, """{"status":"error","message":"Rate limit exceeded","tips":"you are sending same request multiple times, please wait for 30 seconds"}"""));
        InpaintException refusal = await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync());
        Assert.Equal(InpaintErrorId.RateLimited, refusal.ErrorId);
        Assert.Contains("30 seconds", refusal.RecommendedAction, StringComparison.Ordinal);
        Assert.False(refusal.IsTransient);
        Assert.Equal(1, State.Requests.Count(WireOperation.Submit));
    }

    [Fact]
    public async Task The_emulated_filter_refuses_what_a_person_sends_twice()
    {
        State.ModelsLab.DuplicateWindow = TimeSpan.FromSeconds(30);
        State.Jobs.DefaultScript = JobScript.Immediate;
        PreparedSubmission submission = await Client.PrepareAsync(Plan(), progress: null, Cancellation);
        await Client.SubmitAsync(submission, Cancellation);
        InpaintException refusal = await Assert.ThrowsAsync<InpaintException>(() => Client.SubmitAsync(submission, Cancellation));
        Assert.Equal(InpaintErrorId.RateLimited, refusal.ErrorId);
        Assert.Equal(1, State.PaidJobs);
    }

    [Fact]
    public async Task An_account_at_its_limits_is_told_apart()
    {
        State.ModelsLab.IsOutOfCredit = true;
        Assert.Equal(InpaintErrorId.QuotaExceeded, (await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync())).ErrorId);
        State.ModelsLab.IsOutOfCredit = false;
        State.ModelsLab.LacksPlan = true;
        State.ModelsLab.MisspellsMessage = true;
        InpaintException refusal = await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync());
        Assert.Equal(InpaintErrorId.AccountLocked, refusal.ErrorId);
        Assert.Contains("premium subscription", refusal.Message, StringComparison.Ordinal);
        State.ModelsLab.LacksPlan = false;
        State.ModelsLab.QueueLimit = 0;
        State.ModelsLab.HidesErrorStatus = true;
        refusal = await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync());
        Assert.Equal((InpaintErrorId.RateLimited, TimeSpan.FromSeconds(30)), (refusal.ErrorId, refusal.RetryAfter!.Value));
        Assert.Equal(0, State.PaidJobs);
    }

    [Fact]
    public async Task A_full_queue_is_tried_again_after_the_pause()
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(429, """{"status":"error","message":"Rate limit exceeded. Maximum 5 queued requests allowed.","retry_after":0.01}"""));
        await SubmitAsync();
        Assert.Equal(2, State.Requests.Count(WireOperation.Submit));
        Assert.Equal(1, State.PaidJobs);
    }

    [Fact]
    public async Task A_pause_that_is_too_long_to_wait_is_told()
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(429, """{"status":"error","message":"Rate limit exceeded. Maximum 5 queued requests allowed.","retry_after":900}"""));
        InpaintException refusal = await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync());
        Assert.Equal((InpaintErrorId.RateLimited, TimeSpan.FromMinutes(15)), (refusal.ErrorId, refusal.RetryAfter!.Value));
        Assert.Equal(1, State.Requests.Count(WireOperation.Submit));
    }

    [Fact]
    public async Task The_pause_before_sending_again_outlasts_the_filter()
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(503, """{"status":"error","message":"temporarily unavailable"}"""));
        ModelsLabClient patient = MakeClient(resubmitPause: TimeSpan.FromHours(1));
        InpaintException refusal = await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync(client: patient));
        Assert.Equal(TimeSpan.FromHours(1), refusal.RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(30), new ModelsLabSubmitOptions().ResubmitPause);
    }

    [Fact]
    public async Task What_may_have_arrived_is_not_sent_again()
    {
        State.ModelsLab.QueueLimit = 100;
        Fault[] faults = [Fault.ResetAfterAccept(), Fault.Html(502).AfterAccept(), Fault.Html(200).AfterAccept(), Fault.EmptyBody(), Fault.MalformedBody(), Fault.Respond(200, "{}").AfterAccept()];
        for (int index = 0; index < faults.Length; index++)
        {
            State.Requests.Clear();
            State.Faults.Enqueue(WireOperation.Submit, faults[index]);
            InpaintException failure = await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync(Plan(new InpaintRequest { Prompt = "a bench", Seed = index })));
            Assert.True(failure.ErrorId == InpaintErrorId.SubmissionUncertain, $"{faults[index]}: {failure.ErrorId} {failure.Message}");
            Assert.Equal(1, State.Requests.Count(WireOperation.Submit));
            Assert.Equal(index + 1, State.PaidJobs);
        }
    }

    [Fact]
    public async Task A_job_nobody_knows_is_told()
    {
        InpaintException failure = await Assert.ThrowsAsync<InpaintException>(() => StatusAsync(new InpaintJob { Id = "1", Provider = "ModelsLab", Model = "flux" }));
        Assert.Equal(InpaintErrorId.JobNotFound, failure.ErrorId);
        State.ModelsLab.HidesErrorStatus = true;
        failure = await Assert.ThrowsAsync<InpaintException>(() => StatusAsync(new InpaintJob { Id = "1", Provider = "ModelsLab", Model = "flux" }));
        Assert.Equal(InpaintErrorId.JobNotFound, failure.ErrorId);
    }

    public static TheoryData<string> Unreadables => new("html", "empty", "malformed", "number", "nothing");

    [Theory]
    [MemberData(nameof(Unreadables))]
    public async Task A_question_answered_with_nonsense_is_told(string kind)
    {
        State.Jobs.Enqueue(JobScript.HeldInProgress());
        InpaintJob job = JobOf(await SubmitAsync());
        State.Faults.Enqueue(WireOperation.Status, kind switch
        {
            "html" => Fault.Html(200),
            "empty" => Fault.EmptyBody(),
            "malformed" => Fault.MalformedBody(),
            "number" => Fault.Respond(200, "42"),
            _ => Fault.Respond(200, "{}"),
        });
        InpaintException failure = await Assert.ThrowsAsync<InpaintException>(() => StatusAsync(job));
        Assert.Equal(InpaintErrorId.ResponseInvalid, failure.ErrorId);
    }

    [Fact]
    public async Task A_key_that_is_echoed_does_not_reach_the_error()
    {
        State.Faults.Enqueue(WireOperation.Submit, Fault.Respond(400, $$"""{"status":"error","message":"The key {{Key}} is odd","meta":{"key":"{{Key}}"} }"""));
        InpaintException refusal = await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync());
        Assert.DoesNotContain(Key, refusal.ToString() + refusal.ResponseBody, StringComparison.Ordinal);
        Assert.Contains("***", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_that_is_refused_ends_before_anything_is_paid()
    {
        State.Faults.Enqueue(WireOperation.UploadPut, Fault.Respond(200, """{"status":"error","message":"Insufficient credits"}"""));
        Assert.Equal(InpaintErrorId.QuotaExceeded, (await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync())).ErrorId);
        State.Faults.Enqueue(WireOperation.UploadPut, Fault.Respond(200, """{"status":"success","output":["http://pictures.example/a.png"]}"""));
        Assert.Equal(InpaintErrorId.InsecureTransport, (await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync())).ErrorId);
        Assert.Equal(0, State.Requests.Count(WireOperation.Submit));
    }
}
