using System.Globalization;

namespace Inpaint.Journal;

/// <summary>
/// Removes what the journal need not keep: free results that nobody saved, after a day, and the records of jobs with which nothing is left to be done, after 90 days. A job that
/// was paid for and is still to be collected is never removed. It also moves the files of jobs that are done, where a killed process has left them among the open ones.
/// </summary>
internal sealed class JournalRetention(JobJournal journal, PictureSpool spool, TimeProvider time)
{
    /// <summary>How long a free result that was not saved is kept: it can be made again.</summary>
    public static readonly TimeSpan FreeResults = TimeSpan.FromDays(1);

    /// <summary>How long the record of a job is kept after its pictures were saved, or after it failed or was cancelled.</summary>
    public static readonly TimeSpan DoneJobs = TimeSpan.FromDays(90);

    private int hasRun;

    /// <summary>Applies it the first time that it is called.</summary>
    /// <param name="tell">Receives a sentence about what was removed.</param>
    public void ApplyOnce(Action<string>? tell)
    {
        if (Interlocked.Exchange(ref hasRun, 1) == 0)
        {
            Apply(tell);
        }
    }

    /// <summary>Applies it. Never throws: what cannot be removed is left for the next time.</summary>
    /// <param name="tell">Receives a sentence about what was removed.</param>
    public void Apply(Action<string>? tell)
    {
        try
        {
            DateTimeOffset now = time.GetUtcNow();
            foreach (string id in journal.DoneIds().Where(id => IsOlder(id, now - DoneJobs) && journal.DoneSince(id) < (now - DoneJobs).UtcDateTime).ToArray())
            {
                journal.Delete(id);
            }

            int removed = 0;
            foreach (JournalEntry entry in journal.Entries(includeDone: false, warn: null, skip: id => !IsOlder(id, now - FreeResults), onUnmoved: journal.MoveDone))
            {
                if (entry.Job.IsFree && now - entry.Job.UpdatedAt > FreeResults && journal.Delete(entry.Job.JournalId))
                {
                    removed++;
                    spool.Delete(entry);
                }
            }

            if (removed > 0)
            {
                tell?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{removed} free {(removed == 1 ? "result that was" : "results that were")} not saved within a day {(removed == 1 ? "has" : "have")} been removed."));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InpaintException)
        {
            // A failed cleanup must not stop the work that triggered it.
        }
    }

    /// <summary>Whether a job was made before a time, by its id, so that the files of younger ones need not be read.</summary>
    private static bool IsOlder(string journalId, DateTimeOffset limit) =>
        journalId.Length > 18
        && DateTimeOffset.TryParseExact(journalId[..18], "yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset made)
        && made < limit;
}
