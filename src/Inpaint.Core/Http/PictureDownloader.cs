using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Inpaint.Http;

/// <summary>A downloaded picture.</summary>
/// <param name="ContentType">The media type that the server stated; not checked here.</param>
/// <param name="Length">Its length in bytes.</param>
internal sealed record DownloadedPicture(string? ContentType, long Length);

/// <summary>
/// Fetches result pictures. No key ever goes along. A download that breaks off goes on where it stopped when the server allows that for the unchanged
/// file, and begins anew otherwise; what is kept is complete.
/// </summary>
/// <param name="http">The wire.</param>
/// <param name="time">The clock.</param>
/// <param name="resilience">How downloads are repeated; null for the usual way.</param>
/// <param name="maximumBytes">The largest picture that is taken.</param>
internal sealed class PictureDownloader(HttpClientSource http, TimeProvider time, ResilienceOptions? resilience = null, long maximumBytes = PictureDownloader.LargestPicture)
{
    /// <summary>The largest picture that is taken when nothing else is said, in bytes.</summary>
    public const long LargestPicture = 256 << 20;

    private const int MostRedirects = 5;

    // A service may name an address a moment before its file is there; a picture that is gone stays gone.
    private const int TriesWhenMissing = 3;

    private readonly ResilienceOptions options = resilience ?? new ResilienceOptions();
    private readonly RetryPolicy policy = new(resilience ?? new ResilienceOptions(), time);

