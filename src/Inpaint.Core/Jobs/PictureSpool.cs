namespace Inpaint.Jobs;

/// <summary>
/// Keeps pictures that came inside an answer, or were made here, until they are saved: paid for, and nowhere else to be had. One folder per job below
/// <c>pictures/</c> in the state folder.
/// </summary>
internal sealed class PictureSpool(Func<string> stateFolder)
{
    /// <summary>Where a job's pictures are kept; does not make it.</summary>
    /// <param name="journalId">The job's name in the journal.</param>
    /// <returns>A full path.</returns>
    public string FolderOf(string journalId) => Path.Combine(stateFolder(), "pictures", Path.GetFileName(journalId));

    /// <summary>Writes a picture.</summary>
    /// <param name="journalId">The job's name in the journal.</param>
    /// <param name="index">The picture's position.</param>
    /// <param name="content">Its bytes.</param>
    /// <returns>Its <c>file:</c> address.</returns>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be written.</exception>
    public string Write(string journalId, int index, ReadOnlyMemory<byte> content)
    {
        return Place(journalId, index, path =>
        {
            string temporary = path + ".tmp";
            using (FileStream stream = new(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                stream.Write(content.Span);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        });
    }

    /// <summary>Takes a file over by moving it.</summary>
    /// <param name="journalId">The job's name in the journal.</param>
    /// <param name="index">The picture's position.</param>
    /// <param name="filePath">The file.</param>
    /// <returns>Its <c>file:</c> address.</returns>
    /// <exception cref="InpaintException">StateUnavailable: it cannot be moved.</exception>
    public string Adopt(string journalId, int index, string filePath) => Place(journalId, index, path => File.Move(filePath, path, overwrite: true));

    /// <summary>Deletes a job's pictures, if any.</summary>
    /// <param name="journalId">The job's name in the journal.</param>
    public void Delete(string journalId)
    {
        string folder = FolderOf(journalId);
        if (Directory.Exists(folder))
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InpaintException(InpaintErrorId.StateUnavailable, $"'{folder}' cannot be deleted: {e.Message}", e);
            }
        }
    }

    private string Place(string journalId, int index, Action<string> put)
    {
        string folder = FolderOf(journalId);
        string path = Path.Combine(folder, $"{index}.picture");
        try
        {
            Directory.CreateDirectory(folder);
            put(path);
            return new Uri(path).AbsoluteUri;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InpaintException(InpaintErrorId.StateUnavailable, $"The picture cannot be kept in '{folder}': {e.Message}", e);
        }
    }
}
