using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Inpaint.Files;

/// <summary>Writes an output file so that under its final name there is a complete file or none.</summary>
internal static class WholeFile
{
    /// <summary>Writes a file to a temporary name in the same folder, flushes and renames it; missing folders are created.</summary>
    /// <param name="path">The full path. A link of that name is replaced, never followed.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="force">Whether one that is read-only may be replaced as well; implies <paramref name="overwrite"/>.</param>
    /// <exception cref="InpaintException">OutputExists, OutputWriteFailed.</exception>
    public static void Write(string path, Action<Stream> write, bool overwrite, bool force, CancellationToken cancellationToken)
    {
        EnsureFree(path, overwrite, force);
        string temporary = TemporaryFiles.NameIn(Path.GetDirectoryName(path) ?? path);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? path);
            TemporaryFiles.SweepOnce(Path.GetDirectoryName(path) ?? path, TimeProvider.System);
            using (FileStream target = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(target);
                target.Flush(flushToDisk: true);
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (force && File.Exists(path) && new FileInfo(path) is { LinkTarget: null, IsReadOnly: true } file)
            {
                file.IsReadOnly = false;
            }

            Rename(temporary, path, overwrite || force);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // The message names the file that the user asked for.
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{path}' cannot be written: {e.Message.Replace(temporary, path, StringComparison.Ordinal)}", e);
        }
        finally
        {
            TryDelete(temporary);
        }
    }

    /// <summary>Throws what <see cref="Write"/> would throw because of what is at a path.</summary>
    /// <param name="path">The file's full path.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="force">Whether one that is read-only may be replaced as well; implies <paramref name="overwrite"/>.</param>
    /// <exception cref="InpaintException">OutputExists, OutputWriteFailed.</exception>
    public static void EnsureFree(string path, bool overwrite, bool force)
    {
        if (Directory.Exists(path))
        {
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{path}' is a folder, not a file.");
        }

        if (Path.GetDirectoryName(path) is { } folder && File.Exists(folder))
        {
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{folder}' is a file, not a folder.");
        }

        if (!overwrite && !force && IsTaken(path))
        {
            throw Exists(path);
        }

        if (!force && File.Exists(path) && new FileInfo(path) is { LinkTarget: null, IsReadOnly: true })
        {
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{path}' is read-only.") { RecommendedAction = "Set Force to replace it, or choose another path." };
        }
    }

    /// <summary>Finds out, by a file that is gone at once, whether <see cref="Write"/> may write, before somebody works for hours on what is to be written. Makes no folder.</summary>
    /// <param name="path">The file's full path.</param>
    /// <exception cref="InpaintException">OutputWriteFailed.</exception>
    public static void EnsureWritable(string path)
    {
        string? folder = Path.GetDirectoryName(path) ?? path;
        while (folder is not null && !Directory.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder);
        }

        string temporary = TemporaryFiles.NameIn(folder ?? path);
        try
        {
            new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{path}' cannot be written: {e.Message.Replace(temporary, path, StringComparison.Ordinal)}", e);
        }
    }

    private static void Rename(string temporary, string path, bool overwrite)
    {
        try
        {
            File.Move(temporary, path, overwrite);
        }
        catch (IOException) when (!overwrite && IsTaken(path))
        {
            throw Exists(path);
        }
    }

    /// <summary>A broken link occupies its name, too.</summary>
    private static bool IsTaken(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    private static InpaintException Exists(string path) => new(InpaintErrorId.OutputExists, $"'{path}' exists and was not replaced.");

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder was never created or is gone, so that nothing is left behind.
        }
    }
}

/// <summary>
/// Makes a new or changed file name durable. Flushing a file keeps its content, but its name belongs to the folder, which on Unix must be flushed separately.
/// Windows has no such operation and needs none: NTFS journals its renames.
/// </summary>
internal static partial class FolderSync
{
    // O_RDONLY is 0 on Linux and macOS alike.
    private const int ReadOnly = 0;

    /// <summary>Flushes a folder's names to disk. Never throws: some network file systems do not support it, and the file itself is complete either way.</summary>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // .NET's own file APIs do not open folders.
        using SafeFileHandle handle = Open(folder, ReadOnly);
        if (handle.IsInvalid)
        {
            return;
        }

        try
        {
            RandomAccess.FlushToDisk(handle);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // See above.
        }
    }

    /// <summary>POSIX <c>open</c> in its form without a mode.</summary>
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle Open(string path, int flags);
}
