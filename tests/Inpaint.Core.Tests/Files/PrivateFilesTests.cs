using System.Runtime.Versioning;
using Inpaint.Files;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Files;

public sealed class PrivateFilesTests : IDisposable
{
    private const UnixFileMode OthersAndGroup =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_written_file_is_whole_and_alone()
    {
        PrivateFiles.Write(folder.At("a", "b", "c.json"), stream => stream.Write("one"u8));
        PrivateFiles.Write(folder.At("a", "b", "c.json"), stream => stream.Write("two"u8));

        Assert.Equal("two", File.ReadAllText(folder.At("a", "b", "c.json")));
        Assert.Equal([Path.Combine("a", "b", "c.json")], folder.Files());
    }

    [Fact]
    public void A_write_that_fails_leaves_what_was_there()
    {
        PrivateFiles.Write(folder.At("c.json"), stream => stream.Write("one"u8));

        Assert.Throws<InvalidOperationException>(() => PrivateFiles.Write(folder.At("c.json"), stream =>
        {
            stream.WriteByte(1);
            throw new InvalidOperationException();
        }));
        Assert.Equal("one", File.ReadAllText(folder.At("c.json")));
        Assert.Equal(["c.json"], folder.Files());
    }

    [RequiresFact(Requirement.Unix)]
    [UnsupportedOSPlatform("windows")]
    public void Nobody_else_can_read_what_is_made()
    {
        PrivateFiles.Write(folder.At("a", "b", "c.json"), stream => stream.WriteByte(1));

        foreach (string path in new[] { folder.At("a"), folder.At("a", "b"), folder.At("a", "b", "c.json") })
        {
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(path) & OthersAndGroup);
        }
    }

    [RequiresFact(Requirement.Unix)]
    [UnsupportedOSPlatform("windows")]
    public void A_folder_that_is_there_keeps_its_permissions()
    {
        const UnixFileMode shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute;
        Directory.CreateDirectory(folder.At("a"), shared);
        PrivateFiles.CreateFolder(folder.At("a", "b"));

        Assert.Equal(shared, File.GetUnixFileMode(folder.At("a")));
    }

    [Fact]
    public void A_file_in_the_way_of_a_folder_is_an_error()
    {
        folder.Write("a", [1]);

        Assert.ThrowsAny<IOException>(() => PrivateFiles.CreateFolder(folder.At("a", "b")));
    }

    [Fact]
    public void Flushing_a_folder_never_fails()
    {
        FolderSync.Flush(folder.Path);
        FolderSync.Flush(folder.At("nowhere"));
    }
}
