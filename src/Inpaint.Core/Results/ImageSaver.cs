using Inpaint.Files;
using Inpaint.Imaging;

namespace Inpaint.Results;

/// <summary>
/// Brings pictures into files. The bytes go into a temporary file in the target folder, are checked to be the picture they claim to be, and get their final
/// name by a rename: under it there is a whole file or none.
/// </summary>
internal sealed class ImageSaver(PictureFetcher fetcher, TimeProvider time)
{
    /// <summary>How many numbered names are tried before a folder is called full.</summary>
    private const int MaximumNumber = 100_000;

    /// <summary>Saves a picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="options">Where and how.</param>
    /// <param name="cancellationToken">Ends it; nothing is left behind.</param>
    /// <returns>The file.</returns>
    public async Task<SavedImage> SaveAsync(InpaintImage image, SaveOptions options, CancellationToken cancellationToken)
    {
        (string folder, string? givenName) = TargetOf(image, options);

        // Before anything is fetched: a bad template is known now, and a refused name will not become free.
        string stem = FileNameTemplate.Fill(options.NameTemplate, image, time.GetUtcNow());
        if (givenName is not null)
        {
            DemandFree(Path.Combine(folder, givenName), options);
        }

        string temporary = TemporaryFiles.NameIn(folder);
        try
        {
            Directory.CreateDirectory(folder);
            TemporaryFiles.SweepOnce(folder, time);
            FileStream target = new(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.Asynchronous);
            await using (target.ConfigureAwait(false))
            {
                await fetcher.FetchAsync(image, target, options.MaximumBytes, cancellationToken).ConfigureAwait(false);
                await target.FlushAsync(cancellationToken).ConfigureAwait(false);
                target.Flush(flushToDisk: true);
            }

            PictureFormat format = Identify(temporary, image);
            string? cut = options.Metadata == MetadataMode.Embedded ? MetadataWriter.Embed(temporary, format, image) : null;

            cancellationToken.ThrowIfCancellationRequested();
            string path = givenName is null ? PlaceAnew(temporary, folder, stem, PictureFormats.ExtensionOf(format), options) : Place(temporary, Path.Combine(folder, givenName), options);

            // The journal is about to say that the picture is here.
            FolderSync.Flush(folder);
            return WithSidecar(new SavedImage(path, format, Warning: Joined(WarningAbout(path, format), cut)), image, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"The picture cannot be written to '{folder}': {e.Message}", e);
        }
        finally
        {
            TryDelete(temporary);
        }
    }

    private static (string Folder, string? Name) TargetOf(InpaintImage image, SaveOptions options)
    {
        string target = options.FilePath ?? options.Folder ?? ".";
        try
        {
            string full = Path.GetFullPath(target);
            return options.FilePath is null ? (full, null) : (Path.GetDirectoryName(full) ?? full, NumberedForCount(Path.GetFileName(full), image));
        }
        catch (ArgumentException e)
        {
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{target.Replace("\0", "\\0", StringComparison.Ordinal)}' cannot be a path.", e);
        }
    }

    private static void DemandFree(string path, SaveOptions options)
    {
        string sidecar = MetadataWriter.SidecarOf(path);
        if (options.NoClobber && (ExclusiveMove.IsTaken(path) || (options.Metadata == MetadataMode.Sidecar && ExclusiveMove.IsTaken(sidecar))))
        {
            throw Exists(ExclusiveMove.IsTaken(path) ? path : sidecar);
        }

        if (!options.Force && File.Exists(path) && new FileInfo(path) is { LinkTarget: null, IsReadOnly: true })
        {
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{path}' is read-only. The picture was not saved; -Force replaces it.");
        }
    }

    private static InpaintException Exists(string path) => new(InpaintErrorId.OutputExists, $"'{path}' exists and -NoClobber forbids to replace it. The picture was not saved.");

