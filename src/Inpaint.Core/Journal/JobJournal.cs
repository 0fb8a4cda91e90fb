using System.Buffers;
using System.Globalization;
using Inpaint.Files;

namespace Inpaint.Journal;

/// <summary>
/// The record of all jobs: one small file each, in <c>jobs/open</c> until its pictures are saved and in <c>jobs/done</c> afterwards, so that listing what is left to
/// collect does not read a year of history. A change adds a line with the whole job to its file, so that a reader in any process sees the job as it was before or
/// after. It holds no keys and no pictures.
/// </summary>
internal sealed class JobJournal(Func<string> stateFolder, TimeProvider time)
{
    /// <summary>The suffix that earlier versions added to the name of a damaged file.</summary>
    private const string DamagedSuffix = ".damaged";

    private const int LockFiles = 64;

    private static readonly SearchValues<char> IdCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    private readonly WrittenLines written = new();

    /// <summary>Whether a text is a valid journal id: short, and made of ASCII letters, digits, hyphens and underscores.</summary>
    public static bool IsValidId(string text) => text.Length is > 0 and <= 100 && !text.AsSpan().ContainsAnyExcept(IdCharacters);

    /// <summary>Creates a journal id; ids sort by time.</summary>
    public string NewId() => time.GetUtcNow().ToString("yyyyMMddTHHmmssfff", CultureInfo.InvariantCulture) + "-" + Guid.NewGuid().ToString("N")[..12];

