using Inpaint.Files;

namespace Inpaint.Journal;

/// <summary>
/// Deletes kept pictures that nobody will ask for any more: those of jobs that have been done, or forgotten, for a week. A picture of a job that is still to
/// be collected is never touched, however old it is; while any open job's file cannot be read, nothing is. Of the folders that stay it sweeps what killed processes left.
/// </summary>
internal sealed class SpoolPruner(Func<string> stateFolder, JobJournal journal, TimeProvider time)
{
    /// <summary>The folder in which the embedded provider works, one folder per job in it, named by the job's id.</summary>
    public const string LocalFolder = "local";

    /// <summary>How long pictures outlive the saving: long enough to save them once more after a mishap.</summary>
    private static readonly TimeSpan KeptAfterwards = TimeSpan.FromDays(7);

    private int hasRun;

    /// <summary>Prunes, the first time it is called.</summary>
    public void PruneOnce()
    {
        if (Interlocked.Exchange(ref hasRun, 1) == 0)
        {
            Prune();
        }
    }

    /// <summary>Prunes. Never fails: what cannot be deleted now is left for the next time.</summary>
    public void Prune()
    {
        try
        {
            HashSet<string>? open = OpenJobs();
            if (open is null)
            {
                return;
            }

            foreach (string kind in new[] { PictureSpool.PicturesFolder, LocalFolder })
            {
                DirectoryInfo parent = new(Path.Combine(stateFolder(), kind));
                if (!parent.Exists || parent.LinkTarget is not null)
                {
                    continue;
                }

                foreach (DirectoryInfo folder in parent.EnumerateDirectories().Where(f => JobJournal.IsName(f.Name) && f.LinkTarget is null))
                {
                    if (!open.Contains(folder.Name) && IsOld(folder))
                    {
                        TryDelete(folder);
                    }
                    else
                    {
                        TemporaryFiles.Sweep(folder.FullName, time);
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InpaintException)
        {
            // Tidying must not stop the work that occasioned it.
        }
    }

    private static void TryDelete(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process may be at it, too.
        }
    }

    /// <summary>The names, here and at the provider, of all jobs that are still to be collected; null when they cannot all be told.</summary>
    private HashSet<string>? OpenJobs()
    {
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        int read = 0;
        foreach (JournalEntry entry in journal.Entries(includeDone: false, warn: null))
        {
            names.Add(entry.Job.Id);
            names.Add(entry.Job.JournalId);
            read++;
        }

        return read == journal.CountOpenFiles() ? names : null;
    }

    private bool IsOld(DirectoryInfo folder)
    {
        DateTime last = folder.EnumerateFileSystemInfos().Select(f => f.LastWriteTimeUtc).Append(folder.LastWriteTimeUtc).Max();
        if (folder.Parent!.Name == PictureSpool.PicturesFolder && journal.DoneSince(folder.Name) is DateTime done && done > last)
        {
            last = done;
        }

        return time.GetUtcNow().UtcDateTime - last > KeptAfterwards;
    }
}
