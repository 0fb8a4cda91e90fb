using System.Net.Http.Headers;
using System.Text;

namespace Inpaint.Http;

/// <summary>An answer as it came, its body read within limits.</summary>
internal sealed class ApiResponse
{
    /// <summary>The most that is read of a successful answer: inline pictures fit, endless bodies do not.</summary>
    public const int MaxBodyBytes = 64 << 20;

    /// <summary>The most that is read of a failure's body; the rest is left.</summary>
    public const int MaxErrorBodyBytes = 64 << 10;

    private readonly Dictionary<string, string> headers;

    private ApiResponse(int status, Uri uri, Dictionary<string, string> headers, string? contentType, ReadOnlyMemory<byte> body)
    {
        Status = status;
        Uri = uri;
        this.headers = headers;
        ContentType = contentType;
        Body = body;
    }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>Whether the status is 200 to 299.</summary>
    public bool IsSuccess => Status is >= 200 and <= 299;

    /// <summary>Where the call went.</summary>
    public Uri Uri { get; }

    /// <summary>The media type, without parameters.</summary>
    public string? ContentType { get; }

    /// <summary>The body's bytes; a text in one of the usual charsets is UTF-8 here, without a mark.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>How long the service asks to wait, by its <c>Retry-After</c> header or the provider's own reading of the body, whichever is longer.</summary>
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>Whether an earlier attempt of the same call may have done its work, so that "done already" may be the answer to that.</summary>
    public bool MayFollowOwnSuccess { get; set; }

    /// <summary>Reads an answer, and takes the key out of it: what a service echoes gets no further than here, whoever reads the answer and whatever is made of it.</summary>
    /// <param name="response">The response, its body unread.</param>
    /// <param name="uri">Where the call went.</param>
    /// <param name="redactor">Knows the key.</param>
    /// <param name="keepsBrokenFailures">Whether a failure whose body breaks off is an answer all the same, because its status alone settles something.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="InvalidDataException">A successful answer is larger than <see cref="MaxBodyBytes"/>, or its compression is broken.</exception>
    public static async Task<ApiResponse> ReadAsync(HttpResponseMessage response, Uri uri, SecretRedactor redactor, bool keepsBrokenFailures, CancellationToken cancellationToken)
    {
        Dictionary<string, string> found = HeadersOf(response, redactor);
        ReadOnlyMemory<byte> body = await ReadBodyAsync(response, keepsBrokenFailures, cancellationToken).ConfigureAwait(false);
        MediaTypeHeaderValue? type = ContentTypeOf(found);
        return new ApiResponse((int)response.StatusCode, uri, found, type?.MediaType, redactor.RedactEcho(ToUtf8(body, type?.CharSet?.Trim('"', '\''))));
    }

    /// <summary>Reads an answer that comes as a stream of events, of which the last is the body. No event is kept longer than until the next one comes.</summary>
    /// <param name="response">The response, its body unread.</param>
    /// <param name="uri">Where the call went.</param>
    /// <param name="redactor">Knows the key.</param>
    /// <param name="onEvent">Told of each event's data, the last one too, which nobody can know to be the last before the stream ends.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The answer; its body is empty when the stream ended in order without an event.</returns>
    /// <exception cref="InvalidDataException">An event is larger than <see cref="MaxBodyBytes"/>.</exception>
    /// <exception cref="IOException">The stream broke off.</exception>
    public static async Task<ApiResponse> ReadEventsAsync(HttpResponseMessage response, Uri uri, SecretRedactor redactor, Action<ReadOnlyMemory<byte>> onEvent, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> last = default;
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            await foreach (ReadOnlyMemory<byte> data in ServerSentEvents.ReadAsync(stream, MaxBodyBytes, cancellationToken).ConfigureAwait(false))
            {
                last = redactor.RedactEcho(data);
                onEvent(last);
            }
        }

