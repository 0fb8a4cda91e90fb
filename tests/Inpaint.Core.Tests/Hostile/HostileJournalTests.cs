using System.Text;
using Inpaint.Jobs;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Hostile;

/// <summary>Damaged files of the journal: each is a job, or is set aside with one warning, and none of them keeps the others from being found.</summary>
public sealed class HostileJournalTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_damaged_file_is_a_job_or_is_set_aside(bool keepsJson)
    {
        using TemporaryFolder state = new();
        JobJournal journal = new(() => state.Path, TimeProvider.System);
        JournalEntry whole = journal.Write(Entry(journal.NewId()));
        JournalEntry victim = journal.Write(Entry(journal.NewId()));
        string file = state.At("jobs", "open", victim.Job.JournalId + ".json");
        string json = File.ReadAllText(file);
        Mutator mutator = new(keepsJson ? 1 : 2);
        int jobs = 0;
        int aside = 0;
        for (int round = Mutator.Rounds(400); round > 0; round--)
        {
            byte[] damaged = keepsJson ? mutator.DamageJson(json) : mutator.Damage(Encoding.UTF8.GetBytes(json));
            File.WriteAllBytes(file, damaged);
            List<string> warnings = [];
            JournalEntry[] found = [.. journal.Entries(includeDone: true, warnings.Add)];

            Assert.Contains(found, e => e.Job.JournalId == whole.Job.JournalId);
            Assert.Equal(found.Length == 2 ? 0 : 1, warnings.Count);
            Assert.DoesNotContain(warnings, w => w.Any(char.IsControl));
            jobs += found.Length - 1;
            aside += warnings.Count;
            foreach (JournalEntry entry in found)
            {
                // What is found can be worked with: shown, written out, merged with what another process knows.
                Assert.True(entry.IsWhole());
                _ = System.Text.Json.JsonSerializer.Serialize(whole.Over(entry), JournalJson.Readable.JournalEntry);
            }

            File.Delete(file + ".damaged");
        }

        Assert.True(jobs > 0 && aside > 0, $"{jobs} jobs, {aside} set aside");
    }

    [Theory]
    [InlineData(100_000, "[")]
    [InlineData(100_000, "{\"a\":")]
    [InlineData(5_000_000, " ")]
    public void A_file_of_absurd_depth_or_size_is_set_aside(int times, string piece)
    {
        using TemporaryFolder state = new();
        JobJournal journal = new(() => state.Path, TimeProvider.System);
        state.Write("jobs/open/deep.json", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, times))));
        List<string> warnings = [];

        Assert.Empty(journal.Entries(includeDone: true, warnings.Add));
        Assert.Single(warnings);
        Assert.Equal(["jobs/open/deep.json.damaged"], state.Files().Select(f => f.Replace('\\', '/')));
    }

    private static JournalEntry Entry(string id) => new(
        JournalEntry.CurrentVersion,
        new InpaintJob
        {
            Id = "764cabcf-b745-4b3e-ae38-1200304cf45b",
            JournalId = id,
            Provider = "Fal",
            Model = "fal-ai/flux-lora/inpainting",
            State = InpaintJobState.Completed,
            Prompt = "an empty bench",
            Source = "dog.png",
            CreatedAt = new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero),
            SubmittedAt = new DateTimeOffset(2026, 11, 20, 12, 0, 1, TimeSpan.Zero),
            Cost = new InpaintCost(0.009m),
            Logs = [new InpaintLogEntry("2026-11-20T12:00:02Z", "denoising")],
            ProviderData = new Dictionary<string, string>(StringComparer.Ordinal) { ["status_url"] = "https://queue.fal.run/x" },
        },
        new StoredResult
        {
            Images = [new InpaintImage { Url = "https://cdn.example/0.png", ContentType = "image/png", Width = 64, Height = 64 }],
            Seed = 196619188014358660,
            Timings = new Dictionary<string, double>(StringComparer.Ordinal) { ["inference"] = 1.5 },
        });
}
