using Inpaint.Engine;
using Inpaint.Jobs;
using Inpaint.Providers;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Engine;

public sealed class EngineStopTests : EngineTest
{
    [Theory]
    [InlineData(StopOutcome.Cancelled, InpaintJobState.Cancelled)]
    [InlineData(StopOutcome.CancellationRequested, InpaintJobState.InQueue)]
    [InlineData(StopOutcome.AlreadyCompleted, InpaintJobState.InQueue)]
    [InlineData(StopOutcome.NotFound, InpaintJobState.InQueue)]
    [InlineData(StopOutcome.NotSupported, InpaintJobState.InQueue)]
    public async Task A_stop_says_what_it_did(StopOutcome outcome, InpaintJobState state)
    {
        InpaintJob job = await StartAsync();
        Client.OnCancel = (_, _) => Task.FromResult(outcome);
        InpaintJob stopped = await Engine.StopAsync(job, cancellationToken: Cancellation);
        InpaintJob written = Assert.Single(OnDisk());

        Assert.Equal((outcome, state), (stopped.StopOutcome, stopped.State));
        Assert.Equal((outcome, state), (written.StopOutcome, written.State));
        Assert.Equal(outcome == StopOutcome.Cancelled ? 0 : job.Cost!.Amount, written.Cost!.Amount);
        Assert.Equal(outcome != StopOutcome.Cancelled, written.Cost.IsEstimate);
    }

    [Fact]
    public async Task A_finished_job_is_not_stopped()
    {
        InpaintResult result = await Engine.RunAsync(Plan(), cancellationToken: Cancellation);

        Assert.Equal(StopOutcome.AlreadyCompleted, (await Engine.StopAsync(result.Job, cancellationToken: Cancellation)).StopOutcome);
        Assert.Equal(0, Client.CountOf("cancel"));
    }

