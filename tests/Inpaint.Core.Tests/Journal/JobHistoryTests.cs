using Inpaint.Journal;
using Xunit;

namespace Inpaint.Tests.Journal;

/// <summary>What the journal knows of a job as it goes on: its steps, whose word counts, and when it is done.</summary>
public sealed class JobHistoryTests : JournalTest
{
    [Fact]
    public void Every_step_of_a_job_is_noted_with_its_time()
    {
        JobJournal journal = Journal();
        journal.Write(Entry("a") with { Job = Job("a") with { State = InpaintJobState.Submitting }, MadeBy = ProcessMark.Current });
        journal.Write(Entry("a"));
        journal.Write(Entry("a") with { Job = Job("a") with { QueuePosition = 2 } });
        journal.Write(Entry("a") with { Job = Job("a") with { State = InpaintJobState.InProgress, StopOutcome = StopOutcome.CancellationRequested } });
        JournalEntry full = Full();
        journal.Write(full with { Job = full.Job with { StopOutcome = StopOutcome.CancellationRequested } });
        journal.MarkSaved("a", 1);
        journal.MarkSaved("a", 0);
        JournalEntry read = Journal().Read("a")!;

        Assert.Equal(
            ["Submitting", "InQueue", "InProgress", "stop: CancellationRequested", "Completed", "result: 2 picture(s)", "picture 1 saved", "picture 0 saved"],
            read.History!.Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
        Assert.All(read.History!, line => Assert.Matches(@"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z ", line));
        Assert.Equal(read.History!.Order(StringComparer.Ordinal).Select(l => l[..24]), read.History!.Select(l => l[..24]));
        Assert.Equal(ProcessMark.Current, read.MadeBy);
    }

    [Fact]
    public void A_job_that_wavers_keeps_the_end_of_its_history()
    {
        JobJournal journal = Journal();
        for (int n = 0; n < 130; n++)
        {
            journal.Write(Entry("a") with { Job = Job("a") with { State = n % 2 == 0 ? InpaintJobState.InQueue : InpaintJobState.InProgress } });
        }

        Assert.Equal(100, journal.Read("a")!.History!.Count);
        Assert.EndsWith(" InProgress", journal.Read("a")!.History![^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_submit_is_under_way_while_its_process_runs_and_no_longer()
    {
        DateTimeOffset now = new(2026, 11, 20, 23, 30, 0, TimeSpan.Zero);
        JournalEntry intent = Entry("a") with { Job = Job("a") with { State = InpaintJobState.Submitting, UpdatedAt = now.AddMinutes(-4) } };
        InpaintJobState After(ProcessMark? madeBy, double minutes) => (intent with { MadeBy = madeBy }).EffectiveAt(now.AddMinutes(minutes)).State;
        ProcessMark dead = ProcessMark.Current with { StartedAt = ProcessMark.Current.StartedAt.AddDays(-1) };
        ProcessMark elsewhere = ProcessMark.Current with { Machine = "elsewhere" };

        Assert.Equal(InpaintJobState.Submitting, After(ProcessMark.Current, 0));
        Assert.Equal(InpaintJobState.Submitting, After(ProcessMark.Current, 15));
        Assert.Equal(InpaintJobState.Uncertain, After(ProcessMark.Current, 60));
        Assert.Equal(InpaintJobState.Uncertain, After(dead, 0));
        Assert.Equal(InpaintJobState.Submitting, After(elsewhere, 0));
        Assert.Equal(InpaintJobState.Uncertain, After(elsewhere, 2));
        Assert.Equal(InpaintJobState.Submitting, After(null, 0));
        Assert.Equal(InpaintJobState.Uncertain, After(null, 2));
    }

    [Fact]
    public void Who_knows_less_does_not_take_a_result_back()
    {
        JobJournal journal = Journal();
        JournalEntry before = Entry("a");
        journal.Write(before);
        journal.Write(Full());
        journal.MarkSaved("a", 0);
        journal.MarkSaved("a", 1);
        JournalEntry written = journal.Write(before with { Job = before.Job with { State = InpaintJobState.InProgress } });

        Assert.Equal(2, written.Result!.Images.Count);
        Assert.NotNull(journal.Read("a")!.Job.SavedAt);
        Assert.Equal(InpaintJobState.Completed, journal.Read("a")!.Job.State);
    }

    [Fact]
    public void A_verdict_is_not_taken_back_by_an_older_standing()
    {
        JobJournal journal = Journal();
        journal.Write(Entry("a") with { Job = Job("a") with { State = InpaintJobState.Failed, Error = "no" } });
        journal.Write(Entry("a") with { Job = Job("a") with { State = InpaintJobState.InProgress } });

        Assert.Equal("no", journal.Read("a")!.Job.Error);
    }

    [Fact]
    public void A_job_moves_to_the_done_ones_with_its_last_picture()
    {
        JobJournal journal = Journal();
        journal.Write(Full());
        journal.MarkSaved("a", 1);
        Assert.Null(journal.Read("a")!.Job.SavedAt);
        Assert.Single(journal.Entries(includeDone: false, Warn));

        journal.MarkSaved("a", 0);
        Assert.NotNull(journal.Read("a")!.Job.SavedAt);
        Assert.Empty(journal.Entries(includeDone: false, Warn));
        Assert.Single(journal.Entries(includeDone: true, Warn));
        Assert.Equal(Path.Combine("jobs", "done", "a.json"), Assert.Single(State.Files(), f => f.EndsWith("a.json", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_blank_picture_need_not_be_saved()
    {
        JobJournal journal = Journal();
        JournalEntry entry = Full();
        journal.Write(entry with { Result = entry.Result! with { Images = [entry.Result.Images[0], entry.Result.Images[1] with { IsFlagged = true }] } });
        journal.MarkSaved("a", 0);

        Assert.NotNull(journal.Read("a")!.Job.SavedAt);
    }

    [Theory]
    [InlineData(InpaintJobState.Failed)]
    [InlineData(InpaintJobState.Cancelled)]
    public void Where_nothing_is_left_to_collect_the_job_is_done(InpaintJobState ended)
    {
        JobJournal journal = Journal();
        journal.Write(Entry("a"));
        journal.Write(Entry("a") with { Job = Job("a") with { State = ended } });

        Assert.Empty(journal.Entries(includeDone: false, Warn));
        Assert.Equal(ended, Assert.Single(journal.Entries(includeDone: true, Warn)).Job.State);
    }

    [Fact]
    public void A_job_left_in_both_folders_by_a_killed_process_counts_as_done()
    {
        JobJournal journal = Journal();
        journal.Write(Full());
        string open = State.At("jobs", "open", "a.json");
        byte[] before = File.ReadAllBytes(open);
        journal.MarkSaved("a", 0);
        journal.MarkSaved("a", 1);
        File.WriteAllBytes(open, before);

        Assert.Empty(journal.Entries(includeDone: false, Warn));
        Assert.NotNull(Assert.Single(journal.Entries(includeDone: true, Warn)).Job.SavedAt);
    }

    [Fact]
    public void A_job_that_is_done_while_the_jobs_are_listed_is_listed_all_the_same()
    {
        JobJournal journal = Journal();
        journal.Write(Full("a"));
        journal.Write(Full("b", pictures: 1));
        using IEnumerator<JournalEntry> listed = journal.Entries(includeDone: true, Warn).GetEnumerator();

        Assert.True(listed.MoveNext());
        Journal().MarkSaved("b", 0);
        Assert.True(listed.MoveNext());
        Assert.Equal("b", listed.Current.Job.JournalId);
        Assert.NotNull(listed.Current.Job.SavedAt);
        Assert.False(listed.MoveNext());
        Assert.Empty(Warnings);
    }

    [Fact]
    public void A_job_that_is_done_while_it_is_read_is_read_all_the_same()
    {
        Journal().Write(Full(pictures: 1));
        int asked = 0;
        JobJournal slow = new(
            () =>
            {
                // After the look into the one folder, before that into the other.
                if (++asked == 2)
                {
                    Journal().MarkSaved("a", 0);
                }

                return State.Path;
            },
            TimeProvider.System);

        Assert.NotNull(slow.Read("a"));
    }

    [Fact]
    public void A_job_whose_process_writes_its_last_word_and_ends_while_it_is_looked_at_is_not_uncertain()
    {
        ProcessMark ended = ProcessMark.Current with { StartedAt = ProcessMark.Current.StartedAt.AddDays(-1) };
        JournalEntry intent = Entry("a") with { Job = Job("a") with { State = InpaintJobState.Submitting, Fingerprint = "abc" }, MadeBy = ended };
        InpaintJob accepted = intent.Job with { State = InpaintJobState.InQueue };
        InpaintJob[] Look(Action lastWord)
        {
            Journal().Write(intent);
            JobJournal journal = new(() => State.Path, new MeanwhileTime(lastWord));
            return [.. journal.Entries(includeDone: true, Warn).Select(e => journal.ResolveState(e)?.Job).OfType<InpaintJob>()];
        }

        Assert.Equal(InpaintJobState.Uncertain, Assert.Single(Look(() => { })).State);
        Assert.Empty(Look(() => Journal().Delete("a")));
        Assert.Equal(InpaintJobState.InQueue, Assert.Single(Look(() => Journal().Write(intent with { Job = accepted }))).State);
    }

    [Fact]
    public void A_batch_attaches_to_a_job_whose_process_writes_its_last_word_and_ends_while_it_is_looked_at()
    {
        ProcessMark ended = ProcessMark.Current with { StartedAt = ProcessMark.Current.StartedAt.AddDays(-1) };
        JournalEntry intent = Entry("a") with { Job = Job("a") with { State = InpaintJobState.Submitting, Fingerprint = "abc" }, MadeBy = ended };
        Journal().Write(intent);
        JobResumption resumption = new(
            new JobJournal(() => State.Path, new MeanwhileTime(() => Journal().Write(intent with { Job = intent.Job with { State = InpaintJobState.InQueue } }))),
            Warn);

        Assert.Equal("a", resumption.TakeOther("abc", "b")?.JournalId);
    }

    /// <summary>A clock that is asked when a job has been read and is to be judged; somebody else does something at that moment.</summary>
    private sealed class MeanwhileTime(Action somebody) : TimeProvider
    {
        private bool hasHappened;

        public override DateTimeOffset GetUtcNow()
        {
            if (!hasHappened)
            {
                hasHappened = true;
                somebody();
            }

            return base.GetUtcNow();
        }
    }
}
