using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Inpaint.Journal;
using Xunit;

namespace Inpaint.Tests.Journal;

/// <summary>The lines of a job's file: what is added, and what is read where a line was left unfinished.</summary>
public sealed class JournalFileTests : JournalTest
{
    private string Open => State.At("jobs", "open", "a.json");

    [Fact]
    public void A_change_adds_a_line_and_leaves_those_before_it()
    {
        JobJournal journal = Journal();
        journal.Write(Full() with { Result = null });
        string before = File.ReadAllText(Open);
        journal.Write(Full());
        string after = File.ReadAllText(Open);

        Assert.StartsWith(before, after, StringComparison.Ordinal);
        Assert.Equal(2, after.Count(c => c == '\n'));
        journal.MarkSaved("a", 0);
        journal.MarkSaved("a", 1);
        Assert.StartsWith(after, File.ReadAllText(State.At("jobs", "done", "a.json")), StringComparison.Ordinal);
        Assert.False(File.Exists(Open));
    }

    [Fact]
    public void The_file_of_a_job_that_is_asked_about_for_ever_does_not_grow_for_ever()
    {
        JobJournal journal = Journal();
        journal.Write(Full());
        long line = new FileInfo(Open).Length;
        long longest = 0;
        for (long written = 0; written < 200 << 10; written += line)
        {
            journal.Write(Full(), isDurable: false);
            longest = Math.Max(longest, new FileInfo(Open).Length);
        }

        Assert.InRange(longest, 60 << 10, (64 << 10) + (2 * line));
        Assert.NotNull(journal.Read("a")!.Result);
    }

    [Fact]
    public void An_unfinished_line_counts_for_nothing_and_is_written_over_wherever_it_was_cut()
    {
        JobJournal journal = Journal();
        journal.Write(Entry("a"));
        int first = (int)new FileInfo(Open).Length;
        journal.Write(Full());
        byte[] both = File.ReadAllBytes(Open);
        for (int length = first; length < both.Length; length += 41)
        {
            File.WriteAllBytes(Open, both[..length]);
            Assert.Null(Assert.Single(journal.Entries(includeDone: true, Warn)).Result);
            Assert.Null(journal.Write(Entry("a") with { Job = Job("a") with { State = InpaintJobState.InProgress } }).Result);
            Assert.Equal(InpaintJobState.InProgress, Assert.Single(journal.Entries(includeDone: true, Warn)).Job.State);
            Assert.NotNull(journal.Write(Full()).Result);
            Assert.NotNull(journal.Read("a")!.Result);
        }

        Assert.Empty(Warnings);
    }

    [Fact]
    public void What_a_power_cut_leaves_of_a_line_counts_for_nothing()
    {
        JobJournal journal = Journal();
        journal.Write(Entry("a"));
        File.AppendAllText(Open, new string('\0', 3000));

        Assert.NotNull(journal.Read("a"));
        Assert.NotNull(journal.Write(Full()).Result);
        Assert.NotNull(Assert.Single(journal.Entries(includeDone: true, Warn)).Result);
        Assert.Empty(Warnings);
    }

