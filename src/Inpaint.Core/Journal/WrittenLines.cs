using Inpaint.Files;

namespace Inpaint.Journal;

/// <summary>
/// What this process has last written to the files of its jobs. As long as nobody has changed a file since, it need not be read and parsed again. Other processes do change it: whoever
/// asks has opened the file, and for a change holds its lock.
/// </summary>
internal sealed class WrittenLines
{
    /// <summary>More jobs than usually run at once; a few kilobytes each.</summary>
    private const int MaxJobs = 500;

    private readonly Dictionary<string, Line> lines = new(StringComparer.Ordinal);

    /// <summary>Finds what is in a file; null when that is not known.</summary>
    public JournalEntry? Find(JournalFile file)
    {
        Line? line;
        lock (lines)
        {
            lines.TryGetValue(file.FullPath, out line);
        }

        return line is not null && line.Stamp == file.Stamp ? line.Entry : null;
    }

    /// <summary>Remembers what a file contains.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stamp">Its stamp after the write.</param>
    /// <param name="entry">What was written.</param>
    public void Add(string path, FileStamp stamp, JournalEntry entry)
    {
        lock (lines)
        {
            if (lines.Count >= MaxJobs)
            {
                lines.Clear();
            }

            lines[path] = new Line(stamp, entry);
        }
    }

    /// <summary>Forgets a file.</summary>
    public void Remove(string path)
    {
        lock (lines)
        {
            lines.Remove(path);
        }
    }

    private sealed record Line(FileStamp Stamp, JournalEntry Entry);
}