    /// <summary>Fetches a picture.</summary>
    /// <param name="url">Its address: https, or http on loopback.</param>
    /// <param name="home">Where whoever named the address is, so that it may lead there too.</param>
    /// <param name="destination">Receives it, from its present position on. Must be seekable, so that a broken download can be begun anew.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What was fetched; <paramref name="destination"/> then ends with the picture's last byte.</returns>
    /// <exception cref="InpaintException">
    /// ResultExpired: gone, or hidden; ResultAccessDenied: not public; InsecureTransport: the address or a redirect is not protected or leads into a network where whoever named it is not, or the address held a key; ResponseInvalid: too large, or redirects without
    /// end; ProviderUnavailable: the retries ran out.
    /// </exception>
    public async Task<DownloadedPicture> DownloadAsync(string url, AllowedNetworks home, Stream destination, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp))
        {
            throw new InpaintException(InpaintErrorId.ResponseInvalid, $"'{Short(url)}' is not an address that a picture can be fetched from.");
        }

        if (url.Contains(SecretRedactor.Mark, StringComparison.Ordinal))
        {
            throw new InpaintException(InpaintErrorId.InsecureTransport, $"The picture at {Short(url)} was not fetched: its address held the provider's key, which goes along with no download.");
        }

        Demand(uri, from: null);
        Progress progress = new(destination, destination.Position);
        DownloadAttempt? last = await policy.RunAsync(CallKind.Download, token => TryOnceAsync(uri, home, progress, token, cancellationToken), cancellationToken).ConfigureAwait(false);
        return last?.Picture ?? throw Failure(uri, last);
    }

    private static void Demand(Uri uri, Uri? from)
    {
        if (uri.UserInfo.Length > 0 || !HostGuard.IsSecure(uri))
        {
            throw new InpaintException(InpaintErrorId.InsecureTransport, $"The picture at {uri.Scheme}://{uri.Authority} was not fetched: only https addresses without a user name are (plain http is for 127.0.0.1 and localhost).");
        }

        // A server elsewhere must not make this machine talk to its own services.
        if (from is not null && HostGuard.IsLoopback(uri) && !HostGuard.IsLoopback(from))
        {
            throw new InpaintException(InpaintErrorId.InsecureTransport, $"The picture at {from.Scheme}://{from.Authority} was not fetched: it redirects to {uri.Authority}, this machine itself.");
        }
    }

    // Only the network's failures are worth another try: those of the destination, such as a full disk, pass through.
    private async Task<DownloadAttempt> TryOnceAsync(Uri uri, AllowedNetworks home, Progress progress, CancellationToken attemptToken, CancellationToken caller)
    {
        progress.Prepare();
        HttpResponseMessage response;
        try
        {
            using CancellationTokenSource patience = new(options.Limits(CallKind.Download).AttemptTimeout, time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(attemptToken, patience.Token);
            response = await OpenAsync(uri, home, progress, either.Token).ConfigureAwait(false);
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

    private async Task<HttpResponseMessage> OpenAsync(Uri uri, AllowedNetworks home, Progress progress, CancellationToken cancellationToken)
    {
        Uri place = uri;
        for (int redirects = 0; ; redirects++)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, place);
            request.Headers.TryAddWithoutValidation("User-Agent", ProviderChannel.UserAgent);
            request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
            progress.AskForRest(request);
            HttpClient client = await http.CreateForAsync(place, home, cancellationToken).ConfigureAwait(false);
            HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
            {
                return response;
            }

            Uri? next = response.Headers.Location is { } location ? new Uri(place, location) : null;
            response.Dispose();
            if (next is null || redirects == MostRedirects)
            {
                throw new InpaintException(InpaintErrorId.ResponseInvalid, $"The picture at {uri.Scheme}://{uri.Authority} was not found: {(next is null ? "a redirect leads nowhere" : $"more than {MostRedirects} redirects")}.");
            }

            Demand(next, place);
            place = next;
        }
    }

    private async Task<DownloadAttempt> ReceiveAsync(HttpResponseMessage response, Progress progress, CancellationToken cancellationToken, CancellationToken caller)
    {
        if (!progress.Begin(response))
        {
            return Broken(new IOException("The server sent another part of the picture than was asked for."));
        }

        if (progress.Total > maximumBytes)
        {
            throw TooLarge(response, progress.Total.Value);
        }

        StallGuardStream body = new(await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), options.IdleTimeout, time);
        await using (body.ConfigureAwait(false))
        {
            byte[] buffer = new byte[64 << 10];
            while (true)
            {
                int read;
                try
                {
                    read = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
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

                if (progress.Received + read > maximumBytes)
                {
                    throw TooLarge(response, progress.Received + read);
                }

                await progress.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            }
        }

        if (progress.Total is { } total && progress.Received != total)
        {
            return Broken(new IOException($"The picture ended after {progress.Received} of {total} bytes."));
        }

        return new DownloadAttempt { Picture = new DownloadedPicture(response.Content.Headers.ContentType?.MediaType, progress.Received) };
    }

    private DownloadAttempt Refused(HttpResponseMessage response, Progress progress)
    {
        int status = (int)response.StatusCode;
        TimeSpan? wait = response.Headers.NonValidated.TryGetValues("Retry-After", out HeaderStringValues values) ? RetryAfter.Parse(values.ToString(), time.GetUtcNow()) : null;
        if (status == (int)HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            progress.Restart();
        }

        bool isLate = status == (int)HttpStatusCode.NotFound && ++progress.TimesMissing < TriesWhenMissing;
        return new DownloadAttempt { AnswerStatus = status, MayRepeat = isLate || status is 408 or 416 or 425 or 429 or >= 500, RetryAfter = wait };
    }

    private InpaintException TooLarge(HttpResponseMessage response, long bytes) => new(
        InpaintErrorId.ResponseInvalid,
        string.Create(CultureInfo.InvariantCulture, $"The picture at {response.RequestMessage?.RequestUri?.Authority} has {bytes} bytes or more; the most that is fetched is {maximumBytes}."));

    private static InpaintException Failure(Uri uri, DownloadAttempt? last)
    {
        string place = Short(uri.GetLeftPart(UriPartial.Path));
        return last?.AnswerStatus switch
        {
            null => new(InpaintErrorId.ProviderUnavailable, $"The picture at {place} could not be fetched: {ApiErrors.Reason(last?.Failure)}.", last?.Failure) { IsTransient = true },
            401 or 403 => new(InpaintErrorId.ResultAccessDenied, $"Access to the picture at {place} was refused: the server answered {last.AnswerStatus}. The account keeps its files from others, and downloads carry no key.") { HttpStatus = last.AnswerStatus },
            404 => new(InpaintErrorId.ResultExpired, $"The picture at {place} is not to be found: the server answered 404. It has been deleted, or the account hides its files; pictures that come inside the answer (-InlineResult) cannot be hidden.") { HttpStatus = 404 },
            410 => new(InpaintErrorId.ResultExpired, $"The picture at {place} is gone: the server answered 410.") { HttpStatus = 410 },
            429 => new(InpaintErrorId.RateLimited, $"The picture at {place} could not be fetched: the server asks to slow down.") { HttpStatus = 429, RetryAfter = last.RetryAfter, IsTransient = true },
            >= 500 => new(InpaintErrorId.ProviderUnavailable, $"The picture at {place} could not be fetched: the server answered {last.AnswerStatus}.") { HttpStatus = last.AnswerStatus, IsTransient = true },
            _ => new(InpaintErrorId.ResponseInvalid, $"The picture at {place} could not be fetched: the server answered {last.AnswerStatus}.") { HttpStatus = last.AnswerStatus },
        };
    }

    private static string Short(string text) => text.Length <= 200 ? text : text[..200] + "…";

    private sealed record DownloadAttempt : Attempt
    {
        public DownloadedPicture? Picture { get; init; }
    }

    /// <summary>How far a download has come, and whether the server can go on from there.</summary>
    private sealed class Progress(Stream destination, long start)
    {
        private string? validator;

        public long Received { get; private set; }

        public long? Total { get; private set; }

        public int TimesMissing { get; set; }

        public void Restart()
        {
            destination.Position = start;
            destination.SetLength(start);
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

        public void AskForRest(HttpRequestMessage request)
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

            // The length of a body that was unpacked on the way says nothing about the bytes that come out; the client leaves it out then.
            Total = response.Content.Headers.ContentLength;
            validator = response.Headers.ETag is { IsWeak: false } tag && response.Headers.AcceptRanges.Contains("bytes", StringComparer.OrdinalIgnoreCase) ? tag.ToString() : null;
            return true;
        }

        public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            await destination.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            Received += bytes.Length;
        }
    }
}
