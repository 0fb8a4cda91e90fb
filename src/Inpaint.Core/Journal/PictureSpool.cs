using Inpaint.Files;
using Inpaint.Planning;

namespace Inpaint.Journal;

/// <summary>
/// Keeps pictures that came inside a response, or were made here, until they are saved: they are paid for and exist nowhere else. One folder per job below
/// <c>pictures/</c> in the state folder; those of the embedded provider stay below <c>local/</c>, where it wrote them.
/// </summary>
internal sealed class PictureSpool(Func<string> stateFolder, SpoolPruner pruner)
{
    /// <summary>The folder of the kept pictures, with one folder per job, named by its journal id.</summary>
    public const string PicturesFolder = "pictures";

    // What a job's pictures are composited with.
    private const string OriginalFile = "original";
    private const string MaskFile = "mask.png";

    /// <summary>Writes a picture and returns its <c>file:</c> URL.</summary>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be written.</exception>
    public string Write(string journalId, int index, ReadOnlyMemory<byte> content) =>
        FileUrlOf(WriteFile(journalId, $"{index}.picture", target => target.Write(content.Span)));

    /// <summary>Writes a picture that was composited here, and returns its <c>file:</c> URL and its length in bytes; the files it was made from stay beside it.</summary>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be written.</exception>
    public (string Url, long Length) WriteFinished(string journalId, int index, Action<Stream> encode)
    {
        string path = WriteFile(journalId, $"{index}.finished", encode);
        return (FileUrlOf(path), new FileInfo(path).Length);
    }

    /// <summary>Writes a mask that a job has found, under a name that tells its picture, and returns its path.</summary>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be written.</exception>
    public string WriteFoundMask(string journalId, string name, ReadOnlyMemory<byte> content) => WriteFile(journalId, $"found-{Path.GetFileName(name)}", target => target.Write(content.Span));

    /// <summary>Stores the mask and the original with which a job's pictures will be composited. An original that is the user's own file stays where it is.</summary>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be written; ImageNotFound: the original is gone.</exception>
    public InpaintPlacement StorePlacement(string journalId, PlannedPlacement placement)
    {
        // A picture in the state folder belongs to an earlier result, which may be removed before this job is done.
        bool isCopied = placement.Original.FilePath is not { } path || path.StartsWith(Path.GetFullPath(stateFolder()) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
        if (isCopied)
        {
            using Stream source = placement.Original.OpenRead();
            WriteFile(journalId, OriginalFile, source.CopyTo);
        }

        WriteFile(journalId, MaskFile, target => target.Write(placement.Mask.Span));
        return placement.ToJob(isCopied);
    }

    /// <summary>The path of the copy of a job's original; the file need not exist.</summary>
    public string OriginalPathOf(string journalId) => Path.Combine(FolderOf(journalId), OriginalFile);

    /// <summary>The path of the mask of a job whose pictures are composited; the file need not exist.</summary>
    public string MaskPathOf(string journalId) => Path.Combine(FolderOf(journalId), MaskFile);

    /// <summary>A path for a temporary file in a job's folder, which may have to be created.</summary>
    public string TemporaryIn(string journalId) => TemporaryFiles.NameIn(FolderOf(journalId));

    /// <summary>The <c>file:</c> URL of a picture that is in the state folder already, and stays there until the job is removed or pruned.</summary>
    public string Keep(string filePath)
    {
        pruner.PruneOnce();
        return FileUrlOf(filePath);
    }

    /// <summary>Deletes a job's pictures, if any.</summary>
    /// <exception cref="InpaintException">StateUnavailable: they cannot be deleted.</exception>
    public void Delete(JournalEntry entry)
    {
        string root = Path.GetFullPath(stateFolder()) + Path.DirectorySeparatorChar;
        IEnumerable<string> kept = (entry.Result?.Images ?? [])
            .Where(image => image.IsFile && Uri.TryCreate(image.Url, UriKind.Absolute, out _))
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

    /// <summary>Escapes each segment, because <see cref="Uri"/> would take a <c>%</c> in a folder's name for the start of an escape.</summary>
    private static string FileUrlOf(string path)
    {
        string slashed = Path.GetFullPath(path).Replace(Path.DirectorySeparatorChar, '/');
        return "file://" + (slashed.StartsWith('/') ? "" : "/") + string.Join('/', slashed.Split('/').Select((part, i) => i == 0 && part.EndsWith(':') ? part : Uri.EscapeDataString(part)));
    }

    /// <summary>A URL in a journal file is not trusted: only a job's folder, two levels below the state folder, is ever deleted.</summary>
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
