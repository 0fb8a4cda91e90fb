using Inpaint.Files;
using Inpaint.Planning;

namespace Inpaint.Journal;

/// <summary>
/// Keeps pictures that came inside an answer, or were made here, until they are saved: paid for, and nowhere else to be had. One folder per job below
/// <c>pictures/</c> in the state folder; those of the embedded provider stay below <c>local/</c>, where it has put them.
/// </summary>
internal sealed class PictureSpool(Func<string> stateFolder, SpoolPruner pruner)
{
    /// <summary>The folder of the pictures that came inside answers, one folder per job in it, named as in the journal.</summary>
    public const string PicturesFolder = "pictures";

    // What a job's pictures are put back into and through.
    private const string OriginalFile = "original";
    private const string MaskFile = "mask.png";

    /// <summary>Writes a picture.</summary>
    /// <param name="journalId">The job's name in the journal.</param>
    /// <param name="index">The picture's position.</param>
    /// <param name="content">Its bytes.</param>
    /// <returns>Its <c>file:</c> address.</returns>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be written.</exception>
    public string Write(string journalId, int index, ReadOnlyMemory<byte> content) =>
        AddressOf(WriteFile(journalId, $"{index}.picture", target => target.Write(content.Span)));

    /// <summary>Writes a picture that was finished here; what it was made of stays beside it.</summary>
    /// <param name="journalId">The job's name in the journal.</param>
    /// <param name="index">The picture's position.</param>
    /// <param name="encode">Writes its bytes.</param>
    /// <returns>Its <c>file:</c> address and length in bytes.</returns>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be written.</exception>
    public (string Address, long Length) WriteFinished(string journalId, int index, Action<Stream> encode)
    {
        string path = WriteFile(journalId, $"{index}.finished", encode);
        return (AddressOf(path), new FileInfo(path).Length);
    }

    /// <summary>Keeps what a job's pictures will be put back into and through. An original that is a file of the user's stays where it is.</summary>
    /// <param name="journalId">The job's name in the journal.</param>
    /// <param name="placement">What is to be kept.</param>
    /// <returns>What the job remembers of it.</returns>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be written; ImageNotFound: the original is gone.</exception>
    public InpaintPlacement Deposit(string journalId, PlannedPlacement placement)
    {
        // A picture in the state folder is an earlier result's, which may be forgotten before this job is done.
        bool isCopied = placement.Original.FilePath is not { } path || path.StartsWith(Path.GetFullPath(stateFolder()) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
        if (isCopied)
        {
            using Stream source = placement.Original.OpenRead();
            WriteFile(journalId, OriginalFile, source.CopyTo);
        }

        WriteFile(journalId, MaskFile, target => target.Write(placement.Mask.Span));
        return placement.ToJob(isCopied);
    }

    /// <summary>Where the copy of a job's original lies.</summary>
    /// <param name="journalId">The job's name in the journal.</param>
    /// <returns>A path; whether something is there is not said.</returns>
    public string OriginalOf(string journalId) => Path.Combine(FolderOf(journalId), OriginalFile);

    /// <summary>Where the mask of a job lies whose pictures are put back.</summary>
    /// <param name="journalId">The job's name in the journal.</param>
    /// <returns>A path; whether something is there is not said.</returns>
    public string MaskOf(string journalId) => Path.Combine(FolderOf(journalId), MaskFile);

    /// <summary>Names a file in a job's folder for what is fetched only to be worked on.</summary>
    /// <param name="journalId">The job's name in the journal.</param>
    /// <returns>A path where nothing is yet; the folder may have to be made.</returns>
    public string TemporaryIn(string journalId) => TemporaryFiles.NameIn(FolderOf(journalId));

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

    private string WriteFile(string journalId, string name, Action<Stream> write)
    {
        pruner.PruneOnce();
        string folder = FolderOf(journalId);
        string path = Path.Combine(folder, name);
        try
        {
            PrivateFiles.Write(path, write);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InpaintException(InpaintErrorId.StateUnavailable, $"The picture cannot be kept in '{folder}': {e.Message}", e);
        }

        return path;
    }

    private string FolderOf(string journalId) => Path.Combine(stateFolder(), PicturesFolder, Path.GetFileName(journalId));
}