    /// <summary>Adds a new job, and returns when it is on disk.</summary>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be written.</exception>
    public void Add(JournalEntry entry)
    {
        try
        {
            Create(entry.WithHistoryFrom(onDisk: null, time.GetUtcNow()), FileName(entry.Job.JournalId));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
    }

    /// <summary>Writes a job. The entry returned is what the file now holds: more than was given when another process has learned more meanwhile.</summary>
    /// <param name="entry">The job.</param>
    /// <param name="isDurable">Whether this returns when the change is on disk. Without that a power cut may undo it, for what the provider can tell again.</param>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be written.</exception>
    public JournalEntry Write(JournalEntry entry, bool isDurable = true) => Change(entry.Job.JournalId, entry.MergeOnto, isDurable)!;

    /// <summary>Reads a job; null when there is none or its file is damaged.</summary>
    public JournalEntry? Read(string journalId)
    {
        try
        {
            using JournalFile? file = Open(FileName(journalId), FileAccess.Read, out JournalEntry? entry);
            return entry;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads a job again, because whoever worked on it may have written more since; the given entry when it is gone.</summary>
    public JournalEntry Latest(JournalEntry entry) => Read(entry.Job.JournalId) ?? entry;

    /// <summary>Finds the entry of a job and resolves its state; an unknown job gets a new entry, which is not written yet.</summary>
    public JournalEntry GetOrCreate(InpaintJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return (job.JournalId.Length > 0 ? ResolveState(job.JournalId) : null)
            ?? new JournalEntry(JournalEntry.CurrentVersion, job.JournalId.Length > 0 ? job : job with { JournalId = NewId() });
    }

    /// <summary>Reads a job and resolves its state; null when there is none.</summary>
    public JournalEntry? ResolveState(string journalId) => Read(journalId) is { } entry ? ResolveState(entry) : null;

    /// <summary>
    /// Resolves the state of a job that was read: <see cref="InpaintJobState.Submitting"/> only while its process may really be at it, else uncertain. Before that
    /// it is read once more, because the process that submitted it may have written the response and ended since. Null when it is gone, since no job was created
    /// after all.
    /// </summary>
    public JournalEntry? ResolveState(JournalEntry entry)
    {
        InpaintJob job = entry.EffectiveAt(time.GetUtcNow());
        if (job.State == entry.Job.State)
        {
            return entry;
        }

        return Read(entry.Job.JournalId) is { } last ? last with { Job = last.EffectiveAt(time.GetUtcNow()) } : null;
    }

    /// <summary>Finds a job by the provider's id or the journal id, or by an unambiguous prefix of either or the last part of the journal id; null when none or several match.</summary>
    /// <exception cref="InpaintException">StateUnavailable: the journal cannot be read.</exception>
    public JournalEntry? Find(string id, string? provider)
    {
        List<JournalEntry> matches = [];
        foreach (JournalEntry entry in Entries(includeDone: true, warn: null))
        {
            if (provider is not null && !string.Equals(entry.Job.Provider, provider, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (string.Equals(entry.Job.Id, id, StringComparison.Ordinal) || string.Equals(entry.Job.JournalId, id, StringComparison.Ordinal))
            {
                return entry;
            }

            if (HasPrefix(entry.Job.Id, id) || HasPrefix(entry.Job.JournalId, id) || entry.Job.JournalId.EndsWith("-" + id, StringComparison.OrdinalIgnoreCase))
            {
                matches.Add(entry);
            }
        }

        return matches.Count == 1 ? matches[0] : null;
    }

    /// <summary>Lists jobs, the oldest first, reading one file at a time.</summary>
    /// <param name="includeDone">Whether jobs whose pictures are saved are included.</param>
    /// <param name="warn">Receives a warning about each damaged file and what to do about it; null for no warnings. Nothing on disk is changed.</param>
    /// <param name="skip">Whether a job, given by its journal id, need not be read.</param>
    /// <param name="onUnmoved">Receives the journal id of each job that is done, but whose file is still among those of the open jobs.</param>
    /// <returns>The jobs.</returns>
    /// <exception cref="InpaintException">StateUnavailable: the journal cannot be read.</exception>
    public IEnumerable<JournalEntry> Entries(bool includeDone, Action<string>? warn, Func<string, bool>? skip = null, Action<string>? onUnmoved = null)
    {
        IEnumerable<string> files = FilesIn(OpenFolder);
        if (includeDone)
        {
            files = FilesIn(DoneFolder).Concat(files);
        }

        foreach (string damaged in warn is null ? [] : FilesIn(OpenFolder, "*" + DamagedSuffix))
        {
            warn!(JournalFile.DescribeDamage(damaged, "set aside by an earlier version"));
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string file in files.OrderBy(f => Path.GetFileName(f), StringComparer.Ordinal))
        {
            if (skip?.Invoke(Path.GetFileNameWithoutExtension(file)) == true)
            {
                continue;
            }

            // A process that ends while moving a job leaves its old file behind; the one in the done folder is newer.
            string done = Path.Combine(DoneFolder, Path.GetFileName(file));
            bool isStale = !includeDone && File.Exists(done);
            JournalEntry? found = isStale ? null : JournalFile.Read(file, warn);
            if (found is null && includeDone && file != done)
            {
                // Moved since the folders were listed. A caller that looks for a job in order not to pay for another must not miss it.
                found = JournalFile.Read(done, warn);
            }

            if (found is not { } entry)
            {
                continue;
            }

            // A process may have been killed between adding the line that ends a job and moving its file.
            if (!includeDone && entry.IsDone)
            {
                onUnmoved?.Invoke(entry.Job.JournalId);
            }
            else if (seen.Add(entry.Job.JournalId))
            {
                yield return entry;
            }
        }
    }

    /// <summary>Moves the file of a job that is done to the others of its kind, if its process was killed before it did.</summary>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be moved.</exception>
    public void MoveDone(string journalId) => Change(journalId, _ => null);

    /// <summary>Counts the files of jobs that are still to be collected, including damaged files and those of other versions.</summary>
    public int CountOpenFiles() =>
        FilesIn(OpenFolder, "*.json").Count(f => !File.Exists(Path.Combine(DoneFolder, Path.GetFileName(f)))) + FilesIn(OpenFolder, "*" + DamagedSuffix).Length;

    /// <summary>The journal ids of the jobs with nothing left to collect; their files are not read.</summary>
    /// <exception cref="InpaintException">StateUnavailable: the journal cannot be read.</exception>
    public IEnumerable<string> DoneIds() => FilesIn(DoneFolder).Select(file => Path.GetFileNameWithoutExtension(file)).Where(IsValidId);

    /// <summary>When (UTC) the file of a job with nothing left to collect last changed; null for another job.</summary>
    public DateTime? DoneSince(string journalId)
    {
        string path = Path.Combine(DoneFolder, FileName(journalId));
        return File.Exists(path) ? File.GetLastWriteTimeUtc(path) : null;
    }

    /// <summary>
    /// Records that a picture was saved to a file; with the last one the job is done. A flagged picture is blank and need not be saved.
    /// </summary>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be written.</exception>
    public void MarkSaved(string journalId, int index)
    {
        if (!Exists(FileName(journalId)))
        {
            return;
        }

        Change(journalId, onDisk =>
        {
            if (onDisk?.Result is not { } now || now.Saved.Contains(index))
            {
                return null;
            }

            int[] saved = [.. now.Saved, index];
            bool isAll = now.Images.All(image => image.IsFlagged || saved.Contains(image.Index));
            return onDisk with { Result = now with { Saved = saved }, Job = onDisk.Job with { SavedAt = onDisk.Job.SavedAt ?? (isAll ? time.GetUtcNow() : null) } };
        });
    }

    /// <summary>
    /// Claims the collection of a job among all processes that share the state folder. The claim ends with its process, or after a quarter of an hour where that is on another machine.
    /// </summary>
    /// <param name="journalId">The job.</param>
    /// <param name="by">The process that claims it.</param>
    /// <returns>False when its pictures are saved already, another process has claimed it, or it is gone.</returns>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be written.</exception>
    public bool TryClaim(string journalId, ProcessMark by)
    {
        DateTimeOffset now = time.GetUtcNow();
        return Change(
            journalId,
            onDisk => onDisk is null || onDisk.Job.SavedAt is not null || (onDisk.Claim is { } other && other.By != by && other.HoldsAt(now)) ? null : onDisk with { Claim = new CollectionClaim(by, now) }) is not null;
    }

    /// <summary>Deletes a job; false when there was none.</summary>
    /// <exception cref="InpaintException">StateUnavailable: the file cannot be deleted.</exception>
    public bool Delete(string journalId)
    {
        string name = FileName(journalId);
        string[] paths = [Path.Combine(OpenFolder, name), Path.Combine(DoneFolder, name)];
        if (!Exists(name))
        {
            return false;
        }

        try
        {
            using FileLock own = Lock(name);
            foreach (string path in paths)
            {
                written.Remove(path);
                DeleteIfExists(path);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InpaintException(InpaintErrorId.StateUnavailable, $"Job '{journalId}' cannot be deleted from the journal: {e.Message}", e);
        }
    }

    /// <summary>Locks a request among all processes, for whoever looks for a job of the same fingerprint and then creates one.</summary>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be had.</exception>
    public IDisposable Claim(string fingerprint)
    {
        try
        {
            return Lock(fingerprint, "claim-");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
    }

    private bool Exists(string name) => File.Exists(Path.Combine(OpenFolder, name)) || File.Exists(Path.Combine(DoneFolder, name));

    /// <summary>Opens the file of a job and reads it; null when there is none, or none that can be read. Files only move from the open jobs to those that are done, and are therefore not missed.</summary>
    private JournalFile? Open(string name, FileAccess access, out JournalEntry? entry)
    {
        foreach (string folder in (string[])[OpenFolder, DoneFolder])
        {
            JournalFile? file = JournalFile.TryOpen(Path.Combine(folder, name), access);
            entry = file is null ? null : written.Find(file) ?? file.Read(warn: null);
            if (entry is not null)
            {
                return file;
            }

            file?.Dispose();
        }

        entry = null;
        return null;
    }

    private JournalEntry? Change(string journalId, Func<JournalEntry?, JournalEntry?> change, bool isDurable = false)
    {
        string name = FileName(journalId);
        try
        {
            using FileLock own = Lock(name);
            using JournalFile? file = Open(name, FileAccess.ReadWrite, out JournalEntry? onDisk);
            JournalEntry? changed = change(onDisk)?.WithHistoryFrom(onDisk, time.GetUtcNow());
            if (file is null)
            {
                if (changed is not null)
                {
                    Create(changed, name);
                }

                return changed;
            }

            FileStamp? stamp = changed is null ? null : file.Append(changed, isDurable);

            // Windows may not replace a file that is open.
            file.Dispose();
            if (changed is not null)
            {
                written.Add(file.FullPath, stamp ?? JournalFile.Create(file.FullPath, changed), changed);
            }

            // Without a change, too: a process may have been killed between adding its line and moving the file.
            MoveTo(FolderOf(changed ?? onDisk!), file.FullPath);
            return changed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
    }

    private InpaintException Unwritable(Exception e) =>
        new(InpaintErrorId.StateUnavailable, $"The journal in '{Path.Combine(stateFolder(), "jobs")}' cannot be written: {e.Message}", e);

    /// <summary>Writes the file of a job that has none, or one that cannot be read, and returns when it is on disk.</summary>
    private void Create(JournalEntry entry, string name)
    {
        string folder = FolderOf(entry);
        TemporaryFiles.SweepOnce(folder, time);
        string path = Path.Combine(folder, name);
        written.Add(path, JournalFile.Create(path, entry), entry);
        DeleteIfExists(Path.Combine(entry.IsDone ? OpenFolder : DoneFolder, name));
    }

    private void MoveTo(string folder, string path)
    {
        string target = Path.Combine(folder, Path.GetFileName(path));
        if (target != path)
        {
            written.Remove(path);
            PrivateFiles.CreateFolder(folder);
            File.Move(path, target, overwrite: true);
        }
    }

    private string FolderOf(JournalEntry entry) => entry.IsDone ? DoneFolder : OpenFolder;

    /// <summary><see cref="File.Delete"/> accepts a missing file, but not a missing folder.</summary>
    private static void DeleteIfExists(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
        }
    }

    private static bool HasPrefix(string candidate, string id) => candidate.StartsWith(id, StringComparison.OrdinalIgnoreCase);

    private static string[] FilesIn(string folder, string pattern = "*.json")
    {
        try
        {
            return Directory.Exists(folder) ? Directory.GetFiles(folder, pattern) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InpaintException(InpaintErrorId.StateUnavailable, $"The journal in '{folder}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>A journal id from elsewhere, such as a hand-edited job, must not reach outside the folder.</summary>
    private static string FileName(string journalId)
    {
        if (!IsValidId(journalId))
        {
            throw new InpaintException(InpaintErrorId.JobNotFound, $"'{journalId}' is not a valid journal id.");
        }

        return journalId + ".json";
    }

    // Jobs share a few lock files. Locks of different kinds are independent, so that one may be taken while another is held.
    private FileLock Lock(string name, string kind = "")
    {
        int sum = 0;
        foreach (char c in name)
        {
            sum += c;
        }

        return FileLock.Take(Path.Combine(stateFolder(), "jobs", "locks", kind + (sum % LockFiles).ToString(CultureInfo.InvariantCulture) + ".lock"));
    }

    private string OpenFolder => Path.Combine(stateFolder(), "jobs", "open");

    private string DoneFolder => Path.Combine(stateFolder(), "jobs", "done");
}
