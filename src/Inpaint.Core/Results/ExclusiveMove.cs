using System.Runtime.InteropServices;

namespace Inpaint.Results;

/// <summary>
/// Renames a file atomically, to a name that must be free. <see cref="File.Move(string, string, bool)"/> is atomic on Windows only: elsewhere it checks first and then renames,
/// so that of two processes that save at once the second would replace the first one's picture.
/// </summary>
internal static partial class ExclusiveMove
{
    private const int FileExists = 17;

    private static readonly Lock Fallback = new();

    /// <summary>Moves a file within its file system.</summary>
    /// <returns>False when the name is taken, even by a broken link.</returns>
    /// <exception cref="IOException">It cannot be moved for another reason.</exception>
    public static bool TryMove(string from, string to)
    {
        if (!OperatingSystem.IsWindows())
        {
            if (Link(from, to) == 0)
            {
                File.Delete(from);
                return true;
            }

            if (Marshal.GetLastPInvokeError() == FileExists)
            {
                return false;
            }
        }

        // Windows, or a file system without hard links.
        lock (Fallback)
        {
            if (IsTaken(to))
            {
                return false;
            }

            try
            {
                File.Move(from, to, overwrite: false);
                return true;
            }
            catch (IOException) when (IsTaken(to))
            {
                return false;
            }
        }
    }

    /// <summary>Whether a name is taken by a file, a folder or a link, even a broken one.</summary>
    public static bool IsTaken(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    /// <summary>POSIX <c>link</c>: creates a second name for a file, and fails with EEXIST (17 on Linux and macOS) when the name is taken.</summary>
    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string from, string to);
}
