using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Inpaint.Providers;
using Xunit;

namespace Inpaint.Tests.Providers.Fal;

/// <summary>A cancel says what it really did.</summary>
public sealed class FalCancelTests : FalClientTest
{
    [Theory]
    [InlineData(202, """{"status":"CANCELLATION_REQUESTED"}""", StopOutcome.CancellationRequested)]
    [InlineData(200, """{"status":"CANCELLATION_REQUESTED"}""", StopOutcome.CancellationRequested)]
    [InlineData(200, """{"status":"OK"}""", StopOutcome.Cancelled)]
    [InlineData(200, """{"success":true}""", StopOutcome.Cancelled)]
    [InlineData(200, """{"success":false}""", StopOutcome.AlreadyCompleted)]
    [InlineData(202, "", StopOutcome.CancellationRequested)]
    [InlineData(204, "", StopOutcome.CancellationRequested)]
    [InlineData(400, """{"status":"ALREADY_COMPLETED"}""", StopOutcome.AlreadyCompleted)]
    [InlineData(404, """{"status":"NOT_FOUND"}""", StopOutcome.NotFound)]
    [InlineData(404, """{"detail":"Request not found"}""", StopOutcome.NotFound)]
    [InlineData(405, """{"detail":"Method Not Allowed"}""", StopOutcome.NotSupported)]
    public async Task A_cancel_says_what_it_did(int status, string body, StopOutcome expected)
    {
        InpaintJob job = await StartAsync();
        State.Faults.Enqueue(WireOperation.Cancel, Fault.Respond(status, body));
        Assert.Equal(expected, await Client.CancelAsync(job, Cancellation));
    }

    [Theory]
    [InlineData(401, """{"detail":"invalid key credentials"}""", InpaintErrorId.AuthenticationFailed)]
    [InlineData(404, "<html>", InpaintErrorId.JobNotFound)]
    [InlineData(400, "?", InpaintErrorId.ResponseInvalid)]
    public async Task A_cancel_that_fails_is_named(int status, string body, InpaintErrorId expected)
    {
        InpaintJob job = await StartAsync();
        State.Faults.Enqueue(WireOperation.Cancel, Fault.Respond(status, body));
        await FailsAsync(expected, () => Client.CancelAsync(job, Cancellation));
    }

    [Fact]
    public async Task A_waiting_job_is_cancelled()
    {
        State.Jobs.DefaultScript = JobScript.HeldInQueue();
        InpaintJob job = await StartAsync();
        Assert.Equal(StopOutcome.CancellationRequested, await Client.CancelAsync(job, Cancellation));
        Assert.Equal("PUT", Assert.Single(State.Requests.Of(WireOperation.Cancel)).Method);
        Assert.True(State.Jobs.Last.IsCancelled);
        JobUpdate update = await Client.GetStatusAsync(job, includeLog: false, Cancellation);
        Assert.Equal((InpaintJobState.Cancelled, InpaintErrorId.JobCancelled), (update.State, update.ErrorId));
        Assert.Equal(StopOutcome.AlreadyCompleted, await Client.CancelAsync(job, Cancellation));
    }
}