    private static string NumberedForCount(string name, InpaintImage image) =>
        image.Origin.Count > 1 ? $"{Path.GetFileNameWithoutExtension(name)}-{image.Index}{Path.GetExtension(name)}" : name;

    private static string? WarningAbout(string path, PictureFormat format) =>
        PictureFormats.OfName(path) == format ? null : $"'{path}' holds a picture of the format {format}, which its name does not say.";

    private static PictureFormat Identify(string path, InpaintImage image)
    {
        using FileStream stream = File.OpenRead(path);
        try
        {
            // Not more is asked than what a cut or wrong answer would lack: it is paid for, and saved even where there is no image library.
            PictureFormat format = Pictures.DetectFormat(stream, image.Url);
            return PictureEnd.IsThere(stream, format) ? format : throw new InpaintException(InpaintErrorId.ImageUnsupported, $"the {format} picture is cut off after {stream.Length} bytes.");
        }
        catch (InpaintException e) when (e.ErrorId == InpaintErrorId.ImageUnsupported)
        {
            throw new InpaintException(InpaintErrorId.ResponseInvalid, $"What came from {image.Url} is not a whole picture: {e.Message}", e) { Provider = image.Origin.Provider, RequestId = image.Origin.JobId };
        }
    }

    /// <summary>Gives the file the name that the user wants. A link of that name is replaced, never followed.</summary>
    private static string Place(string temporary, string path, SaveOptions options)
    {
        if (options.Force && OperatingSystem.IsWindows() && File.Exists(path) && new FileInfo(path) is { LinkTarget: null, IsReadOnly: true } file)
        {
            // Elsewhere a rename asks for the folder's permission only.
            file.IsReadOnly = false;
        }

        if (!options.NoClobber)
        {
            File.Move(temporary, path, overwrite: true);
        }
        else if (!ExclusiveMove.TryMove(temporary, path))
        {
            throw Exists(path);
        }

        return path;
    }

    /// <summary>Gives the file a name made here: one that is free, since it never replaces another picture unless forced; both were paid for.</summary>
    private static string PlaceAnew(string temporary, string folder, string stem, string extension, SaveOptions options)
    {
        if (options.Force)
        {
            return Place(temporary, Path.Combine(folder, stem + extension), options with { NoClobber = false });
        }

        for (int number = 1; number <= MaximumNumber; number++)
        {
            string candidate = Path.Combine(folder, number == 1 ? stem + extension : $"{stem}-{number}{extension}");
            bool isSidecarTaken = options.Metadata == MetadataMode.Sidecar && ExclusiveMove.IsTaken(MetadataWriter.SidecarOf(candidate));
            if (!isSidecarTaken && ExclusiveMove.TryMove(temporary, candidate))
            {
                return candidate;
            }

            if (options.NoClobber)
            {
                throw Exists(isSidecarTaken ? MetadataWriter.SidecarOf(candidate) : candidate);
            }
        }

        throw new InpaintException(InpaintErrorId.OutputExists, $"'{folder}' holds {MaximumNumber} files of the name '{stem}{extension}'. Choose another -Name or -Path.");
    }

    /// <summary>The picture is in place by now, so that a sidecar that cannot be written is worth a warning and not the picture.</summary>
    private static SavedImage WithSidecar(SavedImage saved, InpaintImage image, SaveOptions options)
    {
        if (options.Metadata != MetadataMode.Sidecar)
        {
            return saved;
        }

        try
        {
            return saved with { SidecarPath = MetadataWriter.WriteSidecar(saved.Path, image, overwrite: !options.NoClobber) };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string warning = $"The picture is saved, but '{MetadataWriter.SidecarOf(saved.Path)}' cannot be written: {e.Message}";
            return saved with { Warning = Joined(saved.Warning, warning) };
        }
    }

    private static string? Joined(string? one, string? other) => one is null || other is null ? one ?? other : $"{one} {other}";

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder itself is gone or was never made; there is nothing to leave behind.
        }
    }
}
