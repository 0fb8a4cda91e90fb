using Inpaint.Engine;
using Inpaint.Journal;
using Inpaint.Providers;
using Inpaint.Tests.Engine;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Journal;

public sealed class JobResumptionTests : EngineTest
{
    [Fact]
    public async Task An_equal_request_attaches_to_the_job_that_was_made_for_it_once()
    {
        InpaintJob job = await StartAsync();
        InpaintEngine next = Restart();
        JobResumption resumption = next.FindResumable();

        Assert.False(resumption.TryTake(next.Plan(Request() with { Prompt = "another bench" }), out _));
        Assert.True(resumption.TryTake(next.Plan(Request() with { Count = 1 }), out InpaintJob? found));
        Assert.Equal(job.Id, found.Id);
        Assert.False(resumption.TryTake(next.Plan(Request()), out _));
        Assert.NotNull(await next.ReceiveAsync(found, cancellationToken: Cancellation));
        Assert.Equal(1, Client.CountOf("submit"));
    }

    [Fact]
    public async Task Who_asked_twice_gets_both_jobs_the_oldest_first()
    {
        InpaintJob[] jobs = [await StartAsync(), await StartAsync()];
        JobResumption resumption = Restart().FindResumable();
        List<string> taken = [];
        while (resumption.TryTake(Plan(), out InpaintJob? job))
        {
            taken.Add(job.JournalId);
        }

        Assert.Equal(jobs.Select(j => j.JournalId).Order(StringComparer.Ordinal), taken);
    }

    [Fact]
    public async Task A_job_of_which_nothing_is_to_be_had_is_not_attached_to()
    {
        Client.OnResult = (_, _) => throw new InpaintException(InpaintErrorId.JobFailed, "no");
        await FailsAsync(InpaintErrorId.JobFailed, () => Engine.RunAsync(Plan(), cancellationToken: Cancellation));
        await Engine.StopAsync(await StartAsync(), cancellationToken: Cancellation);
        Client.OnSubmit = _ => throw new InpaintException(InpaintErrorId.SubmissionUncertain, "reset");
        Assert.False(Restart().FindResumable().TryFindUncertain(Plan(), out _));
        await FailsAsync(InpaintErrorId.SubmissionUncertain, StartAsync);
        JobResumption resumption = Restart().FindResumable();

        Assert.False(resumption.TryTake(Plan(), out _));
        Assert.True(resumption.TryFindUncertain(Plan(), out InpaintJob? uncertain));
        Assert.Equal(InpaintJobState.Uncertain, uncertain.State);
    }

    [Fact]
    public async Task A_finished_job_is_attached_to_and_its_result_costs_no_call()
    {
        Client.OnSubmit = _ => Task.FromResult(new Acceptance { Id = "a", Output = FakeClient.Output("https://cdn.example/0.png") });
        await StartAsync();
        InpaintEngine next = Restart();
        int calls = Client.Calls.Count;

        Assert.True(next.FindResumable().TryTake(next.Plan(Request()), out InpaintJob? job));
        Assert.Single((await next.ReceiveAsync(job, cancellationToken: Cancellation))!.Images);
        Assert.Equal(calls, Client.Calls.Count);
    }

    [Fact]
    public async Task A_job_that_another_batch_makes_meanwhile_is_attached_to()
    {
        InpaintEngine next = Restart();
        JobResumption resumption = next.FindResumable();
        Assert.False(resumption.TryTake(Plan(), out _));
        InpaintJob job = await StartAsync();

        Assert.True(resumption.TryTake(Plan(), out InpaintJob? found));
        Assert.Equal(job.Id, found.Id);
        Assert.False(resumption.TryTake(Plan(), out _));
    }

    [Fact]
    public async Task Its_own_jobs_are_not_what_a_batch_attaches_to()
    {
        JobResumption resumption = Engine.FindResumable();
        for (int n = 0; n < 2; n++)
        {
            Assert.False(resumption.TryTake(Plan(), out _));
            await Engine.StartAsync(Plan(), new RunOptions { Resumption = resumption }, cancellationToken: Cancellation);
        }

        Assert.Equal(2, Client.CountOf("submit"));
    }

