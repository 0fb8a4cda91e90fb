using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Inpaint.Files;
using Inpaint.Http;

namespace Inpaint.Journal;

/// <summary>
/// The memory of all jobs: one small JSON file each, in <c>jobs/open</c> until its pictures are saved and in <c>jobs/done</c> afterwards, so that looking
/// for what is left does not read a year of history. Files are written beside themselves and renamed, so that a reader in any process sees a whole file
/// or none. It holds no keys and no pictures.
/// </summary>
internal sealed class JobJournal(Func<string> stateFolder, TimeProvider time)
{
    /// <summary>A journal file is a few kilobytes; anything much larger is not one, and is not read.</summary>
    private const long MaximumFileBytes = 4 << 20;

    /// <summary>What earlier versions added to the name of a damaged file.</summary>
    private const string AsideSuffix = ".damaged";

    /// <summary>Whether a text could be a job's name here.</summary>
    /// <param name="text">The text.</param>
    /// <returns>True for a short one of plain letters and digits.</returns>
    public static bool IsName(string text) => text.Length is > 0 and <= 100 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    /// <summary>Makes a name for a new job; names sort by time.</summary>
    /// <returns>The name.</returns>
    public string NewId() => time.GetUtcNow().ToString("yyyyMMddTHHmmssfff", System.Globalization.CultureInfo.InvariantCulture) + "-" + Guid.NewGuid().ToString("N")[..12];

    /// <summary>Writes a job down. Returns only when it is on disk.</summary>
    /// <param name="entry">The job.</param>
    /// <returns>What the file now holds: more than was given when another process has learned more meanwhile.</returns>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be written.</exception>
    public JournalEntry Write(JournalEntry entry) => Change(entry.Job.JournalId, entry.Over)!;

    /// <summary>Reads a job.</summary>
    /// <param name="journalId">Its name.</param>
    /// <returns>The job, or null when there is none or its file is damaged.</returns>
    public JournalEntry? Read(string journalId)
    {
        string name = FileName(journalId);

        // Not there yet, and not there any more: it was moved between the two looks. It never moves back.
        return ReadFile(Path.Combine(DoneFolder, name), warn: null)
            ?? ReadFile(Path.Combine(OpenFolder, name), warn: null)
            ?? ReadFile(Path.Combine(DoneFolder, name), warn: null);
    }

    /// <summary>What the journal knows by now of a job that was read before: who worked on it may have written more than it could hand back.</summary>
    /// <param name="entry">The job as it was read.</param>
    /// <returns>The job as it is; as it was read when it is gone.</returns>
    public JournalEntry Latest(JournalEntry entry) => Read(entry.Job.JournalId) ?? entry;

    /// <summary>What the journal knows of a job that somebody holds.</summary>
    /// <param name="job">The job.</param>
    /// <returns>The job as it must be taken to stand; one that the journal does not know as it was given, with a name to be written under.</returns>
    public JournalEntry EntryOf(InpaintJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return (job.JournalId.Length > 0 ? Standing(job.JournalId) : null)
            ?? new JournalEntry(JournalEntry.CurrentVersion, job.JournalId.Length > 0 ? job : job with { JournalId = NewId() });
    }

    /// <summary>How a job must be taken to stand.</summary>
    /// <param name="journalId">Its name.</param>
    /// <returns>The job; null when there is none.</returns>
    public JournalEntry? Standing(string journalId) => Read(journalId) is { } entry ? Standing(entry) : null;

    /// <summary>
    /// How a job that was read must be taken to stand. Before it is called uncertain it is read once more: the process that submitted it may have heard the answer,
    /// written it down and ended since it was read. What a process that has ended left behind is its last word.
    /// </summary>
    /// <param name="entry">The job as it was read.</param>
    /// <returns>The job, <see cref="InpaintJobState.Submitting"/> only while somebody may really be at it; null when it has gone, since there was no job after all.</returns>
    public JournalEntry? Standing(JournalEntry entry)
    {
        InpaintJob job = entry.KnownAt(time.GetUtcNow());
        if (job.State == entry.Job.State)
        {
            return entry;
        }

        return Read(entry.Job.JournalId) is { } last ? last with { Job = last.KnownAt(time.GetUtcNow()) } : null;
    }

    /// <summary>Finds a job by the provider's id, or by its name here, or by the beginning of either, or by the last part of its name here, when only one job fits.</summary>
    /// <param name="id">The id.</param>
    /// <param name="provider">The provider's name; null for any.</param>
    /// <returns>The job, or null.</returns>
    /// <exception cref="InpaintException">StateUnavailable: the journal cannot be read.</exception>
    public JournalEntry? Find(string id, string? provider)
    {
        List<JournalEntry> fitting = [];
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

            if (Fits(entry.Job.Id, id) || Fits(entry.Job.JournalId, id) || entry.Job.JournalId.EndsWith("-" + id, StringComparison.OrdinalIgnoreCase))
            {
                fitting.Add(entry);
            }
        }

