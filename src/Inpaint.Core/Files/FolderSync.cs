using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Inpaint.Files;

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
