using System.ComponentModel;
using System.Text;
using Inpaint.Emulator;
using Inpaint.Emulator.Wire;
using Inpaint.Imaging;
using Inpaint.Tests.Imaging;
using Xunit;

namespace Inpaint.Tests.Results;

/// <summary>
/// A disk that is really full: a file system of 32 KiB, mounted in a name space of its own, for which no rights are needed where the system offers it. Only a process
/// that begins there sees it, so that the test starts itself anew.
/// </summary>
public sealed class FullDiskTests : SaveTest
{
    private const string DiskVariable = "INPAINT_SMALL_DISK";

    /// <summary>Where the small disk is mounted; null in the process that mounts it.</summary>
    private static readonly string? Disk = Environment.GetEnvironmentVariable(DiskVariable);

    private static readonly string[] Apart = ["--user", "--map-root-user", "--mount"];

    /// <summary>See <see cref="Requirement.Mount"/>.</summary>
    internal static bool CanMount { get; } = Disk is not null || TryMount();

    private static string[] Left => [.. Directory.EnumerateFiles(Disk!, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Disk!, f))];

    [RequiresFact(Requirement.Mount)]
    public async Task A_full_disk_leaves_nothing_behind()
    {
        if (Disk is not null)
        {
            await FillAsync(Disk);
            return;
        }

        string script = $"mount -t tmpfs -o size=32k tmpfs \"$1\" && export {DiskVariable}=\"$1\" && exec \"$2\" -method \"*.{nameof(A_full_disk_leaves_nothing_behind)}\" -noColor";
        string[] program = ["sh", "-c", script, "sh", Folder.Path, Path.Combine(AppContext.BaseDirectory, "Inpaint.Core.Tests")];
        (int code, byte[] output, string error) = OtherProgram.Run("unshare", [], [.. Apart, .. program]);
        string text = Encoding.UTF8.GetString(output);
        Assert.True(code == 0 && text.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", StringComparison.Ordinal), text + error);
    }

    private static bool TryMount()
    {
        try
        {
            return OperatingSystem.IsLinux() && OtherProgram.Run("unshare", [], [.. Apart, "mount", "-t", "tmpfs", "tmpfs", Path.GetTempPath()]).Code == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private async Task FillAsync(string disk)
    {
        SaveOptions options = new() { Folder = disk };
        await FailsAsync(InpaintErrorId.OutputWriteFailed, Image(Sized(40_000)), options);
        Assert.Empty(Left);

        await FailsAsync(InpaintErrorId.OutputWriteFailed, Image(Sized(20_000)), options with { Metadata = MetadataMode.Embedded });
        Assert.Empty(Left);

        InpaintException mask = Assert.Throws<InpaintException>(
            () => PictureFileWriter.Write(Path.Combine(disk, "mask.png"), stream => stream.Write(new byte[40_000]), overwrite: false, force: false, Cancellation));
        Assert.Equal(InpaintErrorId.OutputWriteFailed, mask.ErrorId);
        Assert.Empty(Left);

        await DownloadAsync(options);
        Assert.Empty(Left);

        // What was given up has given its room back; and a sidecar without room costs itself, not the picture.
        SavedImage saved = await SaveAsync(Image(Sized(28_000), prompt: new string('x', 6_000)), options with { Metadata = MetadataMode.Sidecar });
        Assert.Equal(["dog-inpaint.png"], Left);
        Assert.Null(saved.SidecarPath);
        Assert.Contains("cannot be written", saved.Warning, StringComparison.Ordinal);
        Assert.Equal(28_000, new FileInfo(saved.Path).Length);
    }

    /// <summary>A disk that is full is not the network's trouble: nothing is asked for again.</summary>
    private async Task DownloadAsync(SaveOptions options)
    {
        await using EmulatorServer server = await EmulatorServer.StartAsync();
        string id = server.State.Files.Add("dog.png", "image/png", Sized(40_000));
        await FailsAsync(InpaintErrorId.OutputWriteFailed, Image() with { Url = $"{server.CdnUri}/files/{id}/dog.png" }, options);
        Assert.Equal(1, server.State.Requests.Count(WireOperation.Download));
    }

    private static byte[] Sized(int length)
    {
        byte[] content = new byte[length];
        TestPictures.Png(8, 6).CopyTo(content, 0);
        return content;
    }
}