        return new ApiResponse((int)response.StatusCode, uri, HeadersOf(response, redactor), "application/json", last);
    }

    /// <summary>Takes a body that was read whole for a stream of events, if it is one.</summary>
    /// <param name="onEvent">Told of each event's data.</param>
    /// <returns>The answer whose body is the last event; this one when there is no event in it.</returns>
    public ApiResponse Unfold(Action<ReadOnlyMemory<byte>> onEvent)
    {
        ReadOnlyMemory<byte>? last = null;
        foreach (ReadOnlyMemory<byte> data in ServerSentEvents.Read(Body))
        {
            onEvent(data);
            last = data;
        }

        return last is { } body ? new ApiResponse(Status, Uri, headers, "application/json", body) : this;
    }

    /// <summary>Whether a response is a stream of events.</summary>
    /// <param name="response">The response.</param>
    /// <returns>True for <c>text/event-stream</c>.</returns>
    public static bool IsEventStream(HttpResponseMessage response) =>
        string.Equals(response.Content.Headers.ContentType?.MediaType, "text/event-stream", StringComparison.OrdinalIgnoreCase);

    /// <summary>Finds a header.</summary>
    /// <param name="name">Its name, in any case.</param>
    /// <returns>Its value, or null.</returns>
    public string? Header(string name) => headers.GetValueOrDefault(name);

    /// <summary>Whether the body claims or looks to be a page for people.</summary>
    /// <returns>True for HTML.</returns>
    public bool IsHtml() =>
        ContentType?.Contains("html", StringComparison.OrdinalIgnoreCase) == true || Text(64).TrimStart().StartsWith('<');

    /// <summary>Decodes the body.</summary>
    /// <param name="maximumBytes">How much of it.</param>
    /// <returns>The text; broken bytes become replacement characters.</returns>
    public string Text(int maximumBytes = int.MaxValue) => Encoding.UTF8.GetString(Body.Span[..Math.Min(Body.Length, maximumBytes)]);

    private static ReadOnlyMemory<byte> ToUtf8(ReadOnlyMemory<byte> body, string? charset)
    {
        Encoding? other = charset?.ToUpperInvariant() switch
        {
            "ISO-8859-1" or "LATIN1" or "WINDOWS-1252" => Encoding.Latin1,
            "UTF-16" or "UTF-16LE" => Encoding.Unicode,
            "UTF-16BE" => Encoding.BigEndianUnicode,
            _ => null,
        };
        ReadOnlySpan<byte> mark = Encoding.UTF8.Preamble;
        return body.Span.StartsWith(mark) ? body[mark.Length..]
            : other is null ? body
            : Encoding.UTF8.GetBytes(other.GetString(body.Span).TrimStart('\uFEFF'));
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpResponseMessage response, bool keepsBrokenFailures, CancellationToken cancellationToken)
    {
        int limit = response.IsSuccessStatusCode ? MaxBodyBytes : MaxErrorBodyBytes;
        if (response.IsSuccessStatusCode && response.Content.Headers.ContentLength > limit)
        {
            throw TooLarge();
        }

        MemoryStream body = new();
        try
        {
            Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                byte[] buffer = new byte[16 << 10];
                int read;
                while (body.Length < limit && (read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, limit - body.Length)), cancellationToken).ConfigureAwait(false)) > 0)
                {
                    body.Write(buffer, 0, read);
                }

                if (response.IsSuccessStatusCode && body.Length == limit && await stream.ReadAsync(buffer.AsMemory(0, 1), cancellationToken).ConfigureAwait(false) > 0)
                {
                    throw TooLarge();
                }
            }
        }
        catch (Exception e) when (keepsBrokenFailures && !response.IsSuccessStatusCode && e is IOException or HttpRequestException or OperationCanceledException)
        {
            // The failure's text is kept as far as it came. A caller that has given up is noticed at its next step.
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    private static Dictionary<string, string> HeadersOf(HttpResponseMessage response, SecretRedactor redactor)
    {
        Dictionary<string, string> found = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, HeaderStringValues values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            found[name] = redactor.RedactEcho(values.ToString());
        }

        return found;
    }

    private static InvalidDataException TooLarge() => new($"The answer is larger than {MaxBodyBytes >> 20} MiB.");

    private static MediaTypeHeaderValue? ContentTypeOf(Dictionary<string, string> headers) =>
        headers.TryGetValue("Content-Type", out string? text) && MediaTypeHeaderValue.TryParse(text, out MediaTypeHeaderValue? parsed) ? parsed : null;
}
