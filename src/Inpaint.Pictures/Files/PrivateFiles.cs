namespace Inpaint.Files;

/// <summary>
/// Files and folders that only their owner can read, because they contain prompts and pictures. On Unix they are created with owner-only permissions; on Windows
/// the user's profile protects them.
/// </summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnersFile | UnixFileMode.UserExecute;

    /// <summary>Creates a folder and its missing parents. An existing folder keeps its permissions.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
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

    /// <summary>Opens a file exclusively.</summary>
    /// <exception cref="IOException">It cannot be opened, or another process has it open.</exception>
    public static FileStream Open(string path, FileMode mode, FileAccess access, int bufferSize = 0, FileOptions options = FileOptions.None)
    {
        FileStreamOptions opening = new() { Mode = mode, Access = access, Share = FileShare.None, BufferSize = bufferSize, Options = options };
        if (!OperatingSystem.IsWindows())
        {
            opening.UnixCreateMode = OwnersFile;
        }

        return new FileStream(path, opening);
    }

    /// <summary>
    /// Writes a file, creates its folder when missing, and returns when it is on disk. At any moment, also after a power cut, there is a complete file under its name or
    /// none.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes its content.</param>
    /// <param name="bufferSize">The size of the buffer in bytes; 0 for content that is written at once.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, Action<FileStream> write, int bufferSize = 4096)
    {
        string folder = Path.GetDirectoryName(path)!;
        CreateFolder(folder);
        string temporary = TemporaryFiles.NameIn(folder);
        try
        {
            using (FileStream stream = Open(temporary, FileMode.CreateNew, FileAccess.Write, bufferSize))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        FolderSync.Flush(folder);
    }
}
