using Inpaint.Files;
using Inpaint.Http;
using Inpaint.Imaging;

namespace Inpaint.Results;

/// <summary>
/// Saves pictures to files. The bytes are written to a temporary file in the target folder, checked to be a complete picture, and renamed, so that the final name is that of a
/// complete file or does not exist.
/// </summary>
internal sealed class ImageSaver(PictureDownloader downloader, TimeProvider time) : IDisposable
{
    /// <summary>How many numbered names are tried.</summary>
    private const int MaxNumber = 100_000;

    // One at a time: a decoded picture needs many times the memory of its file, and a batch must not need more.
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>Saves a picture.</summary>
    /// <param name="options">The target and how it is written.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A cancelled call leaves no file behind.</param>
    /// <returns>The file.</returns>
    public async Task<SavedImage> SaveAsync(InpaintImage image, SaveOptions options, CancellationToken cancellationToken)
    {
        (string folder, string? givenName) = TargetOf(image, options);

        // Before anything is downloaded: an invalid template or a taken name fails now.
        string stem = FileNameTemplate.Fill(options.NameTemplate, image, time.GetUtcNow());
        PictureFormat? requested = PictureFormats.RequestedBy(givenName ?? stem);
        if (requested == PictureFormat.Unknown)
        {
            throw UnsupportedFormat(options, givenName ?? stem);
        }

        if (givenName is not null)
        {
            EnsureMayWrite(Path.Combine(folder, givenName), image, options);
        }

        string temporary = TemporaryFiles.NameIn(folder);
        try
        {
            Directory.CreateDirectory(folder);
            TemporaryFiles.SweepOnce(folder, time);
            PictureFormat received;
            using (FileStream target = new(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.Asynchronous))
            {
                await downloader.FetchAsync(image, target, options.MaximumBytes, cancellationToken).ConfigureAwait(false);
                target.Flush(flushToDisk: true);
                received = Identify(target, image);
            }

            (PictureFormat format, string? lost) = await ConvertAsync(temporary, received, requested, givenName ?? stem, image, options, cancellationToken).ConfigureAwait(false);
            string? metadataWarning = options.Metadata == MetadataMode.Embedded ? MetadataWriter.Embed(temporary, format, image) : null;

            cancellationToken.ThrowIfCancellationRequested();
            string path = givenName is null ? MoveToFreeName(temporary, folder, requested is null ? stem : Path.GetFileNameWithoutExtension(stem), requested is null ? PictureFormats.ExtensionOf(format) : Path.GetExtension(stem), options) : MoveTo(temporary, Path.Combine(folder, givenName), options);

            // The journal will record that the picture is saved.
            FolderSync.Flush(folder);
            return WithSidecar(new SavedImage(path, format, Warning: Joined(lost, Joined(WarningAbout(path, format), metadataWarning))), image, options);
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

    /// <summary>The paths to which a result of several pictures is saved under one name.</summary>
    public static IEnumerable<string> PathsFor(string path, int count) =>
        count > 1 ? Enumerable.Range(0, count).Select(index => Path.Combine(Path.GetDirectoryName(path) ?? "", Numbered(Path.GetFileName(path), index))) : [path];

    /// <summary>The failure for a name with the extension of a format that cannot be written.</summary>
    public static InpaintException UnsupportedFormat(SaveOptions options, string name) =>
        new(InpaintErrorId.InvalidParameter, $"'{name}' has the extension {Path.GetExtension(name)}, and that format cannot be written: pictures are saved as {PictureFormats.Writable}.")
        {
            Parameter = ParameterOf(options),
            Subject = name,
            RecommendedAction = "Choose a name that ends in .png, .jpg, .webp, .avif or .tif.",
        };

    private static string ParameterOf(SaveOptions options) => options.FilePath is null ? nameof(SaveOptions.NameTemplate) : nameof(SaveOptions.FilePath);

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

    /// <summary>Converts the picture to the format that the file's name requests.</summary>
    /// <returns>The new format, and a warning about what was lost.</returns>
    private async Task<(PictureFormat Format, string? Lost)> ConvertAsync(string path, PictureFormat format, PictureFormat? requested, string name, InpaintImage image, SaveOptions options, CancellationToken cancellationToken)
    {
        PictureFormat target = requested ?? format;
        bool isRecompressed = options.Quality is not null && !PictureFormats.IsLossless(target);
        if (target == format && !isRecompressed)
        {
            return (format, null);
        }

        if (!PictureFormats.CanWrite(target))
        {
            throw UnsupportedFormat(options, name);
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
                    bool isLost = Convert(source, image.Url, target, options.Quality ?? Pictures.DefaultQuality, written, cancellationToken);
                    written.Flush(flushToDisk: true);
                    return isLost;
                },
                cancellationToken).ConfigureAwait(false);
            File.Move(converted, path, overwrite: true);
            return (target, isTransparencyLost ? $"{target} has no transparency: that of '{name}' was blended with white. A name that ends in .png keeps it." : null);
        }
        catch (InpaintException e)
        {
            throw new InpaintException(e.ErrorId, $"The {format} picture cannot be saved as '{name}': {e.Message}", e)
            {
                Parameter = ParameterOf(options),
                RecommendedAction = $"Save it under a name that ends in {PictureFormats.ExtensionOf(format)}; nothing is lost.",
            };
        }
        finally
        {
            TryDelete(converted);
            turn.Release();
        }
    }

