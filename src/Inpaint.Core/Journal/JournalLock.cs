using Inpaint.Files;

namespace Inpaint.Journal;

/// <summary>
/// Lets one thread of one process at a time change a job's file, so that what two of them learn at once is both kept. Jobs share a few lock files; the
/// system frees them when a process dies, and readers need none.
/// </summary>
internal sealed class JournalLock : IDisposable
{
    private const int Stripes = 16;

    /// <summary>A change takes milliseconds; whoever holds a lock longer hangs.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly FileStream file;

    private JournalLock(FileStream file)
    {
        this.file = file;
    }

    /// <summary>Waits for a job's lock.</summary>
    /// <param name="folder">Where the lock files are; made when missing.</param>
    /// <param name="name">What names the job.</param>
    /// <param name="kind">What the lock is about; locks of different kinds do not meet, so that one may be taken while another is held.</param>
    /// <returns>The lock, to be disposed.</returns>
    /// <exception cref="IOException">It cannot be had.</exception>
    public static JournalLock Take(string folder, string name, string kind = "")
    {
        PrivateFiles.CreateFolder(folder);
        string path = Path.Combine(folder, FormattableString.Invariant($"{kind}{name.Sum(c => c) % Stripes}.lock"));
        long start = Environment.TickCount64;
        while (true)
        {
            try
            {
                return new JournalLock(PrivateFiles.Open(path, FileMode.OpenOrCreate, FileAccess.ReadWrite));
            }
            catch (IOException e) when (IsHeld(e) && Environment.TickCount64 - start < LongestWait.TotalMilliseconds)
            {
                Thread.Sleep(2);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    /// <summary>A sharing violation: ERROR_SHARING_VIOLATION on Windows, EWOULDBLOCK on Linux and macOS.</summary>
    private static bool IsHeld(IOException e) => e.GetType() == typeof(IOException) && (e.HResult & 0xFFFF) is 32 or 11 or 35;
}
