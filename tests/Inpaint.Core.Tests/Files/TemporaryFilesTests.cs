using Inpaint.Files;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Files;

public sealed class TemporaryFilesTests : IDisposable
{
    private const string Name = ".inpaint-0123456789abcdef0123456789abcdef.tmp";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_a_killed_process_left_is_removed_after_a_day()
    {
        Leave(Name, TimeSpan.FromHours(25));
        Leave(Path.GetFileName(TemporaryFiles.NameIn(folder.Path)), TimeSpan.FromHours(25));
        TemporaryFiles.Sweep(folder.Path, TimeProvider.System);

        Assert.Empty(folder.Files());
    }

    [Theory]
    [InlineData(Name, 23)]
    [InlineData("dog-inpaint.png", 1000)]
    [InlineData(".inpaint-notes.tmp", 1000)]
    [InlineData(".inpaint-0123456789ABCDEF0123456789ABCDEF.tmp", 1000)]
    [InlineData("x.inpaint-0123456789abcdef0123456789abcdef.tmp", 1000)]
    [InlineData(Name + ".png", 1000)]
    public void What_is_young_or_not_ours_stays(string name, int hours)
    {
        Leave(name, TimeSpan.FromHours(hours));
        TemporaryFiles.Sweep(folder.Path, TimeProvider.System);

        Assert.Equal([name], folder.Files());
    }

    [Fact]
    public void A_file_that_is_being_written_stays_however_long_that_takes()
    {
        string path = folder.At(Name);
        using (FileStream writing = PrivateFiles.Open(path, FileMode.CreateNew, FileAccess.Write))
        {
            writing.WriteByte(1);
            writing.Flush();
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-3));
            TemporaryFiles.Sweep(folder.Path, TimeProvider.System);
            Assert.True(File.Exists(path));
        }

        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-3));
        TemporaryFiles.Sweep(folder.Path, TimeProvider.System);
        Assert.False(File.Exists(path));
    }

    [RequiresFact(Requirement.Unix)]
    public void A_link_is_left_alone_and_never_followed()
    {
        string outside = folder.Write("outside", [1]);
        File.CreateSymbolicLink(folder.At(Name), outside);
        File.SetLastWriteTimeUtc(outside, DateTime.UtcNow.AddDays(-3));
        TemporaryFiles.Sweep(folder.Path, TimeProvider.System);

        Assert.True(File.Exists(outside));
        Assert.Equal(2, folder.Files().Count);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_no_failure() => TemporaryFiles.SweepOnce(folder.At("nowhere"), TimeProvider.System);

    [Fact]
    public void A_folder_is_looked_through_once()
    {
        TemporaryFiles.SweepOnce(folder.Path, TimeProvider.System);
        Leave(Name, TimeSpan.FromHours(25));
        TemporaryFiles.SweepOnce(folder.Path, TimeProvider.System);

        Assert.Equal([Name], folder.Files());
    }

    private void Leave(string name, TimeSpan age) => File.SetLastWriteTimeUtc(folder.Write(name, [1, 2, 3]), DateTime.UtcNow - age);
}
