using System.Runtime.InteropServices;

namespace Inpaint.Results;

/// <summary>
/// Gives a file a name that must be free, as one step. <see cref="File.Move(string, string, bool)"/> is one on Windows only: elsewhere it looks and then
/// renames, and of two that save at once the second replaces the first one's picture.
/// </summary>
internal static partial class ExclusiveMove
{
    private const int FileExists = 17;

    private static readonly Lock Fallback = new();

    /// <summary>Moves a file within its folder's file system.</summary>
    /// <param name="from">The file.</param>
    /// <param name="to">The name.</param>
    /// <returns>False when something of that name exists, be it a link that leads nowhere.</returns>
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

    /// <summary>Whether a name is in use.</summary>
    /// <param name="path">The name.</param>
    /// <returns>True for files, folders and links, also those that lead nowhere.</returns>
    public static bool IsTaken(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    /// <summary>POSIX <c>link</c>: makes a second name for a file, and fails with EEXIST (17 on Linux and macOS) when the name is in use.</summary>
    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(string from, string to);
}
