using System.Runtime.Versioning;
using System.Text;
using Inpaint.Jobs;
using Xunit;

namespace Inpaint.Tests.Jobs;

public sealed class JobJournalTests : IDisposable
{
    private readonly TemporaryFolder state = new();
    private readonly List<string> warnings = [];

    public void Dispose() => state.Dispose();

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
        JobJournal journal = Journal();
        journal.Write(Entry("a") with { Job = Job("a") with { Prompt = prompt } });

        Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(prompt)), journal.Read("a")!.Job.Prompt);
    }

    [Fact]
    public void Files_can_be_read_by_people()
    {
        Journal().Write(Entry("a") with { Job = Job("a") with { Prompt = "ein Löwe 狮子" } });
        string text = File.ReadAllText(state.At("jobs", "open", "a.json"));

        Assert.Contains("ein Löwe 狮子", text, StringComparison.Ordinal);
        Assert.Contains("\"state\": \"InQueue\"", text, StringComparison.Ordinal);
    }

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
        JournalEntry read = journal.Read("a")!;

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
        InpaintJobState After(ProcessMark? madeBy, double minutes) => (intent with { MadeBy = madeBy }).KnownAt(now.AddMinutes(minutes)).State;
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
    [UnsupportedOSPlatform("windows")]
    public void Nobody_else_can_read_what_is_kept()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Permissions of this kind are Unix's.");
        Journal().Write(Full());
        Journal().MarkSaved("a", 0);
        Journal().MarkSaved("a", 1);

        Assert.NotEmpty(state.Files());
        foreach (string path in Directory.EnumerateFileSystemEntries(state.Path, "*", SearchOption.AllDirectories))
        {
            Assert.True((File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)) == UnixFileMode.None, path);
        }
    }

    [Fact]
    public void Nothing_but_the_job_is_left_in_the_folder()
    {
        Journal().Write(Entry("a"));

        Assert.DoesNotContain(state.Files(), f => f.EndsWith(".tmp", StringComparison.Ordinal));
        Assert.Equal(["a.json"], Directory.GetFiles(state.At("jobs", "open")).Select(Path.GetFileName));
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
        Assert.Equal(Path.Combine("jobs", "done", "a.json"), Assert.Single(state.Files(), f => f.EndsWith("a.json", StringComparison.Ordinal)));
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
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("42")]
    [InlineData("{}")]
    [InlineData("{\"job\":null}")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\"}} trailing")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"other\"}}")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\",\"id\":null}}")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\",\"state\":\"Paused\"}}")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\",\"state\":99}}")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\",\"logs\":[null]}}")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\",\"providerData\":{\"a\":null}}}")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\"},\"result\":{\"images\":[null]}}")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\"},\"result\":{\"saved\":null}}")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\"},\"history\":[null]}")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\"},\"madeBy\":{\"machine\":null}}")]
    public void A_damaged_file_is_set_aside_and_stops_nothing(string content)
    {
        JobJournal journal = Journal();
        journal.Write(Entry("good"));
        File.WriteAllText(state.At("jobs", "open", "bad.json"), content);

        Assert.Equal("good", Assert.Single(journal.Entries(includeDone: true, Warn)).Job.JournalId);
        Assert.Contains("bad.json", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(state.At("jobs", "open", "bad.json.damaged")));
        Assert.Single(journal.Entries(includeDone: true, Warn));
        Assert.Single(warnings);
    }

    [Fact]
    public void Half_a_file_is_set_aside_wherever_it_was_cut()
    {
        JobJournal journal = Journal();
        journal.Write(Full());
        byte[] whole = File.ReadAllBytes(state.At("jobs", "open", "a.json"));
        for (int length = 0; length < whole.Length - 1; length += 97)
        {
            File.WriteAllBytes(state.At("jobs", "open", "a.json"), whole[..length]);
            Assert.Empty(journal.Entries(includeDone: true, Warn));
        }

        Assert.NotEmpty(warnings);
    }

    [Theory]
    [InlineData("{\"version\":2,\"job\":{\"journalId\":\"new\",\"state\":\"Paused\"}}")]
    [InlineData("{\"version\":2,\"tasks\":[]}")]
    public void A_newer_version_file_is_left_alone(string content)
    {
        JobJournal journal = Journal();
        journal.Write(Entry("good"));
        string path = state.At("jobs", "open", "new.json");
        File.WriteAllText(path, content);

        Assert.Single(journal.Entries(includeDone: true, Warn));
        Assert.Contains("newer version", Assert.Single(warnings), StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(path));
    }

    [Fact]
    public void Looking_for_one_job_neither_moves_nor_hides_a_damaged_file()
    {
        JobJournal journal = Journal();
        journal.Write(Entry("good"));
        File.WriteAllText(state.At("jobs", "open", "bad.json"), "{");

        Assert.NotNull(journal.Find("good", provider: null));
        Assert.Null(journal.Read("bad"));
        Assert.True(File.Exists(state.At("jobs", "open", "bad.json")));
    }

    [Fact]
    public void A_file_of_gigantic_size_is_not_read()
    {
        JobJournal journal = Journal();
        journal.Write(Entry("good"));
        using (FileStream huge = new(state.At("jobs", "open", "huge.json"), FileMode.Create))
        {
            huge.SetLength(1L << 32);
        }

        Assert.Single(journal.Entries(includeDone: true, Warn));
        Assert.Contains("too large", Assert.Single(warnings), StringComparison.Ordinal);
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

        Assert.Empty(state.Files());
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
        Assert.Empty(Directory.GetFileSystemEntries(state.Path));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named()
    {
        string inTheWay = state.Write("file", []);
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
        Assert.Empty(Directory.GetFiles(state.At("jobs", "open")));
        Assert.Empty(warnings);
    }

    [Fact]
    public void A_job_left_in_both_folders_by_a_killed_process_counts_as_done()
    {
        JobJournal journal = Journal();
        journal.Write(Full());
        string open = state.At("jobs", "open", "a.json");
        byte[] before = File.ReadAllBytes(open);
        journal.MarkSaved("a", 0);
        journal.MarkSaved("a", 1);
        File.WriteAllBytes(open, before);

        Assert.Empty(journal.Entries(includeDone: false, Warn));
        Assert.NotNull(Assert.Single(journal.Entries(includeDone: true, Warn)).Job.SavedAt);
    }

    [Fact]
    public void Whatever_is_in_a_file_reading_the_journal_does_not_fail()
    {
        JobJournal journal = Journal();
        journal.Write(Entry("good"));
        journal.Write(Full("victim", 2));
        string path = state.At("jobs", "open", "victim.json");
        byte[] whole = File.ReadAllBytes(path);
        Random random = new(20261120);
        string[] words = ["null", "[]", "{}", "-1", "1e999", "\"\"", "\"x\"", "true", "\\ud800", "\u0000"];
        int survived = 0;
        for (int round = 0; round < 1500; round++)
        {
            File.WriteAllBytes(path, Mutate(whole, random, words));
            foreach (JournalEntry entry in journal.Entries(includeDone: true, _ => { }))
            {
                _ = entry.Job.ToString() + entry.Job.Cost;
                _ = entry.Result?.Images.Sum(i => i.Url.Length + i.Origin.Count);
                survived += entry.Job.JournalId == "victim" ? 1 : 0;
            }

            Assert.NotNull(journal.Find("good", provider: null));
            File.Delete(path + ".damaged");
        }

        Assert.InRange(survived, 1, 1499);
    }

    internal static JournalEntry Entry(string journalId, string id = "id") => new(JournalEntry.CurrentVersion, Job(journalId) with { Id = id });

    private static byte[] Mutate(byte[] whole, Random random, string[] words)
    {
        List<byte> bytes = [.. whole];
        for (int change = random.Next(1, 4); change > 0; change--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 40), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(words[random.Next(words.Length)]));
                    break;
                default:
                    // In place of a value, so that the text stays JSON and only its meaning breaks.
                    int colon = bytes.IndexOf((byte)':', at);
                    int end = colon < 0 ? -1 : bytes.FindIndex(colon, b => b is (byte)',' or (byte)'\n');
                    if (end > 0)
                    {
                        bytes.RemoveRange(colon + 1, end - colon - 1);
                        bytes.InsertRange(colon + 1, Encoding.UTF8.GetBytes(words[random.Next(words.Length)]));
                    }

                    break;
            }

            if (bytes.Count == 0)
            {
                break;
            }
        }

        return [.. bytes];
    }

    private static InpaintJob Job(string journalId) => new()
    {
        JournalId = journalId,
        Id = "id",
        Provider = "Fal",
        Model = "fal-ai/flux-lora/inpainting",
        State = InpaintJobState.InQueue,
        CreatedAt = new DateTimeOffset(2026, 11, 20, 23, 0, 0, TimeSpan.Zero),
    };

    private static JournalEntry Full(string journalId = "a", int pictures = 2) => new(
        JournalEntry.CurrentVersion,
        Job(journalId) with
        {
            State = InpaintJobState.Completed,
            Prompt = "an empty bench",
            Source = "/home/user/dog.png",
            Count = pictures,
            QueuePosition = 0,
            Progress = 0.5,
            StopOutcome = StopOutcome.AlreadyCompleted,
            Error = "an error",
            ErrorId = InpaintErrorId.JobFailed,
            Cost = new InpaintCost(0.018m, "EUR", IsEstimate: false),
            InferenceSeconds = 3.42,
            Fingerprint = "abc",
            SubmittedAt = new DateTimeOffset(2026, 11, 20, 23, 0, 1, TimeSpan.FromHours(2)),
            UpdatedAt = new DateTimeOffset(2026, 11, 20, 23, 0, 2, TimeSpan.Zero),
            CompletedAt = new DateTimeOffset(2026, 11, 20, 23, 0, 3, TimeSpan.Zero),
            ProviderData = new Dictionary<string, string>(StringComparer.Ordinal) { ["responseUrl"] = "https://queue.fal.run/x" },
            Logs = [new InpaintLogEntry("2026-11-20T23:00:00.123Z", "denoising 14/28", "INFO")],
        },
        new StoredResult
        {
            Images = [.. Enumerable.Range(0, pictures).Select(n => new InpaintImage
            {
                Url = $"https://cdn.example/{n}.png",
                ContentType = "image/png",
                Width = 512,
                Height = 512,
                FileSize = 1L << 40,
                Index = n,
                Origin = new ImageOrigin { JournalId = journalId, JobId = "id", Seed = long.MaxValue, Count = pictures },
            })],
            Seed = 196619188014358660,
            Timings = new Dictionary<string, double>(StringComparer.Ordinal) { ["inference"] = 3.5 },
            Prompt = "an empty bench",
        });

    private JobJournal Journal() => new(() => state.Path, TimeProvider.System);

    private void Warn(string warning) => warnings.Add(warning);
}
