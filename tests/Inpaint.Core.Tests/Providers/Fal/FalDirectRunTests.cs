using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Wire;
using Inpaint.Imaging;
using Inpaint.Planning;
using Inpaint.Providers;
using Xunit;

namespace Inpaint.Tests.Providers.Fal;

/// <summary>fal.run: the output comes with the answer, and there is no second chance to collect it.</summary>
public sealed class FalDirectRunTests : FalClientTest
{
    private static readonly InpaintRequest Direct = new() { Prompt = "x", Synchronous = true, Count = 2 };

    [Fact]
    public async Task The_output_comes_with_the_acceptance()
    {
        RequestPlan plan = Plan(Direct);
        Acceptance acceptance = await SubmitAsync(plan);
        Assert.Equal(InpaintJobState.Completed, acceptance.State);
        Assert.Equal(State.Jobs.Last.Id, acceptance.Id);
        Assert.Equal(2, acceptance.Output!.Pictures.Count);
        Assert.NotNull(acceptance.Output.BillableUnits);
        Assert.Equal("/run/fal-ai/flux-lora/inpainting", Assert.Single(State.Requests.All).Path);

        InpaintJob job = JobOf(acceptance, plan);
        Assert.Equal(InpaintJobState.Completed, (await Client.GetStatusAsync(job, includeLog: true, Cancellation)).State);
        Assert.Equal(StopOutcome.AlreadyCompleted, await Client.CancelAsync(job, Cancellation));
        await FailsAsync(InpaintErrorId.ResultExpired, () => Client.GetResultAsync(job, Cancellation));
        Assert.Single(State.Requests.All);
    }

    public static TheoryData<string, Fault, InpaintErrorId, int> Failures => new()
    {
        { "limit", Fault.TooManyRequests(), InpaintErrorId.RateLimited, 4 },
        { "start timeout", Fault.UserTimeout(), InpaintErrorId.JobFailed, 1 },
        { "runner", Fault.Respond(503, """{"detail":"gone","error_type":"runner_disconnected"}"""), InpaintErrorId.JobFailed, 1 },
        { "model", Fault.Respond(500, """{"detail":[{"loc":[],"msg":"x","type":"internal_server_error"}]}"""), InpaintErrorId.JobFailed, 1 },
        { "model timeout", Fault.Respond(504, """{"detail":[{"loc":[],"msg":"x","type":"generation_timeout"}]}"""), InpaintErrorId.JobFailed, 1 },
        { "proxy", Fault.Html(504), InpaintErrorId.SubmissionUncertain, 1 },
        { "proxy 502", Fault.Html(502), InpaintErrorId.SubmissionUncertain, 1 },
        { "busy", Fault.Html(503), InpaintErrorId.ProviderUnavailable, 4 },
        { "reset", Fault.ResetAfterAccept(), InpaintErrorId.SubmissionUncertain, 1 },
        { "half", Fault.Truncate(), InpaintErrorId.SubmissionUncertain, 1 },
        { "no pictures", Fault.Respond(200, """{"images":[]}"""), InpaintErrorId.SubmissionUncertain, 1 },
        { "input", Fault.Respond(422, """{"detail":[{"loc":["body","seed"],"msg":"x","type":"int_type"}]}"""), InpaintErrorId.InvalidParameter, 1 },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_failure_is_named_and_repeated_only_when_nothing_ran(string name, Fault fault, InpaintErrorId expected, int requests)
    {
        using IDisposable rule = State.Faults.Always(WireOperation.Run, fault);
        await FailsAsync(expected, () => SubmitAsync(Plan(Direct)));
        Assert.True(requests == State.Requests.Count(WireOperation.Run), name);
    }
}