        return fitting.Count == 1 ? fitting[0] : null;
    }

    /// <summary>Lists jobs, the oldest first.</summary>
    /// <param name="includeDone">Whether those whose pictures are saved are listed too.</param>
    /// <param name="warn">Told of damaged files, each time, and what to do about them; null to pass over them in silence. Nothing on disk is changed.</param>
    /// <param name="skip">Asked by name which jobs need not be read.</param>
    /// <returns>The jobs, read one at a time.</returns>
    /// <exception cref="InpaintException">StateUnavailable: the journal cannot be read.</exception>
    public IEnumerable<JournalEntry> Entries(bool includeDone, Action<string>? warn, Func<string, bool>? skip = null)
    {
        IEnumerable<string> files = FilesIn(OpenFolder);
        if (includeDone)
        {
            files = FilesIn(DoneFolder).Concat(files);
        }

        foreach (string aside in warn is null ? [] : FilesIn(OpenFolder, "*" + AsideSuffix))
        {
            warn!(Damaged(aside, "set aside by an earlier version"));
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string file in files.OrderBy(f => Path.GetFileName(f), StringComparer.Ordinal))
        {
            if (skip?.Invoke(Path.GetFileNameWithoutExtension(file)) == true)
            {
                continue;
            }

            // A process that ends while a job is moved leaves its old file behind; the one that says "done" is the newer.
            string done = Path.Combine(DoneFolder, Path.GetFileName(file));
            bool isLeftOver = !includeDone && File.Exists(done);
            JournalEntry? found = isLeftOver ? null : ReadFile(file, warn);
            if (found is null && includeDone && file != done)
            {
                // Moved since the folders were listed: whoever looks for a job so as not to pay for another must not miss it.
                found = ReadFile(done, warn);
            }

            if (found is { } entry && seen.Add(entry.Job.JournalId))
            {
                yield return entry;
            }
        }
    }

    /// <summary>Counts the files of jobs that are still to be collected, damaged ones and those of other versions too.</summary>
    /// <returns>The number; left-overs of jobs that are done do not count.</returns>
    public int CountOpenFiles() =>
        FilesIn(OpenFolder, "*.json").Count(f => !File.Exists(Path.Combine(DoneFolder, Path.GetFileName(f)))) + FilesIn(OpenFolder, "*" + AsideSuffix).Length;

    /// <summary>Whether nothing is left of a job to collect, since when.</summary>
    /// <param name="journalId">Its name.</param>
    /// <returns>The time (UTC) of the last change; null when there is something left, or no such job.</returns>
    public DateTime? DoneSince(string journalId)
    {
        string path = Path.Combine(DoneFolder, FileName(journalId));
        return File.Exists(path) ? File.GetLastWriteTimeUtc(path) : null;
    }

    /// <summary>
    /// Notes that a picture is in a file; with the last one the job counts as done. A flagged picture is blank, so that nobody need save it.
    /// </summary>
    /// <param name="journalId">The job's name.</param>
    /// <param name="index">The picture's position.</param>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be written.</exception>
    public void MarkSaved(string journalId, int index)
    {
        if (Read(journalId)?.Result is not { } result || result.Saved.Contains(index))
        {
            return;
        }

        Change(journalId, onDisk =>
        {
            if (onDisk?.Result is not { } now)
            {
                return null;
            }

            int[] saved = [.. now.Saved.Append(index).Distinct()];
            bool isAll = now.Images.All(image => image.IsFlagged || saved.Contains(image.Index));
            return onDisk with { Result = now with { Saved = saved }, Job = onDisk.Job with { SavedAt = onDisk.Job.SavedAt ?? (isAll ? time.GetUtcNow() : null) } };
        });
    }

    /// <summary>Forgets a job.</summary>
    /// <param name="journalId">Its name.</param>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="InpaintException">StateUnavailable: the file cannot be deleted.</exception>
    public bool Delete(string journalId)
    {
        string name = FileName(journalId);
        string[] paths = [Path.Combine(OpenFolder, name), Path.Combine(DoneFolder, name)];
        if (!paths.Any(File.Exists))
        {
            return false;
        }

        try
        {
            using JournalLock own = JournalLock.Take(LockFolder, name);
            foreach (string path in paths)
            {
                DeleteIfThere(path);
            }

            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InpaintException(InpaintErrorId.StateUnavailable, $"Job '{journalId}' cannot be deleted from the journal: {e.Message}", e);
        }
    }

    /// <summary>Keeps other processes from asking for the same thing: whoever looks for a job of a kind and then makes one holds this in between.</summary>
    /// <param name="fingerprint">What is asked for.</param>
    /// <returns>The claim, to be disposed of.</returns>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be had.</exception>
    public IDisposable Claim(string fingerprint)
    {
        try
        {
            return JournalLock.Take(LockFolder, fingerprint, "claim-");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
    }

    private JournalEntry? Change(string journalId, Func<JournalEntry?, JournalEntry?> change)
    {
        string name = FileName(journalId);
        try
        {
            using JournalLock own = JournalLock.Take(LockFolder, name);
            JournalEntry? onDisk = Read(journalId);
            JournalEntry? changed = change(onDisk)?.Following(onDisk, time.GetUtcNow());
            if (changed is not null)
            {
                WriteFile(changed, name);
            }

            return changed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(e);
        }
    }

    private InpaintException Unwritable(Exception e) =>
        new(InpaintErrorId.StateUnavailable, $"The journal in '{Path.Combine(stateFolder(), "jobs")}' cannot be written: {e.Message}", e);

    private void WriteFile(JournalEntry entry, string name)
    {
        string folder = entry.IsDone ? DoneFolder : OpenFolder;
        string other = entry.IsDone ? OpenFolder : DoneFolder;
        TemporaryFiles.SweepOnce(folder, time);
        PrivateFiles.Write(Path.Combine(folder, name), stream => JsonSerializer.Serialize(stream, entry, JournalJson.Readable.JournalEntry));
        DeleteIfThere(Path.Combine(other, name));
    }

    /// <summary><see cref="File.Delete"/> takes a missing file, but not a missing folder.</summary>
    private static void DeleteIfThere(string path)
    {
        if (File.Exists(path))
        {
            File.Delete(path);
        }
    }

    private static bool Fits(string candidate, string id) => candidate.StartsWith(id, StringComparison.OrdinalIgnoreCase);

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

    /// <summary>A journal id from elsewhere (a hand-edited or rebuilt job) must not reach outside the folder.</summary>
    private static string FileName(string journalId)
    {
        if (!IsName(journalId))
        {
            throw new InpaintException(InpaintErrorId.JobNotFound, $"'{journalId}' is not the name of a job in the journal.");
        }

        return journalId + ".json";
    }

    private static JournalEntry? ReadFile(string path, Action<string>? warn)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > MaximumFileBytes)
            {
                throw new JsonException($"{stream.Length} bytes is too large for a job.");
            }

            using JsonDocument document = JsonDocument.Parse(stream);
            if (document.RootElement.Integer("version") > JournalEntry.CurrentVersion)
            {
                warn?.Invoke($"The job file '{path}' was written by a newer version of the module and is left alone.");
                return null;
            }

            JournalEntry? entry = document.Deserialize(JournalJson.Readable.JournalEntry);
            if (entry?.IsWhole() != true)
            {
                throw new JsonException("It holds no job.");
            }

            return string.Equals(entry.Job.JournalId + ".json", Path.GetFileName(path), StringComparison.Ordinal)
                ? entry
                : throw new JsonException("It holds another job than its name says.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            warn?.Invoke(Damaged(path, PlainText.Clean(e.Message).TrimEnd('.')));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            warn?.Invoke($"The job file '{path}' cannot be read: {e.Message}");
            return null;
        }
    }

    /// <summary>Says what to do about a file that nobody can read any more, so long as it is there. What may still be legible in it is told, because a paid job may hang on it.</summary>
    private static string Damaged(string path, string reason)
    {
        string id = Legible(path, "id") ?? "ID";
        string provider = Legible(path, "provider") ?? "NAME";
        string where = id == "ID" ? ", with the id that can still be read in it or that the provider's site shows" : "";
        return $"The job file '{path}' is damaged ({reason}). A job that was paid for may hang on it: collect it with Receive-InpaintJob -Id {id} -Provider {provider}{where}. Then delete the file; until then it is spoken of each time.";
    }

    private static string? Legible(string path, string field)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] head = new byte[16 << 10];
            int read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            Match found = Regex.Match(Encoding.UTF8.GetString(head, 0, read), $"\"{field}\"\\s*:\\s*\"([A-Za-z0-9._-]{{1,100}})\"", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            return found.Success ? found.Groups[1].Value : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or RegexMatchTimeoutException)
        {
            return null;
        }
    }

    private string LockFolder => Path.Combine(stateFolder(), "jobs", "locks");

    private string OpenFolder => Path.Combine(stateFolder(), "jobs", "open");

    private string DoneFolder => Path.Combine(stateFolder(), "jobs", "done");
}
