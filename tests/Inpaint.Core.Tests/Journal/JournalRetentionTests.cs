using Inpaint.Engine;
using Inpaint.Tests.Engine;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Journal;

public sealed class JournalRetentionTests : EngineTest
{
    private readonly MovedTime clock = new();

    public JournalRetentionTests()
    {
        Time = clock;
    }

    [Fact]
    public async Task A_free_result_that_nobody_saved_is_removed_after_a_day_and_that_is_said()
    {
        InpaintResult result = await RunLocalAsync();
        string picture = new Uri(result.Images[0].Url).LocalPath;
        clock.Move(TimeSpan.FromHours(23));
        Restart().RemoveExpired();
        Assert.True(File.Exists(picture));

        clock.Move(TimeSpan.FromHours(2));
        List<string> told = [];
        InpaintEngine engine = Restart();
        engine.RemoveExpired(told.Add);

        Assert.Empty(engine.ListJobs(all: true));
        Assert.False(Directory.Exists(Path.GetDirectoryName(picture)));
        Assert.Equal("1 free result that was not saved within a day has been removed.", Assert.Single(told));
    }

    [Fact]
    public async Task The_next_call_of_another_process_removes_it_too()
    {
        await RunLocalAsync();
        await RunLocalAsync();
        clock.Move(TimeSpan.FromDays(2));
        InpaintEngine next = Restart();
        InpaintResult last = await next.RunAsync(next.Plan(Request("Local")), new RunOptions { Events = Listener }, cancellationToken: Cancellation);

        Assert.Equal(last.Job.Id, Assert.Single(next.ListJobs(all: true)).Id);
        Assert.Contains(Events, e => e.Text == "2 free results that were not saved within a day have been removed.");
    }

    [Fact]
    public async Task What_was_paid_for_and_not_collected_stays()
    {
        await StartAsync();
        await Engine.RunAsync(Plan(), cancellationToken: Cancellation);
        clock.Move(TimeSpan.FromDays(1000));
        Restart().RemoveExpired(text => Assert.Fail(text));

        Assert.Equal(2, Restart().ListJobs().Count());
    }

    [Fact]
    public async Task The_record_of_a_saved_job_is_removed_90_days_after_it_was_done()
    {
        InpaintResult result = await Engine.RunAsync(Plan(), cancellationToken: Cancellation);
        clock.Move(TimeSpan.FromDays(30));
        Journal().MarkSaved(result.Job.JournalId, 0);
        string file = State.At("jobs", "done", result.Job.JournalId + ".json");
        File.SetLastWriteTimeUtc(file, clock.GetUtcNow().UtcDateTime);
        clock.Move(TimeSpan.FromDays(89));
        Restart().RemoveExpired();
        Assert.True(File.Exists(file));

        clock.Move(TimeSpan.FromDays(2));
        Restart().RemoveExpired();
        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task The_file_that_a_process_was_killed_before_moving_is_moved_after_a_day()
    {
        InpaintResult result = await Engine.RunAsync(Plan(), cancellationToken: Cancellation);
        Journal().MarkSaved(result.Job.JournalId, 0);
        string done = State.At("jobs", "done", result.Job.JournalId + ".json");
        string open = State.At("jobs", "open", result.Job.JournalId + ".json");
        File.Move(done, open);
        clock.Move(TimeSpan.FromHours(25));
        Restart().RemoveExpired(text => Assert.Fail(text));

        Assert.Equal((true, false), (File.Exists(done), File.Exists(open)));
    }

    [Fact]
    public async Task The_list_of_what_is_left_to_collect_reads_no_record_of_a_done_job()
    {
        InpaintJob job = await StartAsync();
        State.Write(Path.Combine("jobs", "done", Journal().NewId() + ".json"), [1, 2, 3]);
        List<string> told = [];
        Engine.RemoveExpired(told.Add);

        Assert.Equal(job.Id, Assert.Single(Engine.ListJobs(warn: told.Add)).Id);
        Assert.Empty(told);
        Assert.Single(Engine.ListJobs(all: true, warn: told.Add));
        Assert.Single(told);
    }

    private Task<InpaintResult> RunLocalAsync() => Engine.RunAsync(Engine.Plan(Request("Local")), cancellationToken: Cancellation);
}