    [Fact]
    public async Task Of_two_batches_that_come_to_the_same_request_one_pays()
    {
        TaskCompletionSource<Acceptance> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Client.OnSubmit = _ =>
        {
            asked.TrySetResult();
            return answer.Task;
        };
        JobResumption[] both = [Engine.FindResumable(), Restart().FindResumable()];
        Task<InpaintResult> first = Engine.RunAsync(Plan(), new RunOptions { Resumption = both[0] }, cancellationToken: Cancellation);
        await asked.Task.WaitAsync(Cancellation);
        Task<InpaintResult> second = Restart().RunAsync(Plan(), new RunOptions { Events = Listener, Resumption = both[1] }, cancellationToken: Cancellation);
        await WaitForEventAsync("waiting for another process");
        answer.SetResult(new Acceptance { Id = "one" });

        Assert.Equal("one", (await first).Job.Id);
        Assert.Equal("one", (await second).Job.Id);
        Assert.Equal(1, Client.CountOf("submit"));
    }

    [Fact]
    public async Task A_batch_that_attached_does_not_stop_the_other_ones_job()
    {
        InpaintJob job = await StartAsync();
        Client.OnStatus = (_, _) => Task.FromResult(new JobUpdate { State = InpaintJobState.InProgress });
        using CancellationTokenSource stop = new();
        Task<InpaintResult> run = Restart().RunAsync(Plan(), new RunOptions { Resumption = Engine.FindResumable(), Events = Listener }, cancellationToken: stop.Token);
        await WaitForEventAsync("InProgress");
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.Equal(0, Client.CountOf("cancel"));
        Assert.Equal(InpaintJobState.InProgress, Assert.Single(OnDisk()).State);
        Assert.Equal(job.Id, Assert.Single(OnDisk()).Id);
    }

    [Fact]
    public async Task When_the_other_submit_fails_for_certain_the_batch_makes_its_own()
    {
        TaskCompletionSource<Acceptance> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Client.OnSubmit = _ => Client.CountOf("submit") == 1 ? answer.Task : Task.FromResult(new Acceptance { Id = "two" });
        JobResumption[] both = [Engine.FindResumable(), Restart().FindResumable()];
        Task<InpaintResult> first = Engine.RunAsync(Plan(), new RunOptions { Resumption = both[0] }, cancellationToken: Cancellation);
        Task<InpaintResult> second = Restart().RunAsync(Plan(), new RunOptions { Events = Listener, Resumption = both[1] }, cancellationToken: Cancellation);
        await WaitForEventAsync("waiting for another process");
        answer.SetException(new InpaintException(InpaintErrorId.QuotaExceeded, "no credit"));

        await FailsAsync(InpaintErrorId.QuotaExceeded, () => first);
        Assert.Equal("two", (await second).Job.Id);
        Assert.Empty(Warnings);
    }

    [Fact]
    public async Task When_the_other_submit_gets_no_response_the_batch_says_that_it_may_pay_twice()
    {
        TaskCompletionSource<Acceptance> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Client.OnSubmit = _ => Client.CountOf("submit") == 1 ? answer.Task : Task.FromResult(new Acceptance { Id = "two" });
        JobResumption[] both = [Engine.FindResumable(), Restart().FindResumable()];
        Task<InpaintResult> first = Engine.RunAsync(Plan(), new RunOptions { Resumption = both[0] }, cancellationToken: Cancellation);
        Task<InpaintResult> second = Restart().RunAsync(Plan(), new RunOptions { Events = Listener, Resumption = both[1] }, cancellationToken: Cancellation);
        await WaitForEventAsync("waiting for another process");
        answer.SetException(new InpaintException(InpaintErrorId.SubmissionUncertain, "reset"));

        await FailsAsync(InpaintErrorId.SubmissionUncertain, () => first);
        Assert.Equal("two", (await second).Job.Id);
        Assert.Contains("may be paid for twice", Assert.Single(Warnings), StringComparison.Ordinal);
    }
}
