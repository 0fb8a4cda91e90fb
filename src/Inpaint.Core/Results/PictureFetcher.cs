using Inpaint.Http;

namespace Inpaint.Results;

/// <summary>Brings a result's picture from where it is, the web or the state folder, into a stream.</summary>
/// <param name="http">The wire.</param>
/// <param name="time">The clock.</param>
/// <param name="homeOf">Where a provider is, by its name.</param>
internal sealed class PictureFetcher(HttpClientSource http, TimeProvider time, Func<string?, AllowedNetworks> homeOf)
{
    /// <summary>Fetches a picture.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="target">Receives it; must be seekable.</param>
    /// <param name="maximumBytes">The largest picture that is taken.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>When it is there.</returns>
    /// <exception cref="InpaintException">ResultExpired: it is gone; ResultAccessDenied: it is not public; ResponseInvalid: no address, or too large; and what a download may fail with.</exception>
    public async Task FetchAsync(InpaintImage image, Stream target, long maximumBytes, CancellationToken cancellationToken)
    {
        // A record that came back from JSON may lack anything.
        if (string.IsNullOrEmpty(image.Url))
        {
            throw new InpaintException(InpaintErrorId.ResponseInvalid, "The picture has no address.") { RequestId = image.Origin?.JobId };
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
        string path = Uri.TryCreate(image.Url, UriKind.Absolute, out Uri? uri) ? uri.LocalPath : throw new InpaintException(InpaintErrorId.ResponseInvalid, $"'{image.Url}' is not an address.");
        try
        {
            FileStream source = File.OpenRead(path);
            await using (source.ConfigureAwait(false))
            {
                if (source.Length > maximumBytes)
                {
                    throw new InpaintException(InpaintErrorId.ResponseInvalid, $"'{path}' has {source.Length} bytes; more than {maximumBytes} are not taken for a picture.");
                }

                await source.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InpaintException(InpaintErrorId.ResultExpired, $"The picture kept in '{path}' is gone.", e) { RequestId = image.Origin.JobId };
        }
    }
}
