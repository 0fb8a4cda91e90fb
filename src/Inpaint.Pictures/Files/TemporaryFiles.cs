using System.Text.RegularExpressions;

namespace Inpaint.Files;

/// <summary>
/// Names files that are still being written, and deletes those that killed processes have left behind.
/// </summary>
internal static partial class TemporaryFiles
{
    /// <summary>Longer than any process takes between closing a file and renaming it. While it is being written, it is open and therefore protected.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    /// <summary>How many folders are remembered as swept; a process that writes to more sweeps again.</summary>
    private const int MaxRemembered = 1000;

    private static readonly HashSet<string> Swept = new(StringComparer.Ordinal);

    /// <summary>A unique path for a file that is about to be written. Its leading dot hides it on Unix.</summary>
    public static string NameIn(string folder) => Path.Combine(folder, ".inpaint-" + Guid.NewGuid().ToString("N") + ".tmp");

    /// <summary>Sweeps a folder the first time it is called for it. Never throws.</summary>
    public static void SweepOnce(string folder, TimeProvider time)
    {
        lock (Swept)
        {
            if (Swept.Count >= MaxRemembered)
            {
                Swept.Clear();
            }

            if (!Swept.Add(Path.GetFullPath(folder)))
            {
                return;
            }
        }

        Sweep(folder, time);
    }

    /// <summary>Deletes the temporary files of killed processes from a folder: those that have not changed for a day and that no process has open. Never throws.</summary>
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
            // A failed cleanup must not stop the work that triggered it.
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
            // In use, or owned by another user.
        }
    }

    [GeneratedRegex(@"^\.inpaint-[0-9a-f]{32}\.tmp\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Ours();
}
