using System.Runtime.Versioning;
using System.Text;
using Inpaint.Journal;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Journal;

/// <summary>Where jobs are written down, by many processes at once, and how they are found again.</summary>
public sealed class JobJournalTests : JournalTest
{
    [Fact]
    public void What_is_written_is_read_back_whole()
    {
        JournalEntry entry = Full();
        Journal().Write(entry);
        JournalEntry read = Journal().Read("a")!;

        Assert.Equivalent(entry with { History = read.History }, read, strict: true);
        Assert.Equal(196619188014358660, read.Result!.Seed);
    }

    [Theory]
    [InlineData("狮子坐在长椅上 \"quoted\" \\ </script> \u0007")]
    [InlineData("half a pair \uD83D and the other \uDE00")]
    public void Any_prompt_can_be_written_down(string prompt)
    {
        Journal().Write(Entry("a") with { Job = Job("a") with { Prompt = prompt } });

        Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(prompt)), Journal().Read("a")!.Job.Prompt);
    }

    [Fact]
    public void Files_can_be_read_by_people()
    {
        Journal().Write(Entry("a") with { Job = Job("a") with { Prompt = "ein Löwe 狮子" } });
        string text = File.ReadAllText(State.At("jobs", "open", "a.json"));

        Assert.Contains("ein Löwe 狮子", text, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"InQueue\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_is_collected_by_the_process_that_claims_it_first()
    {
        ManualTimeProvider time = new();
        JobJournal journal = new(() => State.Path, time);
        journal.Write(Full());
        ProcessMark here = ProcessMark.Current;
        ProcessMark dead = here with { StartedAt = here.StartedAt.AddDays(-1) };
        ProcessMark elsewhere = here with { Machine = "elsewhere" };

        Assert.True(journal.TryClaim("a", dead));
        Assert.True(journal.TryClaim("a", elsewhere));
        Assert.True(journal.TryClaim("a", elsewhere));
        Assert.False(journal.TryClaim("a", here));
        journal.Write(Full());
        Assert.False(journal.TryClaim("a", here));
        time.Advance(TimeSpan.FromMinutes(16));
        Assert.True(journal.TryClaim("a", here));
        Assert.False(journal.TryClaim("a", elsewhere));
    }

    [Fact]
    public void A_job_that_is_saved_or_gone_is_not_claimed()
    {
        JobJournal journal = Journal();
        Assert.False(journal.TryClaim("a", ProcessMark.Current));
        journal.Write(Full(pictures: 1));
        Assert.True(journal.TryClaim("a", ProcessMark.Current));
        journal.MarkSaved("a", 0);
        Assert.False(journal.TryClaim("a", ProcessMark.Current));
    }

    [Fact]
    public void A_job_whose_process_was_killed_before_its_file_was_moved_is_done_and_its_file_moves_with_the_next_mark()
    {
        JobJournal journal = Journal();
        journal.Write(Full(pictures: 1));
        journal.MarkSaved("a", 0);
        string open = Path.Combine(State.Path, "jobs", "open", "a.json");
        string done = Path.Combine(State.Path, "jobs", "done", "a.json");
        File.Move(done, open);

        Assert.Empty(journal.Entries(includeDone: false, Warn));
        Assert.Single(journal.Entries(includeDone: true, Warn));
        journal.MarkSaved("a", 0);
        Assert.Equal((true, false), (File.Exists(done), File.Exists(open)));
    }

    [Fact]
    public void A_change_neither_reads_nor_parses_what_this_process_has_written()
    {
        JobJournal journal = Journal();
        JournalEntry entry = Full();
        journal.Write(entry);
        journal.Write(entry);
        long before = GC.GetAllocatedBytesForCurrentThread();
        journal.Write(entry);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 7 << 10);
    }

    [Fact]
    public void What_another_process_has_written_meanwhile_is_read_before_a_change()
    {
        JobJournal one = Journal();
        JobJournal other = Journal();
        JournalEntry entry = Full();
        one.Write(entry);
        other.MarkSaved("a", 0);

        Assert.Equal([0], one.Read("a")!.Result!.Saved);
        Assert.Equal([0], one.Write(entry).Result!.Saved);
        other.MarkSaved("a", 1);
        one.Write(entry);
        Assert.NotNull(one.Read("a")!.Job.SavedAt);
        Assert.Empty(Directory.GetFiles(State.At("jobs", "open")));
        other.Delete("a");
        Assert.Null(one.Read("a"));
    }

    [RequiresFact(Requirement.Unix)]
    [UnsupportedOSPlatform("windows")]
    public void Nobody_else_can_read_what_is_kept()
    {
        Journal().Write(Full());
        Journal().MarkSaved("a", 0);
        Journal().MarkSaved("a", 1);

        Assert.NotEmpty(State.Files());
        foreach (string path in Directory.EnumerateFileSystemEntries(State.Path, "*", SearchOption.AllDirectories))
        {
            Assert.True((File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)) == UnixFileMode.None, path);
        }
    }

    [Fact]
    public void Nothing_but_the_job_is_left_in_the_folder()
    {
        Journal().Write(Entry("a"));

        Assert.DoesNotContain(State.Files(), f => f.EndsWith(".tmp", StringComparison.Ordinal));
        Assert.Equal(["a.json"], Directory.GetFiles(State.At("jobs", "open")).Select(Path.GetFileName));
    }

    [Fact]
    public void Jobs_are_listed_from_the_oldest_on()
    {
        JobJournal journal = Journal();
        foreach (string id in new[] { "20260102", "20260101", "20260103" })
        {
            journal.Write(Entry(id));
        }

        Assert.Equal(["20260101", "20260102", "20260103"], journal.Entries(includeDone: false, Warn).Select(e => e.Job.JournalId));
    }

    [Theory]
    [InlineData("../a")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("/etc/passwd")]
    [InlineData("a.json")]
    [InlineData("")]
    [InlineData("a\0")]
    public void A_name_cannot_lead_out_of_the_folder(string journalId)
    {
        JobJournal journal = Journal();
        foreach (Action action in new Action[] { () => journal.Read(journalId), () => journal.Write(Entry(journalId)), () => journal.Delete(journalId), () => journal.DoneSince(journalId) })
        {
            Assert.Equal(InpaintErrorId.JobNotFound, Assert.Throws<InpaintException>(action).ErrorId);
        }

        Assert.Empty(State.Files());
    }

    [Fact]
    public void A_job_is_found_by_either_name_and_by_an_unmistakable_beginning()
    {
        JobJournal journal = Journal();
        journal.Write(Entry("20260101-aa", "72a35804-1"));
        journal.Write(Entry("20260101-bb", "72b00000-1"));
        journal.Write(Entry("20260102-cc", "72a35804-12"));

        Assert.Equal("20260101-aa", journal.Find("72a35804-1", provider: null)?.Job.JournalId);
        Assert.Equal("20260101-bb", journal.Find("72B", "fal")?.Job.JournalId);
        Assert.Equal("20260102-cc", journal.Find("20260102", provider: null)?.Job.JournalId);
        Assert.Equal("20260102-cc", journal.Find("cc", provider: null)?.Job.JournalId);
        Assert.Null(journal.Find("72a", provider: null));
        Assert.Null(journal.Find("72b", "ModelsLab"));
        Assert.Null(journal.Find("nobody", provider: null));
    }

    [Fact]
    public void A_forgotten_job_is_gone()
    {
        JobJournal journal = Journal();
        journal.Write(Entry("a"));

        Assert.True(journal.Delete("a"));
        Assert.False(journal.Delete("a"));
        Assert.Null(journal.Read("a"));
    }

    [Fact]
    public void Where_nothing_was_ever_written_nothing_is_found_or_made()
    {
        Assert.Empty(Journal().Entries(includeDone: true, Warn));
        Assert.Null(Journal().Read("a"));
        Assert.False(Journal().Delete("a"));
        Journal().MarkSaved("a", 0);
        Assert.Empty(Directory.GetFileSystemEntries(State.Path));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named()
    {
        string inTheWay = State.Write("file", []);
        JobJournal journal = new(() => inTheWay, TimeProvider.System);
        InpaintException e = Assert.Throws<InpaintException>(() => journal.Write(Entry("a")));

        Assert.Equal(InpaintErrorId.StateUnavailable, e.ErrorId);
        Assert.Contains(inTheWay, e.Message, StringComparison.Ordinal);
        Assert.Contains("INPAINT_HOME", e.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_processes_at_once_lose_neither_jobs_nor_marks()
    {
        const int jobs = 12;
        const int pictures = 8;
        JournalEntry[] entries = [.. Enumerable.Range(0, jobs).Select(n => Full($"job-{n}", pictures))];
        foreach (JournalEntry entry in entries)
        {
            Journal().Write(entry with { Result = null, Job = entry.Job with { State = InpaintJobState.InQueue } });
        }

        // A journal of its own for each, as in another process: what they share is the folder and the lock files.
        Parallel.For(0, jobs * pictures, new ParallelOptions { MaxDegreeOfParallelism = 16 }, n =>
        {
            JournalEntry entry = entries[n / pictures];
            JobJournal own = Journal();
            own.Write(entry);
            own.MarkSaved(entry.Job.JournalId, n % pictures);
            own.Write(entry with { Result = null, Job = entry.Job with { State = InpaintJobState.InProgress } });
            Assert.All(own.Entries(includeDone: true, _ => Assert.Fail("A half file was seen.")), seen => Assert.NotNull(seen.Job));
        });

        JournalEntry[] left = [.. Journal().Entries(includeDone: true, Warn)];
        Assert.Equal(jobs, left.Length);
        Assert.All(left, entry => Assert.Equal(pictures, entry.Result!.Saved.Count));
        Assert.All(left, entry => Assert.NotNull(entry.Job.SavedAt));
        Assert.Empty(Directory.GetFiles(State.At("jobs", "open")));
        Assert.Empty(Warnings);
    }
}
