namespace Inpaint.Files;

/// <summary>
/// Files and folders of the state folder. They tell of prompts and hold pictures, so that on Unix nobody but their owner may read what is made here; on Windows
/// the user's profile, in which they lie, sees to that.
/// </summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnersFile | UnixFileMode.UserExecute;

    /// <summary>Makes a folder and what is missing above it. One that exists keeps the permissions that it has.</summary>
    /// <param name="path">A full path.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        string? parent = Path.GetDirectoryName(path);
        if (!string.IsNullOrEmpty(parent))
        {
            CreateFolder(parent);
        }

        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, OwnersFolder);
        if (!string.IsNullOrEmpty(parent))
        {
            FolderSync.Flush(parent);
        }
    }

    /// <summary>Opens a file for this process alone.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">How.</param>
    /// <param name="access">What for.</param>
    /// <param name="bufferSize">How many bytes are held back; none for a file that nothing is written to.</param>
    /// <param name="options">How it is used.</param>
    /// <returns>The file.</returns>
    /// <exception cref="IOException">It cannot be opened, or another process has it.</exception>
    public static FileStream Open(string path, FileMode mode, FileAccess access, int bufferSize = 0, FileOptions options = FileOptions.None)
    {
        FileStreamOptions opening = new() { Mode = mode, Access = access, Share = FileShare.None, BufferSize = bufferSize, Options = options };
        if (!OperatingSystem.IsWindows())
        {
            opening.UnixCreateMode = OwnersFile;
        }

        return new FileStream(path, opening);
    }

    /// <summary>Writes a file so that under its name there is a whole one or none, at any moment and after a power cut.</summary>
    /// <param name="path">The file's full path; its folder is made when missing.</param>
    /// <param name="write">Writes the content.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string folder = Path.GetDirectoryName(path)!;
        CreateFolder(folder);
        string temporary = TemporaryFiles.NameIn(folder);
        try
        {
            using (FileStream stream = Open(temporary, FileMode.CreateNew, FileAccess.Write, bufferSize: 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }

        FolderSync.Flush(folder);
    }
}
