using System.Text;
using Inpaint.Journal;
using Inpaint.Tests.Journal;
using Xunit;

namespace Inpaint.Tests.Hostile;

/// <summary>Damaged files of the journal: each is a job, or is spoken of in one warning and left as it is, and none of them keeps the others from being found.</summary>
public sealed class HostileJournalTests : JournalTest
{
    [Theory]
    [InlineData("bytes", 1)]
    [InlineData("text", 2)]
    [InlineData("JSON", 3)]
    public void A_damaged_file_is_a_job_or_is_spoken_of(string kind, int seed)
    {
        JobJournal journal = Journal();
        JournalEntry whole = journal.Write(Full("whole"));
        journal.Write(Full("victim"));
        string file = State.At("jobs", "open", "victim.json");
        string json = File.ReadAllText(file);
        Mutator mutator = new(seed);
        int jobs = 0;
        int damaged = 0;
        for (int round = Mutator.Rounds(500); round > 0; round--)
        {
            File.WriteAllBytes(file, kind switch
            {
                "bytes" => mutator.Damage(Encoding.UTF8.GetBytes(json)),
                "text" => Encoding.UTF8.GetBytes(mutator.Damage(json)),
                _ => mutator.DamageJson(json),
            });
            Warnings.Clear();
            JournalEntry[] found = [.. journal.Entries(includeDone: true, Warn)];

            Assert.Contains(found, e => e.Job.JournalId == "whole");
            Assert.NotNull(journal.Find("whole", provider: null));
            Assert.Equal(found.Length == 2 ? 0 : 1, Warnings.Count);
            Assert.DoesNotContain(Warnings, w => w.Any(char.IsControl));
            jobs += found.Length - 1;
            damaged += Warnings.Count;
            foreach (JournalEntry entry in found)
            {
                // What is found can be worked with: shown, written out, merged with what another process knows.
                Assert.True(entry.IsComplete());
                _ = entry.Job.ToString() + entry.Job.Cost;
                _ = entry.Result?.Images.Sum(i => i.Url.Length + i.Origin.Count);
                using System.Text.Json.Utf8JsonWriter writer = new(Stream.Null);
                JournalWriter.Write(writer, whole.MergeOnto(entry));
            }

            Assert.True(File.Exists(file));
        }

        Assert.True(jobs > 0 && damaged > 0, $"{jobs} jobs, {damaged} damaged");
    }

    [Theory]
    [InlineData(100_000, "[")]
    [InlineData(100_000, "{\"a\":")]
    [InlineData(5_000_000, " ")]
    public void A_file_of_absurd_depth_or_size_is_spoken_of(int times, string piece)
    {
        State.Write("jobs/open/deep.json", Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, times))));

        Assert.Empty(Journal().Entries(includeDone: true, Warn));
        Assert.Single(Warnings);
        Assert.Equal(["jobs/open/deep.json"], State.Files().Select(f => f.Replace('\\', '/')));
    }
}
