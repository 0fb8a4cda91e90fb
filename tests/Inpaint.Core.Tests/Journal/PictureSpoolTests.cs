using Inpaint.Imaging;
using Inpaint.Journal;
using Inpaint.Providers;
using Inpaint.Tests.Engine;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Journal;

public sealed class PictureSpoolTests : EngineTest
{
    private readonly ManualTimeProvider time = new();

    [Theory]
    [InlineData("plain")]
    [InlineData("with space")]
    [InlineData("100%25 #1?x=狮子")]
    [InlineData("a+b&c;d")]
    public void A_kept_picture_is_found_by_its_URL_whatever_the_folder_is_called(string folder)
    {
        string root = State.At(folder);
        JobJournal journal = new(() => root, time);
        string address = new PictureSpool(() => root, new SpoolPruner(() => root, journal, time)).Write("job", 0, new byte[] { 1, 2, 3 });

        Assert.Equal([1, 2, 3], File.ReadAllBytes(new Uri(address).LocalPath));
    }

    [Fact]
    public void Two_that_keep_the_same_picture_at_once_do_not_disturb_each_other()
    {
        byte[] content = TestPictures.Png(64, 64);
        Parallel.For(0, 64, _ => Spool().Write("job", 0, content));

        Assert.Equal(["pictures/job/0.picture"], State.Files().Select(f => f.Replace('\\', '/')));
        Assert.Equal(content, File.ReadAllBytes(State.At("pictures", "job", "0.picture")));
    }

    [Fact]
    public void Only_what_was_saved_or_forgotten_a_week_ago_is_pruned()
    {
        JobJournal journal = new(() => State.Path, time);
        DateTime now = time.GetUtcNow().UtcDateTime;
        Keep("open-old", now.AddDays(-100));
        journal.Write(JournalTest.Entry("open-old"));
        Keep("done-old", now.AddDays(-100));
        WriteDone(journal, "done-old", now.AddDays(-8));
        Keep("done-lately", now.AddDays(-100));
        WriteDone(journal, "done-lately", now.AddDays(-6));
        Keep("forgotten-old", now.AddDays(-8));
        Keep("forgotten-lately", now.AddDays(-6));
        Keep("not a job's", now.AddDays(-100));
        string localOpen = Guid.NewGuid().ToString();
        string localDone = Guid.NewGuid().ToString();
        journal.Write(JournalTest.Entry("local-open", localOpen));
        Keep(localOpen, now.AddDays(-100), "local");
        Keep(localDone, now.AddDays(-8), "local");
        new SpoolPruner(() => State.Path, journal, time).Prune();

        Assert.Equal(["done-lately", "forgotten-lately", "not a job's", "open-old"], Directory.GetDirectories(State.At("pictures")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal([localOpen], Directory.GetDirectories(State.At("local")).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("bad.json", "{")]
    [InlineData("bad.json.damaged", "{")]
    [InlineData("new.json", "{\"version\":9}")]
    public void While_an_open_job_cannot_be_read_nothing_is_pruned(string file, string content)
    {
        JobJournal journal = new(() => State.Path, time);
        Keep("maybe-its-picture", time.GetUtcNow().UtcDateTime.AddDays(-100));
        State.Write("jobs/open/" + file, System.Text.Encoding.UTF8.GetBytes(content));
        new SpoolPruner(() => State.Path, journal, time).Prune();

        Assert.True(Directory.Exists(State.At("pictures", "maybe-its-picture")));
    }

    [Fact]
    public void A_file_that_a_killed_process_left_among_the_open_ones_keeps_nothing_from_being_pruned()
    {
        JobJournal journal = new(() => State.Path, time);
        Keep("done-old", time.GetUtcNow().UtcDateTime.AddDays(-100));
        WriteDone(journal, "done-old", time.GetUtcNow().UtcDateTime.AddDays(-8));
        Directory.CreateDirectory(State.At("jobs", "open"));
        File.Move(State.At("jobs", "done", "done-old.json"), State.At("jobs", "open", "done-old.json"));
        new SpoolPruner(() => State.Path, journal, time).Prune();

        Assert.Equal((true, 0), (File.Exists(State.At("jobs", "done", "done-old.json")), Directory.GetFileSystemEntries(State.At("pictures")).Length));
    }

    [Fact]
    public void A_link_is_not_followed_out_of_the_folder()
    {
        using TemporaryFolder elsewhere = new();
        string precious = elsewhere.Write("precious.png", [1]);
        File.SetLastWriteTimeUtc(precious, time.GetUtcNow().UtcDateTime.AddDays(-100));
        Directory.CreateDirectory(State.At("pictures"));
        Directory.CreateSymbolicLink(State.At("pictures", "link"), elsewhere.Path);
        new SpoolPruner(() => State.Path, new JobJournal(() => State.Path, time), time).Prune();

        Assert.True(File.Exists(precious));
    }

    [Fact]
    public async Task Pruning_comes_with_the_first_kept_picture_and_once()
    {
        Time = time;
        Client.OnSubmit = _ => Task.FromResult(new Acceptance
        {
            Id = Guid.NewGuid().ToString(),
            Output = new ProviderOutput { Pictures = [new OutputPicture { Content = TestPictures.Png(4, 4) }] },
        });
        Keep("old", time.GetUtcNow().UtcDateTime.AddDays(-100));
        await StartAsync();
        Assert.False(Directory.Exists(State.At("pictures", "old")));

        Keep("old", time.GetUtcNow().UtcDateTime.AddDays(-100));
        await StartAsync();
        Assert.True(Directory.Exists(State.At("pictures", "old")));
    }

    private PictureSpool Spool() => new(() => State.Path, new SpoolPruner(() => State.Path, new JobJournal(() => State.Path, time), time));

    private void Keep(string name, DateTime written, string kind = "pictures")
    {
        string file = State.Write($"{kind}/{name}/0.picture", [1]);
        File.SetLastWriteTimeUtc(file, written);
        Directory.SetLastWriteTimeUtc(Path.GetDirectoryName(file)!, written);
    }

    private void WriteDone(JobJournal journal, string name, DateTime since)
    {
        JournalEntry entry = JournalTest.Entry(name);
        journal.Write(entry with { Job = entry.Job with { SavedAt = time.GetUtcNow() } });
        File.SetLastWriteTimeUtc(State.At("jobs", "done", name + ".json"), since);
    }
}