    /// <summary>Decodes a picture and encodes it in another format, with its metadata.</summary>
    /// <returns>Whether transparency was lost; transparent pixels are then blended with white.</returns>
    private static bool Convert(Stream source, string name, PictureFormat format, int quality, Stream target, CancellationToken cancellationToken)
    {
        Raster picture = Pictures.Decode(source, name, cancellationToken: cancellationToken);
        Pictures.Encode(picture, format, target, quality, cancellationToken);
        return !PictureFormats.HasAlpha(format) && picture.HasTransparentPixels();
    }

    private static void EnsureMayWrite(string path, InpaintImage image, SaveOptions options)
    {
        string sidecar = MetadataWriter.SidecarOf(path);
        if (options.NoClobber && (ExclusiveMove.IsTaken(path) || (options.Metadata == MetadataMode.Sidecar && ExclusiveMove.IsTaken(sidecar))))
        {
            throw Exists(ExclusiveMove.IsTaken(path) ? path : sidecar);
        }

        // The file may be the original of the picture, of which there may be no other copy.
        string? original = options.Force || !File.Exists(path) ? null : options.Originals.Append(image.Origin.Source ?? "").FirstOrDefault(o => Path.IsPathFullyQualified(o) && PathIdentity.WouldReplace(path, o));
        if (original is not null)
        {
            throw new InpaintException(InpaintErrorId.OutputExists, $"'{path}' is the original of {(original == image.Origin.Source ? "this picture" : "another result")}, and is not replaced unless that is forced. The picture was not saved.")
            {
                Parameter = "Force",
                Subject = path,
                RecommendedAction = "Choose another path, or force it if the original is no longer needed.",
            };
        }

        if (!options.Force && File.Exists(path) && new FileInfo(path) is { LinkTarget: null, IsReadOnly: true })
        {
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{path}' is read-only. The picture was not saved.")
            {
                Parameter = "Force",
                Subject = path,
                RecommendedAction = "Choose another path, or force it to be replaced.",
            };
        }
    }

    private static InpaintException Exists(string path) => new(InpaintErrorId.OutputExists, $"'{path}' exists, and NoClobber prevents it from being replaced. The picture was not saved.") { Parameter = "NoClobber", Subject = path };

    private static string NumberedForCount(string name, InpaintImage image) =>
        image.Origin.Count > 1 ? Numbered(name, image.Index) : name;

    private static string Numbered(string name, int index) => $"{Path.GetFileNameWithoutExtension(name)}-{index}{Path.GetExtension(name)}";

    private static string? WarningAbout(string path, PictureFormat format) =>
        PictureFormats.RequestedBy(path) == format ? null : $"'{path}' contains a {format} picture, but the file name says {(Path.GetExtension(path) is { Length: > 0 } extension ? extension : "nothing")}.";

    private static PictureFormat Identify(FileStream stream, InpaintImage image)
    {
        stream.Position = 0;
        try
        {
            // Only what a truncated or wrong response lacks is checked: the picture is paid for, and is saved even without the image library.
            PictureFormat format = Pictures.DetectFormat(stream, image.Url);
            return PictureEnd.IsThere(stream, format) ? format : throw new InpaintException(InpaintErrorId.ImageUnsupported, $"the {format} picture is truncated after {stream.Length} bytes.");
        }
        catch (InpaintException e) when (e.ErrorId == InpaintErrorId.ImageUnsupported)
        {
            throw new InpaintException(InpaintErrorId.ResponseInvalid, $"The response from {image.Url} is not a complete picture: {e.Message}", e) { Provider = image.Origin.Provider, RequestId = image.Origin.JobId };
        }
    }

    /// <summary>Moves the file to the name that the user gave. A link of that name is replaced, never followed.</summary>
    private static string MoveTo(string temporary, string path, SaveOptions options)
    {
        if (options.Force && OperatingSystem.IsWindows() && File.Exists(path) && new FileInfo(path) is { LinkTarget: null, IsReadOnly: true } file)
        {
            // On other systems a rename needs only permission for the folder.
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

    /// <summary>Moves the file to a name made from the template: a free one, because another picture, which was paid for too, is not replaced unless forced.</summary>
    private static string MoveToFreeName(string temporary, string folder, string stem, string extension, SaveOptions options)
    {
        for (int number = 1; number <= MaxNumber; number++)
        {
            string candidate = Path.Combine(folder, number == 1 ? stem + extension : $"{stem}-{number}{extension}");
            if (options.Force)
            {
                if (options.Claim?.Invoke(candidate) != false)
                {
                    return MoveTo(temporary, candidate, options with { NoClobber = false });
                }

                continue;
            }

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

        throw new InpaintException(InpaintErrorId.OutputExists, $"'{folder}' contains {MaxNumber} files named '{stem}{extension}' with numbers. Choose another name or folder.") { Parameter = "NameTemplate", Subject = folder };
    }

    /// <summary>Writes the sidecar. The picture is saved already, so that a failure is only a warning.</summary>
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
            // The folder is gone or was never created; there is nothing to delete.
        }
    }
}
