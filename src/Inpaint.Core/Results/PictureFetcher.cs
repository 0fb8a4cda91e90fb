using Inpaint.Http;

namespace Inpaint.Results;

/// <summary>Copies a result's picture from its URL or from the state folder into a stream.</summary>
/// <param name="http">The HTTP clients.</param>
/// <param name="time">The clock.</param>
/// <param name="homeOf">Gets the networks of a provider by its name.</param>
internal sealed class PictureFetcher(HttpClientSource http, TimeProvider time, Func<string?, AllowedNetworks> homeOf)
{
    /// <summary>Fetches a picture of a limited length into a seekable stream.</summary>
    /// <exception cref="InpaintException">ResultExpired: it has been deleted; ResultAccessDenied: it is not public; ResponseInvalid: no URL, or too large; and the failures of a download.</exception>
    public async Task FetchAsync(InpaintImage image, Stream target, long maximumBytes, CancellationToken cancellationToken)
    {
        // An image that was deserialized from JSON may lack anything.
        if (string.IsNullOrEmpty(image.Url))
        {
            throw new InpaintException(InpaintErrorId.ResponseInvalid, "The picture has no URL.") { RequestId = image.Origin?.JobId };
        }

        if (image.Url.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            await CopyAsync(image, target, maximumBytes, cancellationToken).ConfigureAwait(false);
            return;
        }

        PictureDownloader downloader = new(http, time, maximumBytes: maximumBytes);
        await downloader.DownloadAsync(image.Url, homeOf(image.Origin?.Provider), target, cancellationToken).ConfigureAwait(false);
    }

    private static async Task CopyAsync(InpaintImage image, Stream target, long maximumBytes, CancellationToken cancellationToken)
    {
        string path = Uri.TryCreate(image.Url, UriKind.Absolute, out Uri? uri) ? uri.LocalPath : throw new InpaintException(InpaintErrorId.ResponseInvalid, $"'{image.Url}' is not a URL.");
        try
        {
            FileStream source = File.OpenRead(path);
            await using (source.ConfigureAwait(false))
            {
                if (source.Length > maximumBytes)
                {
                    throw new InpaintException(InpaintErrorId.ResponseInvalid, $"'{path}' has {source.Length} bytes, more than the limit of {maximumBytes} for a picture.");
                }

                await source.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InpaintException(InpaintErrorId.ResultExpired, $"The picture stored in '{path}' has been deleted.", e) { RequestId = image.Origin.JobId };
        }
    }
}
