using System.Text.Json;

namespace Inpaint.Jobs;

/// <summary>
/// The memory of all jobs: one small JSON file each, in <c>jobs/open</c> until its pictures are saved and in <c>jobs/done</c> afterwards, so that looking
/// for what is left does not read a year of history. Files are written beside themselves and renamed, so that a reader in any process sees a whole file
/// or none. It holds no keys and no pictures.
/// </summary>
internal sealed class JobJournal(Func<string> stateFolder, TimeProvider time)
{
    /// <summary>A journal file is a few kilobytes; anything much larger is not one, and is not read.</summary>
    private const long MaximumFileBytes = 4 << 20;

    /// <summary>Two pictures of one job may be saved at once; each must see the other's mark.</summary>
    private readonly object saving = new();

    /// <summary>Makes a name for a new job; names sort by time.</summary>
    /// <returns>The name.</returns>
    public string NewId() => time.GetUtcNow().ToString("yyyyMMddTHHmmssfff", System.Globalization.CultureInfo.InvariantCulture) + "-" + Guid.NewGuid().ToString("N")[..12];

    /// <summary>Writes a job down. Returns only when it is on disk.</summary>
    /// <param name="entry">The job.</param>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be written.</exception>
    public void Write(JournalEntry entry)
    {
        string folder = entry.Job.SavedAt is null ? OpenFolder : DoneFolder;
        string other = entry.Job.SavedAt is null ? DoneFolder : OpenFolder;
        string name = FileName(entry.Job.JournalId);
        try
        {
            Directory.CreateDirectory(folder);
            string temporary = Path.Combine(folder, $".{name}.{Guid.NewGuid():N}.tmp");
            try
            {
                using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
                {
                    JsonSerializer.Serialize(stream, entry, JournalJson.Default.JournalEntry);
                    stream.Flush(flushToDisk: true);
                }

                File.Move(temporary, Path.Combine(folder, name), overwrite: true);
            }
            finally
            {
                File.Delete(temporary);
            }

            DeleteIfThere(Path.Combine(other, name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InpaintException(InpaintErrorId.StateUnavailable, $"The journal in '{folder}' cannot be written: {e.Message}", e);
        }
    }

    /// <summary>Reads a job.</summary>
    /// <param name="journalId">Its name.</param>
    /// <returns>The job, or null when there is none or its file is damaged.</returns>
    public JournalEntry? Read(string journalId)
    {
        string name = FileName(journalId);
        return ReadFile(Path.Combine(DoneFolder, name), _ => { }) ?? ReadFile(Path.Combine(OpenFolder, name), _ => { });
    }

    /// <summary>Finds a job by the provider's id, or by its name here, or by the beginning of either when only one job fits.</summary>
    /// <param name="id">The id.</param>
    /// <param name="provider">The provider's name; null for any.</param>
    /// <returns>The job, or null.</returns>
    public JournalEntry? Find(string id, string? provider)
    {
        JournalEntry[] fitting = Entries(includeDone: true, _ => { })
            .Where(e => provider is null || string.Equals(e.Job.Provider, provider, StringComparison.OrdinalIgnoreCase))
            .Where(e => Fits(e.Job.Id, id) || Fits(e.Job.JournalId, id))
            .ToArray();
        JournalEntry? exact = fitting.FirstOrDefault(e => string.Equals(e.Job.Id, id, StringComparison.Ordinal) || string.Equals(e.Job.JournalId, id, StringComparison.Ordinal));
        return exact ?? (fitting.Length == 1 ? fitting[0] : null);
    }

    /// <summary>Lists jobs, the oldest first.</summary>
    /// <param name="includeDone">Whether those whose pictures are saved are listed too.</param>
    /// <param name="warn">Told of damaged files, which are set aside.</param>
    /// <returns>The jobs, read one at a time.</returns>
    public IEnumerable<JournalEntry> Entries(bool includeDone, Action<string> warn)
    {
        IEnumerable<string> files = FilesIn(OpenFolder);
        if (includeDone)
        {
            files = FilesIn(DoneFolder).Concat(files);
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string file in files.OrderBy(f => Path.GetFileName(f), StringComparer.Ordinal))
        {
            if (ReadFile(file, warn) is { } entry && seen.Add(entry.Job.JournalId))
            {
                yield return entry;
            }
        }
    }

    /// <summary>Notes that a picture is in a file; with the last one the job counts as done.</summary>
    /// <param name="journalId">The job's name.</param>
    /// <param name="index">The picture's position.</param>
    public void MarkSaved(string journalId, int index)
    {
        lock (saving)
        {
            if (Read(journalId) is not { Result: { } result } entry || result.Saved.Contains(index))
            {
                return;
            }

            int[] saved = [.. result.Saved, index];
            bool isAll = result.Images.All(image => saved.Contains(image.Index));
            Write(entry with { Result = result with { Saved = saved }, Job = entry.Job with { SavedAt = isAll ? time.GetUtcNow() : null } });
        }
    }

    /// <summary>Forgets a job.</summary>
    /// <param name="journalId">Its name.</param>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="InpaintException">StateUnavailable: the file cannot be deleted.</exception>
    public bool Delete(string journalId)
    {
        string name = FileName(journalId);
        try
        {
            bool wasThere = false;
            foreach (string path in new[] { Path.Combine(OpenFolder, name), Path.Combine(DoneFolder, name) })
            {
                wasThere |= DeleteIfThere(path);
            }

            return wasThere;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InpaintException(InpaintErrorId.StateUnavailable, $"Job '{journalId}' cannot be deleted from the journal: {e.Message}", e);
        }
    }

    /// <summary><see cref="File.Delete"/> takes a missing file, but not a missing folder.</summary>
    private static bool DeleteIfThere(string path)
    {
        bool isThere = File.Exists(path);
        if (isThere)
        {
            File.Delete(path);
        }

        return isThere;
    }

    private static bool Fits(string candidate, string id) => candidate.StartsWith(id, StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<string> FilesIn(string folder) => Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.json") : [];

    /// <summary>A journal id from elsewhere (a hand-edited or rebuilt job) must not reach outside the folder.</summary>
    private static string FileName(string journalId)
    {
        if (journalId.Length is 0 or > 100 || !journalId.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw new InpaintException(InpaintErrorId.JobNotFound, $"'{journalId}' is not the name of a job in the journal.");
        }

        return journalId + ".json";
    }

    private static JournalEntry? ReadFile(string path, Action<string> warn)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > MaximumFileBytes)
            {
                throw new JsonException($"{stream.Length} bytes is too large for a job.");
            }

            JournalEntry? entry = JsonSerializer.Deserialize(stream, JournalJson.Default.JournalEntry);
            if (entry?.Job is not { JournalId.Length: > 0 } job)
            {
                throw new JsonException("It holds no job.");
            }

            if (entry.Version > JournalEntry.CurrentVersion)
            {
                warn($"The job file '{path}' was written by a newer version of the module and is left alone.");
                return null;
            }

            if (!string.Equals(job.JournalId + ".json", Path.GetFileName(path), StringComparison.Ordinal))
            {
                throw new JsonException("It holds another job than its name says.");
            }

            return entry;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            SetAside(path, e.Message, warn);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            warn($"The job file '{path}' cannot be read: {e.Message}");
            return null;
        }
    }

    private static void SetAside(string path, string reason, Action<string> warn)
    {
        string aside = path + ".damaged";
        try
        {
            File.Move(path, aside, overwrite: true);
            warn($"The job file '{path}' is damaged ({reason}) and was set aside as '{Path.GetFileName(aside)}'.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            warn($"The job file '{path}' is damaged ({reason}).");
        }
    }

    private string OpenFolder => Path.Combine(stateFolder(), "jobs", "open");

    private string DoneFolder => Path.Combine(stateFolder(), "jobs", "done");
}
