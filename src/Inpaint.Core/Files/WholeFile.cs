namespace Inpaint.Files;

/// <summary>Writes a file that is made here: under its final name there is a whole file or none.</summary>
internal static class WholeFile
{
    /// <summary>Writes a file by way of a temporary one beside it, flushed and renamed; missing folders are made.</summary>
    /// <param name="path">The file's full path. A link of that name is replaced, never followed.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="force">Whether one that is read-only may be replaced as well; implies <paramref name="overwrite"/>.</param>
    /// <param name="cancellationToken">Ends it; nothing is left behind.</param>
    /// <exception cref="InpaintException">OutputExists, OutputWriteFailed.</exception>
    public static void Write(string path, Action<Stream> write, bool overwrite, bool force, CancellationToken cancellationToken)
    {
        DemandFree(path, overwrite, force);
        string temporary = TemporaryFiles.NameIn(Path.GetDirectoryName(path) ?? path);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path) ?? path);
            TemporaryFiles.SweepOnce(Path.GetDirectoryName(path) ?? path, TimeProvider.System);
            using (FileStream target = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(target);
                target.Flush(flushToDisk: true);
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (force && File.Exists(path) && new FileInfo(path) is { LinkTarget: null, IsReadOnly: true } file)
            {
                file.IsReadOnly = false;
            }

            Rename(temporary, path, overwrite || force);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // The temporary file is nobody's business.
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{path}' cannot be written: {e.Message.Replace(temporary, path, StringComparison.Ordinal)}", e);
        }
        finally
        {
            TryDelete(temporary);
        }
    }

    /// <summary>Refuses a name that <see cref="Write"/> would refuse.</summary>
    /// <param name="path">The file's full path.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="force">Whether one that is read-only may be replaced as well; implies <paramref name="overwrite"/>.</param>
    /// <exception cref="InpaintException">OutputExists, OutputWriteFailed.</exception>
    public static void DemandFree(string path, bool overwrite, bool force)
    {
        if (Directory.Exists(path))
        {
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{path}' is a folder, not a file.");
        }

        if (Path.GetDirectoryName(path) is { } folder && File.Exists(folder))
        {
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{folder}' is a file, not a folder.");
        }

        if (!overwrite && !force && IsTaken(path))
        {
            throw Exists(path);
        }

        if (!force && File.Exists(path) && new FileInfo(path) is { LinkTarget: null, IsReadOnly: true })
        {
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{path}' is read-only.") { RecommendedAction = "Add -Force to replace it, or choose another path." };
        }
    }

    /// <summary>Finds out, by a file that is gone at once, whether <see cref="Write"/> may write, before somebody works for hours on what is to be written. Makes no folder.</summary>
    /// <param name="path">The file's full path.</param>
    /// <exception cref="InpaintException">OutputWriteFailed.</exception>
    public static void EnsureWritable(string path)
    {
        string? folder = Path.GetDirectoryName(path) ?? path;
        while (folder is not null && !Directory.Exists(folder))
        {
            folder = Path.GetDirectoryName(folder);
        }

        string temporary = TemporaryFiles.NameIn(folder ?? path);
        try
        {
            new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{path}' cannot be written: {e.Message.Replace(temporary, path, StringComparison.Ordinal)}", e);
        }
    }

    private static void Rename(string temporary, string path, bool overwrite)
    {
        try
        {
            File.Move(temporary, path, overwrite);
        }
        catch (IOException) when (!overwrite && IsTaken(path))
        {
            throw Exists(path);
        }
    }

    /// <summary>A link that leads nowhere takes its name, too.</summary>
    private static bool IsTaken(string path) => Path.Exists(path) || new FileInfo(path).LinkTarget is not null;

    private static InpaintException Exists(string path) => new(InpaintErrorId.OutputExists, $"'{path}' exists and was not replaced.")
    {
        RecommendedAction = "Choose another path, or replace it with -Force and without -NoClobber.",
    };

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder itself was never made or is gone; there is nothing to leave behind.
        }
    }
}
