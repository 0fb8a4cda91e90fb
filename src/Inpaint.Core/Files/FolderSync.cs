using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Inpaint.Files;

/// <summary>
/// Makes a new or changed name outlast a power cut. Flushing a file keeps its bytes, but its name belongs to the folder, which on Unix is flushed for itself.
/// Windows offers nothing of the kind and needs nothing: NTFS logs its renames.
/// </summary>
internal static partial class FolderSync
{
    // O_RDONLY is 0 on Linux and macOS alike.
    private const int ReadOnly = 0;

    /// <summary>Flushes a folder's names. Never fails: some network file systems refuse, and the file itself is whole either way.</summary>
    /// <param name="folder">The folder.</param>
    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // The platform's own opening of files refuses folders.
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
