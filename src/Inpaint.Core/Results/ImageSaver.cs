using Inpaint.Http;
using Inpaint.Imaging;

namespace Inpaint.Results;

/// <summary>
/// Brings pictures into files. The bytes go into a temporary file in the target folder, are checked to be the picture they claim to be, and get their final
/// name by a rename: under it there is a whole file or none.
/// </summary>
internal sealed class ImageSaver(HttpClientSource http, TimeProvider time)
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
        string folder = options.FilePath is string file ? Path.GetDirectoryName(Path.GetFullPath(file))! : Path.GetFullPath(options.Folder ?? ".");
        string? givenName = options.FilePath is null ? null : NumberedForCount(Path.GetFileName(options.FilePath), image);
        if (givenName is not null && options.NoClobber && File.Exists(Path.Combine(folder, givenName)))
        {
            throw Exists(Path.Combine(folder, givenName));
        }

        string temporary = Path.Combine(folder, $".inpaint-{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(folder);
            FileStream target = new(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.Asynchronous);
            await using (target.ConfigureAwait(false))
            {
                await FetchAsync(image, target, cancellationToken).ConfigureAwait(false);
                await target.FlushAsync(cancellationToken).ConfigureAwait(false);
                target.Flush(flushToDisk: true);
            }

            PictureFormat format = Identify(temporary, image);
            if (options.Metadata == MetadataMode.Embedded)
            {
                MetadataWriter.Embed(temporary, format, image);
            }

            string path = Place(temporary, folder, givenName ?? FileNameTemplate.Fill(options.NameTemplate, image, time.GetUtcNow()) + ExtensionOf(format), givenName is not null, options);
            string? sidecar = options.Metadata == MetadataMode.Sidecar ? MetadataWriter.WriteSidecar(path, image) : null;
            return new SavedImage(path, format, sidecar, WarningAbout(path, format));
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

    private static InpaintException Exists(string path) => new(InpaintErrorId.OutputExists, $"'{path}' exists and -NoClobber forbids to replace it. The picture was not saved.");

    private static string NumberedForCount(string name, InpaintImage image) =>
        image.Origin.Count > 1 ? $"{Path.GetFileNameWithoutExtension(name)}-{image.Index}{Path.GetExtension(name)}" : name;

    private static string ExtensionOf(PictureFormat format) => format switch
    {
        PictureFormat.Png => ".png",
        PictureFormat.Jpeg => ".jpg",
        PictureFormat.WebP => ".webp",
        PictureFormat.Gif => ".gif",
        PictureFormat.Avif => ".avif",
        _ => "",
    };

    private static string? WarningAbout(string path, PictureFormat format)
    {
        string extension = Path.GetExtension(path);
        bool fits = string.Equals(extension, ExtensionOf(format), StringComparison.OrdinalIgnoreCase)
            || (format == PictureFormat.Jpeg && extension.ToUpperInvariant() is ".JPEG" or ".JPE" or ".JFIF");
        return fits ? null : $"'{path}' holds a {format} picture, which its name does not say.";
    }

    private static PictureFormat Identify(string path, InpaintImage image)
    {
        using FileStream stream = File.OpenRead(path);
        try
        {
            return PictureHeaderReader.Read(stream, image.Url).Format;
        }
        catch (InpaintException e) when (e.ErrorId == InpaintErrorId.ImageUnsupported)
        {
            throw new InpaintException(InpaintErrorId.ResponseInvalid, $"What came from {image.Url} is not a picture: {e.Message}", e) { Provider = image.Origin.Provider, RequestId = image.Origin.JobId };
        }
    }

    /// <summary>Gives the file its name. A name made here never replaces another picture unless forced: both were paid for.</summary>
    private static string Place(string temporary, string folder, string name, bool isGiven, SaveOptions options)
    {
        string wanted = Path.Combine(folder, name);
        if (options.Force || (isGiven && !options.NoClobber))
        {
            if (options.Force && File.Exists(wanted) && File.GetAttributes(wanted).HasFlag(FileAttributes.ReadOnly))
            {
                File.SetAttributes(wanted, FileAttributes.Normal);
            }

            File.Move(temporary, wanted, overwrite: true);
            return wanted;
        }

        string stem = Path.GetFileNameWithoutExtension(name);
        string extension = Path.GetExtension(name);
        for (int number = 1; number <= MaximumNumber; number++)
        {
            string candidate = number == 1 ? wanted : Path.Combine(folder, $"{stem}-{number}{extension}");
            try
            {
                File.Move(temporary, candidate, overwrite: false);
                return candidate;
            }
            catch (IOException) when (Path.Exists(candidate))
            {
                if (options.NoClobber)
                {
                    throw Exists(candidate);
                }
            }
        }

        throw new InpaintException(InpaintErrorId.OutputExists, $"'{folder}' holds {MaximumNumber} files of the name '{name}'. Choose another -Name or -Path.");
    }

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

    private async Task FetchAsync(InpaintImage image, FileStream target, CancellationToken cancellationToken)
    {
        if (image.Url.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            string path = new Uri(image.Url).LocalPath;
            try
            {
                FileStream source = File.OpenRead(path);
                await using (source.ConfigureAwait(false))
                {
                    await source.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                throw new InpaintException(InpaintErrorId.ResultExpired, $"The picture kept in '{path}' is gone.", e) { RequestId = image.Origin.JobId };
            }

            return;
        }

        await new PictureDownloader(http, time).DownloadAsync(image.Url, target, cancellationToken).ConfigureAwait(false);
    }
}