    [Fact]
    public void A_last_line_that_is_complete_but_damaged_is_spoken_of()
    {
        JobJournal journal = Journal();
        journal.Write(Entry("a"));
        File.AppendAllText(Open, "{\"version\":2,\"job\"\n");

        Assert.Empty(journal.Entries(includeDone: true, Warn));
        Assert.Contains("its id id", Assert.Single(Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void A_file_of_version_1_is_read_and_replaced_by_the_next_change(string lineEnd)
    {
        string old = """
            {
              "version": 1,
              "job": {
                "id": "acf05732",
                "journalId": "a",
                "provider": "Fal",
                "model": "fal-ai/flux-lora/inpainting",
                "state": "InQueue",
                "createdAt": "2026-11-25T01:59:49.388+00:00",
                "updatedAt": "2026-11-25T01:59:49.388+00:00"
              },
              "history": [
                "2026-11-25T01:59:49.388Z Submitting"
              ]
            }
            """;
        State.Write("jobs/open/a.json", Encoding.UTF8.GetBytes(old.ReplaceLineEndings(lineEnd)));
        JobJournal journal = Journal();

        Assert.Equal("acf05732", Assert.Single(journal.Entries(includeDone: false, Warn)).Job.Id);
        JournalEntry changed = journal.Write(journal.Read("a")! with { Job = journal.Read("a")!.Job with { State = InpaintJobState.InProgress } });
        Assert.Equal((JournalEntry.CurrentVersion, "2026-11-25T01:59:49.388Z Submitting"), (changed.Version, changed.History![0]));
        Assert.Equal(InpaintJobState.InProgress, journal.Read("a")!.Job.State);
        Assert.Single(File.ReadAllLines(Open));
        Assert.Empty(Warnings);
    }

    [Fact]
    public void A_line_is_what_the_serialiser_would_write()
    {
        DateTimeOffset now = new(2026, 11, 20, 23, 0, 4, TimeSpan.Zero);
        JournalEntry full = Full();
        InpaintCost cost = full.Job.Cost! with { PriceStatedAt = now, Saved = 0.002m };
        InpaintPlacement placement = new() { OriginalPath = "/home/user/dog.png", OriginalDigest = "AB", X = 1, Y = 2, Width = 3, Height = 4, MaskX = 5, MaskY = 6, Feather = 7, Format = PictureFormat.Jpeg };
        Dictionary<string, string> texts = new(StringComparer.Ordinal) { ["Höhe"] = "\"1\" <2> 猫" };
        ImageOrigin origin = new() { JournalId = "a", JobId = "id", Provider = "Fal", Model = "m", Source = "/s.png", Prompt = "a cat", Seed = -1, Operation = InpaintOperation.TextToImage, CreatedAt = now, Columns = texts };
        InpaintImage image = full.Result!.Images[0] with { ProviderUrl = "https://cdn.example/before.png", IsFlagged = true, Origin = origin };
        ProcessMark process = new("machine", 7, now.AddTicks(1));
        JournalEntry entry = full with
        {
            Job = full.Job with { SavedAt = now, IsFree = true, IsTransient = true, Cost = cost, Placement = placement, Columns = texts, Parameters = texts },
            Result = full.Result with { Images = [image], Saved = [0, 3] },
            MadeBy = process,
            Claim = new CollectionClaim(process, now),
        };
        JournalEntry written = Journal().Write(entry);

        // A property that is added later is to be written, too.
        Assert.All(new object[] { written, written.Job, cost, placement, written.Job.Logs[0], written.Result!, image, origin, process }, AssertHasEverything);
        JsonSerializerOptions options = new(JournalReading.Default.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        Assert.Equal(JsonSerializer.Serialize(written, options) + "\n", File.ReadAllText(State.At("jobs", "done", "a.json")));
        Assert.Equal(JsonSerializer.Serialize(written, options), JsonSerializer.Serialize(Journal().Read("a"), options));
    }

    [Fact]
    public void An_enumeration_with_a_number_that_somebody_has_written_is_read_again_after_it_was_written_again()
    {
        JobJournal journal = Journal();
        journal.Write(Full());
        File.WriteAllText(Open, File.ReadAllText(Open).Replace("\"operation\":\"Inpaint\"", "\"operation\":99", StringComparison.Ordinal));
        journal.MarkSaved("a", 0);

        JournalEntry read = Journal().Read("a")!;
        Assert.Equal(((InpaintOperation)99, 0), (read.Job.Operation, Assert.Single(read.Result!.Saved)));
    }

    private static void AssertHasEverything(object of) => Assert.All(of.GetType().GetProperties(), property => Assert.NotNull(property.GetValue(of)));

    [Fact]
    public void A_file_that_somebody_has_edited_is_replaced_and_never_written_over()
    {
        JobJournal journal = Journal();
        journal.Write(Full());
        string line = File.ReadAllText(Open);
        AssertReplaced(line.TrimEnd('\n'));
        AssertReplaced(line.Replace("{\"version\"", "{\n\"version\"", StringComparison.Ordinal));
    }

    private void AssertReplaced(string content)
    {
        JobJournal journal = Journal();
        File.WriteAllText(Open, content);

        Assert.NotNull(journal.Read("a")!.Result);
        journal.MarkSaved("a", 0);
        Assert.Equal([0], journal.Read("a")!.Result!.Saved);
        Assert.Single(File.ReadAllLines(Open));
    }
}