    [Fact]
    public async Task A_job_that_completes_after_a_stop_was_asked_for_is_still_collected()
    {
        InpaintJob job = await StartAsync();
        Client.OnCancel = (_, _) => Task.FromResult(StopOutcome.CancellationRequested);
        await Engine.StopAsync(job, cancellationToken: Cancellation);

        Assert.Single((await Engine.ReceiveAsync(job, cancellationToken: Cancellation))!.Images);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stop_while_waiting_cancels_remotely_and_leaves_nothing_running(bool streams)
    {
        Streams = streams;
        using CancellationTokenSource stop = new();
        int underWay = 0;
        TaskCompletionSource watching = new();
        Client.OnStatus = async (_, token) =>
        {
            Interlocked.Increment(ref underWay);
            watching.TrySetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                return new JobUpdate { State = InpaintJobState.Completed };
            }
            finally
            {
                Interlocked.Decrement(ref underWay);
            }
        };
        Client.OnStream = (_, token) =>
        {
            watching.TrySetResult();
            return FakeClient.Silence(token);
        };
        Task<InpaintResult> run = Engine.RunAsync(Plan(), new RunOptions { Events = Listener }, cancellationToken: stop.Token);
        await watching.Task;
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(0, underWay);
        Assert.Equal(1, Client.CountOf("cancel"));
        Assert.Equal(InpaintJobState.Cancelled, Assert.Single(OnDisk()).State);
        Assert.Contains(Events, e => e.Text.Contains("Cancelled", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stop_before_anything_is_sent_says_that_there_is_no_job()
    {
        using CancellationTokenSource stop = new();
        TaskCompletionSource connecting = new();
        Client.OnSubmit = async token =>
        {
            connecting.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return new Acceptance { Id = "1" };
        };
        Task<InpaintResult> run = Engine.RunAsync(Plan(), new RunOptions { Events = Listener }, cancellationToken: stop.Token);
        await connecting.Task;
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Empty(OnDisk());
        InpaintJob last = Events.Last().Job!;
        Assert.Equal((InpaintJobState.Cancelled, null), (last.State, last.SubmittedAt));
        Assert.Equal(0, Client.CountOf("cancel"));
    }

    [Fact]
    public async Task A_standing_that_arrives_after_the_stop_does_not_undo_it()
    {
        using CancellationTokenSource stop = new();
        TaskCompletionSource<JobUpdate> late = new();
        TaskCompletionSource looking = new();
        Client.OnStatus = (_, _) =>
        {
            looking.TrySetResult();
            return late.Task;
        };
        Task<InpaintResult> run = Engine.RunAsync(Plan(), cancellationToken: stop.Token);
        await looking.Task;
        await stop.CancelAsync();
        late.SetResult(new JobUpdate { State = InpaintJobState.InProgress });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal((InpaintJobState.Cancelled, StopOutcome.Cancelled), (Assert.Single(OnDisk()).State, OnDisk()[0].StopOutcome));
    }

    [Fact]
    public async Task A_stop_while_the_result_is_fetched_does_not_say_the_job_was_never_done()
    {
        using CancellationTokenSource stop = new();
        TaskCompletionSource fetching = new();
        Client.OnResult = async (_, token) =>
        {
            fetching.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return FakeClient.Output();
        };
        Client.OnCancel = (_, _) => Task.FromResult(StopOutcome.AlreadyCompleted);
        Task<InpaintResult> run = Engine.RunAsync(Plan(), cancellationToken: stop.Token);
        await fetching.Task;
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal((InpaintJobState.Completed, StopOutcome.AlreadyCompleted), (Assert.Single(OnDisk()).State, OnDisk()[0].StopOutcome));
    }

    [Fact]
    public async Task A_service_that_does_not_answer_the_cancel_cannot_hold_up_the_end()
    {
        ManualTimeProvider time = new();
        Time = time;
        using CancellationTokenSource stop = new();
        TaskCompletionSource looking = new();
        TaskCompletionSource cancelling = new();
        Client.OnStatus = async (_, token) =>
        {
            looking.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return new JobUpdate { State = InpaintJobState.Completed };
        };
        Client.OnCancel = async (_, token) =>
        {
            cancelling.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return StopOutcome.Cancelled;
        };
        Task<InpaintResult> run = Engine.RunAsync(Plan(), new RunOptions { Events = Listener }, cancellationToken: stop.Token);
        while (!looking.Task.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        await stop.CancelAsync();
        await cancelling.Task;
        Assert.False(run.IsCompleted);
        time.Advance(StopDeadline.GracePeriod);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.False(Assert.Single(OnDisk()).IsFinished);
        Assert.Contains(Events, e => e.Text.Contains("did not confirm", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(StopOutcome.Cancelled, "has cancelled the job", "longer time limit")]
    [InlineData(StopOutcome.CancellationRequested, "may still complete", "Check the status of the job")]
    [InlineData(StopOutcome.AlreadyCompleted, "had just completed", "is paid for: collect its result.")]
    [InlineData(StopOutcome.NotSupported, "continues at Fal", "collect its result later, or stop it")]
    public async Task A_time_limit_cancels_remotely_and_says_what_became_of_the_job(StopOutcome outcome, string fate, string advice)
    {
        ManualTimeProvider time = new();
        Time = time;
        Client.OnStatus = (_, _) => Task.FromResult(new JobUpdate { State = InpaintJobState.InProgress });
        Client.OnCancel = (_, _) => Task.FromResult(outcome);
        Task<InpaintResult> run = Engine.RunAsync(Plan(), new RunOptions { Timeout = TimeSpan.FromSeconds(30) }, cancellationToken: Cancellation);
        time.Advance(TimeSpan.FromSeconds(30));
        InpaintException e = await FailsAsync(InpaintErrorId.JobTimedOut, () => run);

        Assert.Contains(fate, e.Message, StringComparison.Ordinal);
        Assert.Contains("30 s", e.Message, StringComparison.Ordinal);
        Assert.Contains(advice, e.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(outcome, e.Job!.StopOutcome);
        Assert.Equal(outcome != StopOutcome.Cancelled, e.IsTransient);
        Assert.Equal(1, Client.CountOf("cancel"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_time_limit_before_the_submit_says_that_nothing_was_sent(bool waits)
    {
        ManualTimeProvider time = new();
        Time = time;
        Client.OnPrepare = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, token);
        RunOptions options = new() { Timeout = TimeSpan.FromSeconds(30) };
        Task run = waits ? Engine.RunAsync(Plan(), options, Cancellation) : Engine.StartAsync(Plan(), options, Cancellation);
        time.Advance(TimeSpan.FromSeconds(30));
        InpaintException e = await FailsAsync(InpaintErrorId.JobTimedOut, () => run);

        Assert.Contains("Nothing was sent", e.Message, StringComparison.Ordinal);
        Assert.True(e.IsTransient);
        Assert.DoesNotContain("collect", e.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(OnDisk());
    }
}
