using System.Text.Json.Nodes;
using Inpaint.Emulator.FalGateway;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Inpaint.Providers;
using Xunit;

namespace Inpaint.Tests.Providers.FalGateway;

/// <summary>Each failure of the gateways' software in the module's vocabulary: the code decides, whatever the HTTP status.</summary>
public sealed class FalGatewayErrorTests : FalGatewayClientTest
{
    public static TheoryData<string, string, InpaintErrorId> Codes => new()
    {
        { "insufficient_user_quota", "用户额度不足, 剩余额度: $0.000000", InpaintErrorId.QuotaExceeded },
        { "pre_consume_token_quota_failed", "token quota is not enough", InpaintErrorId.QuotaExceeded },
        { "access_denied", "no access", InpaintErrorId.AuthenticationFailed },
        { "model_not_found", "No available channel for model", InpaintErrorId.InvalidParameter },
        { "prompt_blocked", "the prompt is blocked", InpaintErrorId.ContentPolicyViolation },
        { "sensitive_words_detected", "sensitive words", InpaintErrorId.ContentPolicyViolation },
        { "get_channel_failed", "no channel", InpaintErrorId.ProviderUnavailable },
        { "channel:no_available_key", "no key", InpaintErrorId.ProviderUnavailable },
        { "do_request_failed", "upstream error", InpaintErrorId.ProviderUnavailable },
        { "bad_response_status_code", "bad response status code 502", InpaintErrorId.ProviderUnavailable },
        { "", "无效的令牌", InpaintErrorId.AuthenticationFailed },
        { "", "当前分组上游负载已饱和，请稍后再试", InpaintErrorId.RateLimited },
    };

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task The_code_decides_over_the_status_at_a_submit(string code, string message, InpaintErrorId expected)
    {
        foreach (string type in new[] { GatewayErrors.NewApi, GatewayErrors.ShellApi })
        {
            foreach (int status in new[] { 400, 403, 429, 500, 503 })
            {
                State.Faults.Clear();
                State.Faults.Enqueue(WireOperation.Submit, Enumerable.Repeat(GatewayErrors.Fault(status, code, message, type), 4).ToArray());
                InpaintException refusal = await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync());
                Assert.Equal(expected, refusal.ErrorId);
                Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
                Assert.Equal(status, refusal.HttpStatus);
                Assert.Equal(code.Length == 0 ? null : code, refusal.ProviderErrorType);
            }
        }

        Assert.Equal(0, State.PaidJobs);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task The_code_decides_over_the_status_at_a_question(string code, string message, InpaintErrorId expected)
    {
        State.Jobs.Enqueue(JobScript.HeldInProgress());
        InpaintJob job = JobOf(await SubmitAsync());
        foreach (int status in new[] { 200, 400, 403, 429, 500 })
        {
            State.Faults.Clear();
            State.Faults.Enqueue(WireOperation.Result, Enumerable.Repeat(GatewayErrors.Fault(status, code, message), 8).ToArray());
            if (expected == InpaintErrorId.ContentPolicyViolation)
            {
                // Whoever refuses prompt or picture has looked at the job.
                JobUpdate update = await StatusAsync(job);
                Assert.Equal((InpaintJobState.Failed, expected), (update.State, update.ErrorId));
                continue;
            }

            InpaintException refusal = await Assert.ThrowsAsync<InpaintException>(() => StatusAsync(job));
            Assert.Equal((expected, job.Id), (refusal.ErrorId, refusal.RequestId));
            Assert.Equal(expected is InpaintErrorId.ProviderUnavailable or InpaintErrorId.RateLimited, refusal.IsTransient);
            Assert.False(refusal.IsVerdict);
        }
    }

