using Inpaint.Providers;
using Xunit;

namespace Inpaint.Tests.Jobs;

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
        Assert.False(Restart().FindResumable().IsUncertain(Plan()));
        await FailsAsync(InpaintErrorId.SubmissionUncertain, StartAsync);
        JobResumption resumption = Restart().FindResumable();

        Assert.False(resumption.TryTake(Plan(), out _));
        Assert.True(resumption.IsUncertain(Plan()));
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
}
