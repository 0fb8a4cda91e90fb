using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Inpaint.Http;

/// <summary>A downloaded picture.</summary>
/// <param name="ContentType">The media type that the server stated; not checked here.</param>
/// <param name="Length">Its length in bytes.</param>
internal sealed record DownloadedPicture(string? ContentType, long Length);

/// <summary>
/// Copies a result's picture from the web or the state folder into a stream. No key is ever sent. A download that breaks off is resumed when the server allows
/// that for the unchanged file, and restarted otherwise, so that what is kept is complete.
/// </summary>
/// <param name="http">Creates the HTTP clients.</param>
/// <param name="time">The clock.</param>
/// <param name="networksOf">The networks in which a provider, given by its name, may point to pictures; null for the internet only.</param>
/// <param name="resilience">Retry and timeout settings; null for the defaults.</param>
internal sealed class PictureDownloader(HttpClientSource http, TimeProvider time, Func<string?, AllowedNetworks>? networksOf = null, ResilienceOptions? resilience = null)
{
    private const int MaxRedirects = 5;

    // A service may return a URL a moment before its file is there; a picture that is gone stays gone.
    private const int MaxAttemptsWhenMissing = 3;

    private readonly ResilienceOptions options = resilience ?? new ResilienceOptions();

    private readonly RetryPolicy policy = new(resilience ?? new ResilienceOptions(), time);

    /// <summary>Copies a picture of a result.</summary>
    /// <exception cref="InpaintException">As <see cref="DownloadAsync"/>, and ResponseInvalid for a picture without a URL.</exception>
    public Task FetchAsync(InpaintImage image, Stream destination, long maxBytes, CancellationToken cancellationToken)
    {
        // A record that was deserialised may lack anything.
        if (string.IsNullOrEmpty(image.Url))
        {
            throw new InpaintException(InpaintErrorId.ResponseInvalid, "The picture has no URL.") { RequestId = image.Origin?.JobId };
        }

        return image.IsFile
            ? CopyFileAsync(image, destination, maxBytes, cancellationToken)
            : DownloadAsync(image.Url, networksOf?.Invoke(image.Origin?.Provider) ?? AllowedNetworks.None, destination, maxBytes, cancellationToken);
    }

