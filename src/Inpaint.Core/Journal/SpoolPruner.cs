using Inpaint.Files;

namespace Inpaint.Journal;

/// <summary>
/// Deletes kept pictures that are no longer needed: those of jobs that have been done, or removed, for a week. A picture of a job that is still to be collected is
/// never deleted, however old it is, and while any open job's file cannot be read, nothing is. In the folders that stay, it deletes the temporary files of killed processes.
/// </summary>
internal sealed class SpoolPruner(Func<string> stateFolder, JobJournal journal, TimeProvider time)
{
    /// <summary>The folder in which the embedded provider works, with one folder per job, named by the job's id.</summary>
    public const string LocalFolder = "local";

    /// <summary>How long pictures are kept after they were saved, so that they can be saved again after a mishap.</summary>
    private static readonly TimeSpan RetentionPeriod = TimeSpan.FromDays(7);

    private int hasRun;

    /// <summary>Prunes the first time it is called.</summary>
    public void PruneOnce()
    {
        if (Interlocked.Exchange(ref hasRun, 1) == 0)
        {
            Prune();
        }
    }

    /// <summary>Prunes. Never throws: what cannot be deleted is left for the next time.</summary>
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

                foreach (DirectoryInfo folder in parent.EnumerateDirectories().Where(f => JobJournal.IsValidId(f.Name) && f.LinkTarget is null))
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
            // A failed cleanup must not stop the work that triggered it.
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
            // Another process may be deleting it, too.
        }
    }

    /// <summary>The journal ids and provider ids of all jobs that are still to be collected; null when they are not all known.</summary>
    private HashSet<string>? OpenJobs()
    {
        HashSet<string> ids = new(StringComparer.OrdinalIgnoreCase);
        int read = 0;
        foreach (JournalEntry entry in journal.Entries(includeDone: false, warn: null, onUnmoved: journal.MoveDone))
        {
            ids.Add(entry.Job.Id);
            ids.Add(entry.Job.JournalId);
            read++;
        }

        return read == journal.CountOpenFiles() ? ids : null;
    }

    private bool IsOld(DirectoryInfo folder)
    {
        DateTime last = folder.EnumerateFileSystemInfos().Select(f => f.LastWriteTimeUtc).Append(folder.LastWriteTimeUtc).Max();
        if (folder.Parent!.Name == PictureSpool.PicturesFolder && journal.DoneSince(folder.Name) is DateTime done && done > last)
        {
            last = done;
        }

        return time.GetUtcNow().UtcDateTime - last > RetentionPeriod;
    }
}
