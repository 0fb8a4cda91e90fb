using Inpaint.Emulator.Fal;
using Inpaint.Journal;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Killed;

/// <summary>Several processes at the journal at once, one of them killed in the middle.</summary>
public sealed class ManyProcessesTests : KillTest
{
    [Fact]
    public async Task Many_processes_at_once_lose_neither_jobs_nor_marks()
    {
        int rounds = IsLong ? 150 : 12;
        Orders orders = Begin(Way.Local, "churn") with { Deed = Deed.Churn, Jobs = rounds };
        VictimProcess[] processes = [.. Enumerable.Range(0, IsLong ? 6 : 3).Select(_ => VictimProcess.Start(orders))];
        await processes[0].WaitForAsync(l => l.StartsWith("done ", StringComparison.Ordinal));
        await processes[0].KillAsync();
        foreach (VictimProcess process in processes.Skip(1))
        {
            await process.EndAsync();
        }

        JobJournal journal = new(() => orders.State, TimeProvider.System);
        Dictionary<string, JournalEntry> left = journal.Entries(includeDone: true, warning => Assert.Fail(warning)).ToDictionary(e => e.Job.JournalId, StringComparer.Ordinal);
        foreach (string line in processes.SelectMany(p => p.Said))
        {
            Assert.False(line.StartsWith("warning", StringComparison.Ordinal) || line.StartsWith("lost ", StringComparison.Ordinal), line);
            if (line.StartsWith("done ", StringComparison.Ordinal))
            {
                JournalEntry entry = left[line["done ".Length..]];
                Assert.Equal(4, entry.Result!.Saved.Count);
                Assert.NotNull(entry.Job.SavedAt);
            }
        }

        Assert.All(left.Values, e => Assert.Equal(e.Result?.Saved.Count == 4, e.Job.SavedAt is not null));
        Assert.InRange(left.Values.Count(e => e.Job.SavedAt is null), 0, 8 + 1);
        foreach (VictimProcess process in processes)
        {
            process.Dispose();
        }
    }

    [Fact]
    public async Task Batches_that_resume_the_same_requests_at_once_pay_for_each_once()
    {
        Orders orders = Begin(Way.FalQueue, "batches") with { Jobs = 5, AtOnce = 2, Resume = true };
        IReadOnlyList<string>[] said = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => VictimProcess.RunAsync(orders)));

        Assert.Equal(orders.Jobs, State.PaidJobs);
        Assert.All(said, lines => Assert.Equal(orders.Jobs, lines.Count(l => l.StartsWith("saved ", StringComparison.Ordinal))));
        Assert.Equal(3 * orders.Jobs, CheckOutput(orders).Count);
    }
}
