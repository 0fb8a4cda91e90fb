using System.Text.Json.Nodes;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Inpaint.Tests.Time;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Emulator;

/// <summary>Jobs whose steps go by with time, on a clock that the test moves.</summary>
public sealed class JobTimeTests
{
    private readonly ManualTimeProvider time = new();

    [Fact]
    public void Steps_go_by_with_time_and_reads_do_not_move_them()
    {
        EmulatedJob job = Make(JobScript.Reads(2, 1) with { StepTime = TimeSpan.FromSeconds(10) });

        Assert.Equal([1, 1], [job.Read().Step!.QueuePosition, job.Read().Step!.QueuePosition]);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(0, job.Read().Step!.QueuePosition);
        time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(JobPhase.InProgress, job.Phase);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(JobPhase.Completed, job.Phase);
        Assert.Equal(["denoising 1/1"], job.Read().Logs.Select(log => log.Message));
    }

    [Fact]
    public async Task A_stream_waits_for_the_time_of_a_step()
    {
        EmulatedJob job = Make(JobScript.Reads(1, 0) with { StepTime = TimeSpan.FromSeconds(10) });
        JobView view = job.Read();

        Task next = job.NextAsync(view, TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(next.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        await next;
        Assert.Null(job.Read().Step);
    }

    [Fact]
    public void A_held_step_outlasts_its_time()
    {
        EmulatedJob job = Make(JobScript.HeldInQueue() with { StepTime = TimeSpan.FromSeconds(1) });
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(JobPhase.InQueue, job.Phase);

        job.Release();

        Assert.Equal(JobPhase.Completed, job.Phase);
    }

    [Fact]
    public void A_running_job_may_ignore_a_cancel_and_a_queued_one_never()
    {
        JobScript script = new() { Steps = [JobStep.Queued(0), JobStep.Running()], IgnoresCancel = true };
        EmulatedJob queued = Make(script);
        EmulatedJob running = Make(script);
        running.Read();

        Assert.True(queued.Cancel());
        Assert.True(running.Cancel());

        Assert.Equal((true, false), (queued.IsCancelled, running.IsCancelled));
    }

    private EmulatedJob Make(JobScript script) => new("1", WireService.Fal, "fal-ai/flux-lora", [], script, time, _ => Task.FromResult(Answer.Json(200, new JsonObject())));
}
