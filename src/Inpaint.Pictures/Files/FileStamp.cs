using Microsoft.Win32.SafeHandles;

namespace Inpaint.Files;

/// <summary>The time (UTC) of the last write to a file, and its length in bytes: where both are the same, nobody has changed it.</summary>
internal sealed record FileStamp(DateTime Written, long Length)
{
    /// <summary>Reads the stamp of a file; null when there is none or it cannot be read. A link is followed.</summary>
    public static FileStamp? Of(string path)
    {
        try
        {
            FileInfo file = new(path);
            FileSystemInfo? target = file.Exists && file.Attributes.HasFlag(FileAttributes.ReparsePoint) ? file.ResolveLinkTarget(returnFinalTarget: true) : null;
            return (target ?? file) is FileInfo { Exists: true } found ? new FileStamp(found.LastWriteTimeUtc, found.Length) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The attempt to open it reports the reason.
            return null;
        }
    }

    /// <summary>Reads the stamp of an open file.</summary>
    public static FileStamp Of(SafeFileHandle file) => new(File.GetLastWriteTimeUtc(file), RandomAccess.GetLength(file));
}
