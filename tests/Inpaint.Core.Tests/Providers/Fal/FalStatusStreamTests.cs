using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Inpaint.Providers;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Providers.Fal;

/// <summary>A stream of standings is a convenience: whatever is wrong with it just ends it.</summary>
public sealed class FalStatusStreamTests : FalClientTest
{
    public static TheoryData<string, Fault, int> StreamTroubles => new()
    {
        { "refused", Fault.Respond(404), 0 },
        { "429", Fault.TooManyRequests(), 0 },
        { "a page", Fault.Html(200), 0 },
        { "reset", Fault.ResetBeforeRead(), 0 },
        { "cut", Fault.Truncate(afterEvents: 1), 1 },
        { "ended", Fault.EndStream(2), 2 },
        { "silent", Fault.HoldBody(afterEvents: 1), 1 },
    };

    [Theory]
    [MemberData(nameof(StreamTroubles))]
    public async Task A_stream_that_fails_just_ends(string name, Fault fault, int events)
    {
        State.Jobs.DefaultScript = JobScript.Reads(queued: 2, running: 2);
        InpaintJob job = await StartAsync();
        State.Faults.Enqueue(WireOperation.StatusStream, fault);
        WireTimeProvider time = new();
        List<JobUpdate> updates = [];
        Task listening = ListenAsync(MakeClient(time: time).StreamStatusAsync(job, Cancellation), updates);
        await time.FollowAsync(listening, State.Faults, heldBefore: 0, Cancellation);
        await listening;

        Assert.True(updates.Count <= events, name);
        Assert.DoesNotContain(updates, update => update.State == InpaintJobState.Completed);
        while ((await Client.GetStatusAsync(job, includeLog: false, Cancellation)).State != InpaintJobState.Completed)
        {
        }
    }

    [Fact]
    public async Task A_stream_ends_with_its_listener()
    {
        State.Jobs.DefaultScript = JobScript.HeldInProgress("denoising 1/2");
        InpaintJob job = await StartAsync();
        using CancellationTokenSource stop = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (JobUpdate update in Client.StreamStatusAsync(job, stop.Token))
            {
                Assert.Equal(InpaintJobState.InProgress, update.State);
                await stop.CancelAsync();
            }
        });
    }

    private static async Task ListenAsync(IAsyncEnumerable<JobUpdate> stream, List<JobUpdate> updates)
    {
        await foreach (JobUpdate update in stream)
        {
            updates.Add(update);
        }
    }
}
