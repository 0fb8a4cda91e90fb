using Inpaint.Journal;
using Xunit;

namespace Inpaint.Tests.Journal;

/// <summary>Files of the journal that are no jobs. Those that a seeded mutator makes are met in Hostile/HostileJournalTests.</summary>
public sealed class DamagedJournalTests : JournalTest
{
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
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\",\"logs\":null}}")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\",\"logs\":[{\"level\":\"info\"}]}}")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\",\"cost\":{\"currency\":null}}}")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\",\"placement\":{\"originalDigest\":null}}}")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\"},\"result\":{\"images\":[{\"url\":null}]}}")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\"},\"result\":{\"images\":[{\"origin\":null}]}}")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\"},\"madeBy\":{\"id\":1}}")]
    [InlineData("{\"version\":1,\"job\":{\"journalId\":\"bad\"},\"madeBy\":{\"machine\":null}}")]
    public void A_damaged_file_is_left_and_spoken_of_each_time_and_stops_nothing(string content)
    {
        JobJournal journal = Journal();
        journal.Write(Entry("good"));
        File.WriteAllText(State.At("jobs", "open", "bad.json"), content);

        Assert.Equal("good", Assert.Single(journal.Entries(includeDone: true, Warn)).Job.JournalId);
        Assert.Contains("bad.json", Assert.Single(Warnings), StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(State.At("jobs", "open", "bad.json")));
        Assert.Single(journal.Entries(includeDone: false, Warn));
        Assert.Equal(2, Warnings.Count);
        Assert.All(Warnings, warning => Assert.Contains("paid for", warning, StringComparison.Ordinal));
    }

    [Fact]
    public void Half_a_file_is_no_job_wherever_it_was_cut()
    {
        JobJournal journal = Journal();
        journal.Write(Full());
        byte[] whole = File.ReadAllBytes(State.At("jobs", "open", "a.json"));
        for (int length = 0; length < whole.Length - 1; length += 97)
        {
            File.WriteAllBytes(State.At("jobs", "open", "a.json"), whole[..length]);
            Assert.Empty(journal.Entries(includeDone: true, Warn));
        }

        Assert.NotEmpty(Warnings);

        // Where the id can still be read, the way to the paid job is told in full.
        Assert.Contains("its id id from provider Fal", Warnings[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_an_earlier_version_set_aside_is_spoken_of_too()
    {
        JobJournal journal = Journal();
        journal.Write(Entry("good"));
        File.WriteAllText(State.At("jobs", "open", "old.json.damaged"), "{\"job\":{\"id\":\"acf05732\",\"provider\":\"Fal\"");

        Assert.Single(journal.Entries(includeDone: false, Warn));
        Assert.Contains("its id acf05732 from provider Fal", Assert.Single(Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("open", "{\"version\":3,\"job\":{\"journalId\":\"new\",\"state\":\"Paused\"}}")]
    [InlineData("open", "{\"version\":3,\"tasks\":[]}")]
    [InlineData("done", "{\"version\":3,\"tasks\":[]}")]
    public void A_newer_version_file_is_left_alone_and_spoken_of_once(string folder, string content)
    {
        JobJournal journal = Journal();
        journal.Write(Entry("good"));
        string path = State.At("jobs", folder, "new.json");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);

        Assert.Single(journal.Entries(includeDone: true, Warn));
        Assert.Contains("newer version", Assert.Single(Warnings), StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(path));
    }

    [Fact]
    public void Looking_for_one_job_neither_moves_nor_hides_a_damaged_file()
    {
        JobJournal journal = Journal();
        journal.Write(Entry("good"));
        File.WriteAllText(State.At("jobs", "open", "bad.json"), "{");

        Assert.NotNull(journal.Find("good", provider: null));
        Assert.Null(journal.Read("bad"));
        Assert.True(File.Exists(State.At("jobs", "open", "bad.json")));
    }

    [Fact]
    public void A_file_of_gigantic_size_is_not_read()
    {
        JobJournal journal = Journal();
        journal.Write(Entry("good"));
        using (FileStream huge = new(State.At("jobs", "open", "huge.json"), FileMode.Create))
        {
            huge.SetLength(1L << 32);
        }

        Assert.Single(journal.Entries(includeDone: true, Warn));
        Assert.Contains("too many", Assert.Single(Warnings), StringComparison.Ordinal);
    }
}
