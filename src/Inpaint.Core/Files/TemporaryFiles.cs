using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Inpaint.Files;

/// <summary>
/// The names of files that are still being written, and the removal of those that nobody writes any more: a process that is killed cannot tidy up after itself.
/// </summary>
internal static partial class TemporaryFiles
{
    /// <summary>Longer than anybody takes between closing a file and giving it its name. While it is being written, whatever that takes, its lock protects it.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    /// <summary>How many folders are remembered as swept; a process that writes to more looks again.</summary>
    private const int MostRemembered = 1000;

    private static readonly ConcurrentDictionary<string, bool> Swept = new(StringComparer.Ordinal);

    /// <summary>A name for a file that is about to be written. Hidden where a leading dot hides.</summary>
    /// <param name="folder">The folder of the file that it will become.</param>
    /// <returns>A path that no other file has.</returns>
    public static string NameIn(string folder) => Path.Combine(folder, $".inpaint-{Guid.NewGuid():N}.tmp");

    /// <summary>Removes what killed processes have left in a folder, the first time it is called for it. Never fails.</summary>
    /// <param name="folder">The folder; need not exist.</param>
    /// <param name="time">The clock.</param>
    public static void SweepOnce(string folder, TimeProvider time)
    {
        if (Swept.Count >= MostRemembered)
        {
            Swept.Clear();
        }

        if (Swept.TryAdd(Path.GetFullPath(folder), true))
        {
            Sweep(folder, time);
        }
    }

    /// <summary>Removes what killed processes have left in a folder: files of this module's temporary names that have not changed for a day and that nobody holds open. Never fails.</summary>
    /// <param name="folder">The folder; need not exist.</param>
    /// <param name="time">The clock.</param>
    public static void Sweep(string folder, TimeProvider time)
    {
        try
        {
            DirectoryInfo place = new(folder);
            if (!place.Exists)
            {
                return;
            }

            DateTime limit = time.GetUtcNow().UtcDateTime - Abandoned;
            foreach (FileInfo file in place.EnumerateFiles(".inpaint-*.tmp").Where(f => Ours().IsMatch(f.Name) && f.LinkTarget is null && f.LastWriteTimeUtc < limit))
            {
                TryRemove(file);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Tidying must not stop the work that occasioned it.
        }
    }

    private static void TryRemove(FileInfo file)
    {
        try
        {
            // Fails while another process writes it.
            using (new FileStream(file.FullName, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
            {
            }

            file.Delete();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // In use, or another's: left alone.
        }
    }

    [GeneratedRegex(@"^\.inpaint-[0-9a-f]{32}\.tmp\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ours();
}