    [Theory]
    [InlineData("insufficient_user_quota", 429, 1)]
    [InlineData("model_not_found", 503, 1)]
    [InlineData("get_channel_failed", 503, 4)]
    [InlineData("", 429, 4)]
    public async Task A_refusal_that_waiting_does_not_change_is_not_waited_for(string code, int status, int submits)
    {
        State.Faults.Enqueue(WireOperation.Submit, Enumerable.Repeat(GatewayErrors.Fault(status, code), 4).ToArray());
        await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync());
        Assert.Equal(submits, State.Requests.Count(WireOperation.Submit));
    }

    [Fact]
    public async Task A_chinese_message_is_kept_and_explained()
    {
        InpaintException refusal = await Assert.ThrowsAsync<InpaintException>(() => MakeClient("wrong").CheckAccessAsync(Cancellation));
        Assert.Contains("无效的令牌", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("[invalid token]", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_message_is_filled_with_what_is_known()
    {
        State.Faults.Enqueue(WireOperation.Submit, GatewayErrors.EmptyMessage(502));
        InpaintException refusal = await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync());
        Assert.Equal(InpaintErrorId.ProviderUnavailable, refusal.ErrorId);
        Assert.Contains("the service behind it returned 502 (bad_response_status_code)", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("42")]
    [InlineData("null")]
    [InlineData("{}")]
    public async Task A_code_of_any_type_is_survived(string code)
    {
        State.Faults.Enqueue(WireOperation.Submit, GatewayErrors.Fault(400, JsonNode.Parse(code), "odd"));
        InpaintException refusal = await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync());
        Assert.Equal(InpaintErrorId.InvalidParameter, refusal.ErrorId);
        Assert.Contains("odd", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_with_http_200_makes_no_job()
    {
        State.Faults.Enqueue(WireOperation.Submit, GatewayErrors.Fault(200, "insufficient_user_quota", "用户额度不足"));
        Assert.Equal(InpaintErrorId.QuotaExceeded, (await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync())).ErrorId);
    }

    [Fact]
    public async Task An_account_without_quota_is_told()
    {
        State.Gateway.IsOutOfQuota = true;
        Assert.Equal(InpaintErrorId.QuotaExceeded, (await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync())).ErrorId);
        Assert.Equal(1, State.Requests.Count(WireOperation.Submit));
    }

    [Theory]
    [InlineData("fail 422 content_policy_violation", InpaintErrorId.ContentPolicyViolation)]
    [InlineData("fail 422 image_load_error", InpaintErrorId.ImageUnsupported)]
    [InlineData("fail 500", InpaintErrorId.JobFailed)]
    public async Task Fals_own_verdict_passes_through(string prompt, InpaintErrorId expected)
    {
        State.Jobs.Enqueue(JobScript.Immediate);
        InpaintJob job = JobOf(await SubmitAsync(Plan(new InpaintRequest { Prompt = prompt })));
        JobUpdate update = await StatusAsync(job);
        Assert.Equal((InpaintJobState.Failed, expected), (update.State, update.ErrorId!.Value));
        Assert.Contains("The prompt asked for this failure", update.Error, StringComparison.Ordinal);
        Assert.Equal(1, State.Requests.Count(WireOperation.Result));
        Assert.Equal(expected, (await Assert.ThrowsAsync<InpaintException>(() => Client.GetResultAsync(job, Cancellation))).ErrorId);
    }

    [Fact]
    public async Task A_request_nobody_knows_is_told()
    {
        InpaintJob job = new() { Id = "00000000-0000-0000-0000-000000000000", Provider = "ChainHub", Model = "fal-ai/flux-lora/inpainting" };
        Assert.Equal(InpaintErrorId.JobNotFound, (await Assert.ThrowsAsync<InpaintException>(() => StatusAsync(job))).ErrorId);
        Assert.Equal(2, State.Requests.Count(WireOperation.Result));
    }

    [Fact]
    public async Task What_may_have_arrived_is_not_sent_again()
    {
        Fault[] faults = [Fault.ResetAfterAccept(), Fault.Html(502).AfterAccept(), Fault.Html(200).AfterAccept(), Fault.EmptyBody(), Fault.MalformedBody(), Fault.Respond(200, """{"status":"IN_QUEUE"}""").AfterAccept()];
        for (int index = 0; index < faults.Length; index++)
        {
            State.Requests.Clear();
            State.Faults.Enqueue(WireOperation.Submit, faults[index]);
            InpaintException failure = await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync());
            Assert.True(failure.ErrorId == InpaintErrorId.SubmissionUncertain, $"{faults[index]}: {failure.ErrorId} {failure.Message}");
            Assert.Equal(1, State.Requests.Count(WireOperation.Submit));
            Assert.Equal(index + 1, State.PaidJobs);
        }
    }

    public static TheoryData<string> Unreadables => new("empty", "malformed", "number", "nothing", "status");

    [Theory]
    [MemberData(nameof(Unreadables))]
    public async Task A_question_answered_with_nonsense_is_told(string kind)
    {
        State.Jobs.Enqueue(JobScript.HeldInProgress());
        InpaintJob job = JobOf(await SubmitAsync());
        State.Faults.Enqueue(WireOperation.Result, kind switch
        {
            "empty" => Fault.EmptyBody(),
            "malformed" => Fault.MalformedBody(),
            "number" => Fault.Respond(200, "42"),
            "nothing" => Fault.Respond(200, "{}"),
            _ => Fault.UnknownStatus(),
        });
        Assert.Equal(InpaintErrorId.ResponseInvalid, (await Assert.ThrowsAsync<InpaintException>(() => StatusAsync(job))).ErrorId);
    }

    [Fact]
    public async Task A_page_instead_of_the_request_is_told()
    {
        State.Jobs.Enqueue(JobScript.HeldInProgress());
        InpaintJob job = JobOf(await SubmitAsync());
        State.Faults.Enqueue(WireOperation.Result, Fault.Html(200), Fault.Html(200));
        Assert.Equal(InpaintErrorId.ResponseInvalid, (await Assert.ThrowsAsync<InpaintException>(() => StatusAsync(job))).ErrorId);
    }

    [Fact]
    public async Task A_token_that_is_echoed_does_not_reach_the_error()
    {
        State.Faults.Enqueue(WireOperation.Submit, GatewayErrors.Fault(400, "odd", $"The token {Key} is odd"));
        InpaintException refusal = await Assert.ThrowsAsync<InpaintException>(() => SubmitAsync());
        Assert.DoesNotContain(Key, refusal.ToString() + refusal.ResponseBody, StringComparison.Ordinal);
    }
}