    /// <summary>Downloads a picture.</summary>
    /// <param name="url">Its URL: https, or http on loopback.</param>
    /// <param name="networks">The networks besides the internet to which the URL may lead.</param>
    /// <param name="destination">Receives the picture, from its current position on. Must be seekable, so that a broken download can be restarted.</param>
    /// <param name="maxBytes">The size limit, in bytes.</param>
    /// <param name="mayAppear">Whether a service has just returned the URL, so that a picture that is not there may still appear.</param>
    /// <returns>What was downloaded; <paramref name="destination"/> then ends with the picture's last byte.</returns>
    /// <exception cref="InpaintException">
    /// ResultExpired: gone, or hidden; ResultAccessDenied: not public; InsecureTransport: the URL or a redirect is not protected or leads into a network that is not
    /// allowed, or the URL contained a key; ResponseInvalid: too large, or too many redirects; ProviderUnavailable: the retries ran out.
    /// </exception>
    public async Task<DownloadedPicture> DownloadAsync(string url, AllowedNetworks networks, Stream destination, long maxBytes, CancellationToken cancellationToken, bool mayAppear = true)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp))
        {
            throw new InpaintException(InpaintErrorId.ResponseInvalid, $"'{Short(url)}' is not a URL from which a picture can be downloaded.");
        }

        if (url.Contains(SecretRedactor.Mark, StringComparison.Ordinal))
        {
            throw new InpaintException(InpaintErrorId.InsecureTransport, $"The picture at {Short(url)} was not downloaded: its URL contained the provider's key, which is not sent with downloads.");
        }

        EnsureSecure(uri, from: null);
        Progress progress = new(destination, destination.Position, maxBytes) { MissingAttempts = mayAppear ? MaxAttemptsWhenMissing : 1 };
        DownloadAttempt? last = await policy.RunAsync(CallKind.Download, token => TryOnceAsync(uri, networks, progress, token, cancellationToken), cancellationToken).ConfigureAwait(false);
        return last?.Picture ?? throw Failure(uri, last);
    }

    private static void EnsureSecure(Uri uri, Uri? from)
    {
        if (uri.UserInfo.Length > 0 || !HostGuard.IsSecure(uri))
        {
            throw new InpaintException(InpaintErrorId.InsecureTransport, $"The picture at {uri.Scheme}://{uri.Authority} was not downloaded: only https URLs without a user name are allowed (plain http is for 127.0.0.1 and localhost).");
        }

        // A remote server must not make this machine call its own services.
        if (from is not null && HostGuard.IsLoopback(uri) && !HostGuard.IsLoopback(from))
        {
            throw new InpaintException(InpaintErrorId.InsecureTransport, $"The picture at {from.Scheme}://{from.Authority} was not downloaded: it redirects to {uri.Authority}, this machine itself.");
        }
    }

    // Only network failures are worth retrying: those of the destination, such as a full disk, pass through.
    private async Task<DownloadAttempt> TryOnceAsync(Uri uri, AllowedNetworks networks, Progress progress, CancellationToken attemptToken, CancellationToken caller)
    {
        progress.Prepare();
        HttpResponseMessage response;
        try
        {
            using CancellationTokenSource timeout = new(options.Limits(CallKind.Download).AttemptTimeout, time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(attemptToken, timeout.Token);
            response = await OpenAsync(uri, networks, progress, either.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (IsOfNetwork(e))
        {
            caller.ThrowIfCancellationRequested();
            return Broken(e);
        }

        using (response)
        {
            return response.IsSuccessStatusCode
                ? await ReceiveAsync(response, progress, attemptToken, caller).ConfigureAwait(false)
                : Refused(response, progress);
        }
    }

    private static bool IsOfNetwork(Exception e) => e is HttpRequestException or IOException or OperationCanceledException;

    private static DownloadAttempt Broken(Exception e) =>
        new() { Failure = e, MayRepeat = e is not HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } };

    private async Task<HttpResponseMessage> OpenAsync(Uri uri, AllowedNetworks networks, Progress progress, CancellationToken cancellationToken)
    {
        Uri current = uri;
        for (int redirects = 0; ; redirects++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, current);
            request.Headers.TryAddWithoutValidation("User-Agent", ProviderChannel.UserAgent);
            request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
            progress.RequestRest(request);
            HttpMessageInvoker client = await http.GetForAsync(current, networks, cancellationToken).ConfigureAwait(false);
            HttpResponseMessage response = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
            {
                return response;
            }

            Uri? next = response.Headers.Location is { } location ? new Uri(current, location) : null;
            response.Dispose();
            if (next is null || redirects == MaxRedirects)
            {
                throw new InpaintException(InpaintErrorId.ResponseInvalid, $"The picture at {uri.Scheme}://{uri.Authority} was not found: {(next is null ? "a redirect has no target" : $"more than {MaxRedirects} redirects")}.");
            }

            EnsureSecure(next, current);
            current = next;
        }
    }

    private async Task<DownloadAttempt> ReceiveAsync(HttpResponseMessage response, Progress progress, CancellationToken cancellationToken, CancellationToken caller)
    {
        if (!progress.Begin(response))
        {
            return Broken(new IOException("The server sent another part of the picture than was requested."));
        }

        if (progress.Total > progress.MaxBytes)
        {
            throw TooLarge(response, progress.Total.Value, maxBytes: progress.MaxBytes);
        }

        StallGuardStream body = new(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), options.IdleTimeout, time);
        await using (body.ConfigureAwait(false))
        {
            using IMemoryOwner<byte> buffer = MemoryPool<byte>.Shared.Rent(64 << 10);
            while (true)
            {
                int read;
                try
                {
                    read = await body.ReadAsync(buffer.Memory, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (IsOfNetwork(e))
                {
                    caller.ThrowIfCancellationRequested();
                    return Broken(e);
                }

                if (read == 0)
                {
                    break;
                }

                if (progress.Received + read > progress.MaxBytes)
                {
                    throw TooLarge(response, progress.Received + read, maxBytes: progress.MaxBytes);
                }

                await progress.Destination.WriteAsync(buffer.Memory[..read], cancellationToken).ConfigureAwait(false);
                progress.Received += read;
            }
        }

        if (progress.Total is { } total && progress.Received != total)
        {
            return Broken(new IOException($"The picture ended after {progress.Received} of {total} bytes."));
        }

        return new DownloadAttempt { Picture = new DownloadedPicture(ApiResponse.MediaTypeOf(response), progress.Received) };
    }

    private DownloadAttempt Refused(HttpResponseMessage response, Progress progress)
    {
        int status = (int)response.StatusCode;
        TimeSpan? wait = response.Headers.NonValidated.TryGetValues("Retry-After", out HeaderStringValues values) ? RetryAfter.Parse(values.ToString(), time.GetUtcNow()) : null;
        if (status == (int)HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            progress.Restart();
        }

        bool mayAppear = status == (int)HttpStatusCode.NotFound && --progress.MissingAttempts > 0;
        return new DownloadAttempt { Status = status, MayRepeat = mayAppear || status is 408 or 416 or 425 or 429 or >= 500, RetryAfter = wait };
    }

    private static InpaintException TooLarge(HttpResponseMessage response, long bytes, long maxBytes) => new(
        InpaintErrorId.ResponseInvalid,
        string.Create(CultureInfo.InvariantCulture, $"The picture at {response.RequestMessage?.RequestUri?.Authority} has {bytes} bytes or more; the limit is {maxBytes}."));

    private static InpaintException Failure(Uri uri, DownloadAttempt? last)
    {
        string url = Short(uri.GetLeftPart(UriPartial.Path));
        return last?.Status switch
        {
            null => new(InpaintErrorId.ProviderUnavailable, $"The picture at {url} could not be downloaded: {ApiErrors.Reason(last?.Failure)}.", last?.Failure) { IsTransient = true },
            401 or 403 => new(InpaintErrorId.ResultAccessDenied, $"Access to the picture at {url} was refused: the server returned {last.Status}. The account's files are private, and no key is sent with downloads.") { HttpStatus = last.Status },
            404 => new(InpaintErrorId.ResultExpired, $"The picture at {url} was not found: the server returned 404. It has been deleted, or the account hides its files.") { HttpStatus = 404 },
            410 => new(InpaintErrorId.ResultExpired, $"The picture at {url} is gone: the server returned 410.") { HttpStatus = 410 },
            429 => new(InpaintErrorId.RateLimited, $"The picture at {url} could not be downloaded: the server asks to slow down.") { HttpStatus = 429, RetryAfter = last.RetryAfter, IsTransient = true },
            >= 500 => new(InpaintErrorId.ProviderUnavailable, $"The picture at {url} could not be downloaded: the server returned {last.Status}.") { HttpStatus = last.Status, IsTransient = true },
            _ => new(InpaintErrorId.ResponseInvalid, $"The picture at {url} could not be downloaded: the server returned {last.Status}.") { HttpStatus = last.Status },
        };
    }

    private static async Task CopyFileAsync(InpaintImage image, Stream destination, long maxBytes, CancellationToken cancellationToken)
    {
        string path = Uri.TryCreate(image.Url, UriKind.Absolute, out Uri? uri) ? uri.LocalPath : throw new InpaintException(InpaintErrorId.ResponseInvalid, $"'{image.Url}' is not a URL.");
        try
        {
            FileStream source = File.OpenRead(path);
            await using (source.ConfigureAwait(false))
            {
                if (source.Length > maxBytes)
                {
                    throw new InpaintException(InpaintErrorId.ResponseInvalid, $"'{path}' has {source.Length} bytes; the limit for a picture is {maxBytes}.");
                }

                await source.CopyToAsync(destination, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InpaintException(InpaintErrorId.ResultExpired, $"The picture kept in '{path}' is gone.", e) { RequestId = image.Origin.JobId };
        }
    }

    private static string Short(string text) => text.Length <= 200 ? text : text[..200] + "…";

    private sealed record DownloadAttempt : Attempt
    {
        public DownloadedPicture? Picture { get; init; }
    }

    /// <summary>How far a download has come, and whether the server can resume it.</summary>
    private sealed class Progress(Stream destination, long start, long maxBytes)
    {
        private string? validator;

        public long MaxBytes => maxBytes;

        public Stream Destination => destination;

        public long Received { get; set; }

        public long? Total { get; private set; }

        /// <summary>How many attempts may find nothing.</summary>
        public int MissingAttempts { get; set; }

        public void Restart()
        {
            if (Received > 0)
            {
                destination.Position = start;
                destination.SetLength(start);
            }

            Received = 0;
            Total = null;
            validator = null;
        }

        public void Prepare()
        {
            if (Received == 0 || Total is null || validator is null || Received >= Total)
            {
                Restart();
            }
        }

        public void RequestRest(HttpRequestMessage request)
        {
            if (Received > 0)
            {
                request.Headers.Range = new RangeHeaderValue(Received, null);
                request.Headers.TryAddWithoutValidation("If-Range", validator);
            }
        }

        public bool Begin(HttpResponseMessage response)
        {
            if (response.StatusCode == HttpStatusCode.PartialContent)
            {
                bool fits = response.Content.Headers.ContentRange is { From: { } from } range && from == Received && Received > 0 && range.Length == Total;
                if (!fits)
                {
                    Restart();
                }

                return fits;
            }

            Restart();

            // The client leaves out the length of a compressed body, which says nothing about the decompressed bytes.
            Total = response.Content.Headers.ContentLength;

            // A weak tag ("W/…") does not promise the same bytes.
            HttpHeadersNonValidated headers = response.Headers.NonValidated;
            bool isResumable = headers.TryGetValues("Accept-Ranges", out HeaderStringValues ranges) && string.Equals(ranges.ToString(), "bytes", StringComparison.OrdinalIgnoreCase);
            validator = isResumable && headers.TryGetValues("ETag", out HeaderStringValues tag) && tag.ToString().StartsWith('"') ? tag.ToString() : null;
            return true;
        }
    }
}
