namespace Inpaint.Jobs;

/// <summary>
/// Keeps pictures that came inside an answer, or were made here, until they are saved: paid for, and nowhere else to be had. One folder per job below
/// <c>pictures/</c> in the state folder; those of the embedded provider stay below <c>local/</c>, where it has put them.
/// </summary>
internal sealed class PictureSpool(Func<string> stateFolder, SpoolPruner pruner)
{
    /// <summary>The folder of the pictures that came inside answers, one folder per job in it, named as in the journal.</summary>
    public const string PicturesFolder = "pictures";

    /// <summary>Writes a picture.</summary>
    /// <param name="journalId">The job's name in the journal.</param>
    /// <param name="index">The picture's position.</param>
    /// <param name="content">Its bytes.</param>
    /// <returns>Its <c>file:</c> address.</returns>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be written.</exception>
    public string Write(string journalId, int index, ReadOnlyMemory<byte> content)
    {
        pruner.PruneOnce();
        string folder = FolderOf(journalId);
        string path = Path.Combine(folder, $"{index}.picture");
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(folder);
            try
            {
                using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
                {
                    stream.Write(content.Span);
                    stream.Flush(flushToDisk: true);
                }

                File.Move(temporary, path, overwrite: true);
            }
            finally
            {
                File.Delete(temporary);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InpaintException(InpaintErrorId.StateUnavailable, $"The picture cannot be kept in '{folder}': {e.Message}", e);
        }

        return AddressOf(path);
    }

    /// <summary>Names a picture that lies in the state folder already, and stays where it is until the job is forgotten or pruned.</summary>
    /// <param name="filePath">The file.</param>
    /// <returns>Its <c>file:</c> address.</returns>
    public string Keep(string filePath)
    {
        pruner.PruneOnce();
        return AddressOf(filePath);
    }

    /// <summary>Deletes a job's pictures, if any.</summary>
    /// <param name="entry">The job.</param>
    /// <exception cref="InpaintException">StateUnavailable: they cannot be deleted.</exception>
    public void Delete(JournalEntry entry)
    {
        string root = Path.GetFullPath(stateFolder()) + Path.DirectorySeparatorChar;
        IEnumerable<string> kept = (entry.Result?.Images ?? [])
            .Where(image => image.Url.StartsWith("file:", StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(image.Url, UriKind.Absolute, out _))
            .Select(image => Path.GetDirectoryName(Path.GetFullPath(new Uri(image.Url).LocalPath))!)
            .Where(folder => IsJobFolder(root, folder));
        foreach (string folder in kept.Append(FolderOf(entry.Job.JournalId)).Distinct(StringComparer.Ordinal))
        {
            try
            {
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InpaintException(InpaintErrorId.StateUnavailable, $"'{folder}' cannot be deleted: {e.Message}", e);
            }
        }
    }

    /// <summary>Escaped by hand: <see cref="Uri"/> would take a <c>%</c> in a folder's name for the beginning of an escape.</summary>
    private static string AddressOf(string path)
    {
        string slashed = Path.GetFullPath(path).Replace(Path.DirectorySeparatorChar, '/');
        return "file://" + (slashed.StartsWith('/') ? "" : "/") + string.Join('/', slashed.Split('/').Select((part, i) => i == 0 && part.EndsWith(':') ? part : Uri.EscapeDataString(part)));
    }

    /// <summary>An address in a journal file is data: only a job's folder, two below the state folder, is ever deleted for it.</summary>
    private static bool IsJobFolder(string root, string folder) =>
        folder.StartsWith(root, StringComparison.Ordinal) && folder[root.Length..].Split(Path.DirectorySeparatorChar) is [PicturesFolder or SpoolPruner.LocalFolder, { Length: > 0 }];

    private string FolderOf(string journalId) => Path.Combine(stateFolder(), PicturesFolder, Path.GetFileName(journalId));
}
