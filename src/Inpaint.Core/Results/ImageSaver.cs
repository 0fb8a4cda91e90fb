using Inpaint.Files;
using Inpaint.Http;
using Inpaint.Imaging;

namespace Inpaint.Results;

/// <summary>
/// Brings pictures into files. The bytes go into a temporary file in the target folder, are checked to be the picture they claim to be, and get their final
/// name by a rename: under it there is a whole file or none.
/// </summary>
internal sealed class ImageSaver(PictureDownloader downloader, TimeProvider time) : IDisposable
{
    /// <summary>How many numbered names are tried before a folder is called full.</summary>
    private const int MaximumNumber = 100_000;

    // A picture that is decoded takes many times the memory of its file; a batch shall not take more.
    private readonly SemaphoreSlim turn = new(1, 1);

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
        PictureFormat? asked = PictureFormats.AskedFor(givenName ?? stem);
        if (asked == PictureFormat.Unknown)
        {
            throw CannotWrite(givenName ?? stem);
        }

        if (givenName is not null)
        {
            DemandFree(Path.Combine(folder, givenName), image, options);
        }

        string temporary = TemporaryFiles.NameIn(folder);
        try
        {
            Directory.CreateDirectory(folder);
            TemporaryFiles.SweepOnce(folder, time);
            FileStream target = new(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.Asynchronous);
            await using (target.ConfigureAwait(false))
            {
                await downloader.FetchAsync(image, target, options.MaximumBytes, cancellationToken).ConfigureAwait(false);
                await target.FlushAsync(cancellationToken).ConfigureAwait(false);
                target.Flush(flushToDisk: true);
            }

            (PictureFormat format, string? lost) = await ConvertAsync(temporary, Identify(temporary, image), asked, givenName ?? stem, image, options, cancellationToken).ConfigureAwait(false);
            string? cut = options.Metadata == MetadataMode.Embedded ? MetadataWriter.Embed(temporary, format, image) : null;

            cancellationToken.ThrowIfCancellationRequested();
            string path = givenName is null ? PlaceAnew(temporary, folder, asked is null ? stem : Path.GetFileNameWithoutExtension(stem), asked is null ? PictureFormats.ExtensionOf(format) : Path.GetExtension(stem), options) : Place(temporary, Path.Combine(folder, givenName), options);

            // The journal is about to say that the picture is here.
            FolderSync.Flush(folder);
            return WithSidecar(new SavedImage(path, format, Warning: Joined(lost, Joined(WarningAbout(path, format), cut))), image, options);
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

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    /// <summary>The files that a result of several pictures makes of one name.</summary>
    /// <param name="path">The name.</param>
    /// <param name="count">How many pictures the result has.</param>
    public static IEnumerable<string> PathsFor(string path, int count) =>
        count > 1 ? Enumerable.Range(0, count).Select(index => Path.Combine(Path.GetDirectoryName(path) ?? "", Numbered(Path.GetFileName(path), index))) : [path];

    /// <summary>The failure for a name that asks for a format which is not written here.</summary>
    /// <param name="name">The name.</param>
    public static InpaintException CannotWrite(string name) =>
        new(InpaintErrorId.InvalidParameter, $"'{name}' asks for the format {Path.GetExtension(name)}, which is not written here: pictures are saved as {PictureFormats.Writable}.")
        {
            RecommendedAction = "Choose a name that ends in .png, .jpg, .webp, .avif or .tif.",
        };

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

    /// <summary>Makes the picture what the file's name says.</summary>
    /// <returns>The format that it has then, and what was lost.</returns>
    private async Task<(PictureFormat Format, string? Lost)> ConvertAsync(string path, PictureFormat format, PictureFormat? asked, string name, InpaintImage image, SaveOptions options, CancellationToken cancellationToken)
    {
        PictureFormat target = asked ?? format;
        bool isCompressedAnew = options.Quality is not null && !PictureFormats.IsLossless(target);
        if (target == format && !isCompressedAnew)
        {
            return (format, null);
        }

        if (!PictureFormats.CanWrite(target))
        {
            throw CannotWrite(name);
        }

        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        string converted = TemporaryFiles.NameIn(Path.GetDirectoryName(path)!);
        try
        {
            bool isTransparencyLost = await Task.Run(
                () =>
                {
                    using FileStream source = File.OpenRead(path);
                    using FileStream written = new(converted, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
                    bool isLost = PictureConverter.Convert(source, image.Url, target, options.Quality ?? Pictures.DefaultQuality, written, cancellationToken);
                    written.Flush(flushToDisk: true);
                    return isLost;
                },
                cancellationToken).ConfigureAwait(false);
            File.Move(converted, path, overwrite: true);
            return (target, isTransparencyLost ? $"{target} has no transparency: that of '{name}' was laid over white. A name that ends in .png keeps it." : null);
        }
        catch (InpaintException e)
        {
            throw new InpaintException(e.ErrorId, $"What came as {format} cannot be saved as '{name}': {e.Message}", e)
            {
                RecommendedAction = $"Save it under a name that ends in {PictureFormats.ExtensionOf(format)}; nothing is lost.",
            };
        }
        finally
        {
            TryDelete(converted);
            turn.Release();
        }
    }

    private static void DemandFree(string path, InpaintImage image, SaveOptions options)
    {
        string sidecar = MetadataWriter.SidecarOf(path);
        if (options.NoClobber && (ExclusiveMove.IsTaken(path) || (options.Metadata == MetadataMode.Sidecar && ExclusiveMove.IsTaken(sidecar))))
        {
            throw Exists(ExclusiveMove.IsTaken(path) ? path : sidecar);
        }

        // Who names a file may mean the one that the picture was made of, and has only that one of it.
        string? original = options.Force || !File.Exists(path) ? null : options.Originals.Append(image.Origin.Source ?? "").FirstOrDefault(o => Path.IsPathFullyQualified(o) && PathIdentity.WouldReplace(path, o));
        if (original is not null)
        {
            throw new InpaintException(InpaintErrorId.OutputExists, $"'{path}' is the original of {(original == image.Origin.Source ? "this picture" : "another result")}, and is not replaced without -Force. The picture was not saved.")
            {
                RecommendedAction = "Choose another -Path, or add -Force if the original is no longer needed.",
            };
        }

        if (!options.Force && File.Exists(path) && new FileInfo(path) is { LinkTarget: null, IsReadOnly: true })
        {
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{path}' is read-only. The picture was not saved; -Force replaces it.");
        }
    }

    private static InpaintException Exists(string path) => new(InpaintErrorId.OutputExists, $"'{path}' exists and -NoClobber forbids to replace it. The picture was not saved.");

    private static string NumberedForCount(string name, InpaintImage image) =>
        image.Origin.Count > 1 ? Numbered(name, image.Index) : name;

    private static string Numbered(string name, int index) => $"{Path.GetFileNameWithoutExtension(name)}-{index}{Path.GetExtension(name)}";

    private static string? WarningAbout(string path, PictureFormat format) =>
        PictureFormats.AskedFor(path) == format ? null : $"'{path}' holds a picture of the format {format}, which its name does not say.";

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
