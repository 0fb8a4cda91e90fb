using System.Buffers;
using System.Net.Http.Headers;
using System.Text;

namespace Inpaint.Http;

/// <summary>A response, its body read within limits.</summary>
internal sealed class ApiResponse
{
    /// <summary>The limit of a successful response's body, in bytes; inline pictures fit.</summary>
    public const int MaxBodyBytes = 64 << 20;

    /// <summary>How much of an error's body is read, in bytes.</summary>
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

    public int Status { get; }

    public bool IsSuccess => Status is >= 200 and <= 299;

    /// <summary>The URL that was called.</summary>
    public Uri Uri { get; }

    /// <summary>The media type, without parameters.</summary>
    public string? ContentType { get; }

    /// <summary>The body; text in one of the usual charsets is converted to UTF-8 without a byte order mark.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>How long the service asks to wait, by its <c>Retry-After</c> header or the provider's reading of the body, whichever is longer.</summary>
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>Whether an earlier attempt of the same call may have succeeded, so that "already done" may refer to it.</summary>
    public bool MayFollowOwnSuccess { get; set; }

    /// <summary>Reads a response and removes the key from it, so that a key that a service echoes gets no further. With <paramref name="keepsBrokenErrors"/> an error whose body breaks off is a response all the same, because its status alone settles something.</summary>
    /// <exception cref="InvalidDataException">A successful response is larger than <see cref="MaxBodyBytes"/>, or its compression is broken.</exception>
    public static async Task<ApiResponse> ReadAsync(HttpResponseMessage response, Uri uri, SecretRedactor redactor, bool keepsBrokenErrors, CancellationToken cancellationToken)
    {
        MemoryStream read = await ReadBodyAsync(response, keepsBrokenErrors, cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<byte> body = read.GetBuffer().AsMemory(0, (int)read.Length);
        SecretRedactor.KeyEcho echo = redactor.Echo();
        Dictionary<string, string> found = HeadersOf(response, echo);
        MediaTypeHeaderValue? type = ContentTypeOf(found.GetValueOrDefault("Content-Type"));
        return new ApiResponse((int)response.StatusCode, uri, found, type?.MediaType, echo.Redact(ToUtf8(body, type?.CharSet?.Trim('"', '\''))));
    }

    /// <summary>Reads a response that is a stream of events, the last of which becomes the body; the body is empty when the stream ends properly without an event. No event is kept longer than until the next one arrives.</summary>
    /// <exception cref="InvalidDataException">An event is larger than <see cref="MaxBodyBytes"/>.</exception>
    /// <exception cref="IOException">The stream broke off.</exception>
    public static async Task<ApiResponse> ReadEventsAsync(HttpResponseMessage response, Uri uri, SecretRedactor redactor, Action<ReadOnlyMemory<byte>> onEvent, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> last = default;
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            await ServerSentEvents.ReadAsync(
                stream,
                MaxBodyBytes,
                data =>
                {
                    last = redactor.RedactEcho(data);
                    onEvent(last);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
        }

        return new ApiResponse((int)response.StatusCode, uri, HeadersOf(response, redactor.Echo()), "application/json", last);
    }

    /// <summary>Interprets a body that was read whole as a stream of events; returns this response when there is no event in it.</summary>
    public ApiResponse ParseEvents(Action<ReadOnlyMemory<byte>> onEvent)
    {
        ReadOnlyMemory<byte>? last = null;
        ServerSentEvents.Read(Body.Span, data =>
        {
            onEvent(data);
            last = data;
        });

        return last is { } body ? new ApiResponse(Status, Uri, headers, "application/json", body) : this;
    }

    /// <summary>Whether a response is a stream of events.</summary>
    public static bool IsEventStream(HttpResponseMessage response) =>
        string.Equals(MediaTypeOf(response), "text/event-stream", StringComparison.OrdinalIgnoreCase);

    /// <summary>The media type that a response states, without parameters; null for none, or one that is malformed.</summary>
    public static string? MediaTypeOf(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Type", out HeaderStringValues values) ? ContentTypeOf(values.ToString())?.MediaType : null;

    /// <summary>Finds a header.</summary>
    public string? Header(string name) => headers.GetValueOrDefault(name);

    /// <summary>Whether the body claims or looks to be a page for people.</summary>
    public bool IsHtml() =>
        ContentType?.Contains("html", StringComparison.OrdinalIgnoreCase) == true || Text(64).TrimStart().StartsWith('<');

    /// <summary>Decodes the body.</summary>
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

    private static async Task<MemoryStream> ReadBodyAsync(HttpResponseMessage response, bool keepsBrokenErrors, CancellationToken cancellationToken)
    {
        int limit = response.IsSuccessStatusCode ? MaxBodyBytes : MaxErrorBodyBytes;
        if (response.IsSuccessStatusCode && response.Content.Headers.ContentLength > limit)
        {
            throw TooLarge();
        }

        // A stated length is not trusted with more memory than most responses take.
        MemoryStream body = new((int)Math.Min(response.Content.Headers.ContentLength ?? 0, 16 << 10));
        using IMemoryOwner<byte> buffer = MemoryPool<byte>.Shared.Rent(16 << 10);
        try
        {
            Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                int read;
                while (body.Length < limit && (read = await stream.ReadAsync(buffer.Memory[..(int)Math.Min(buffer.Memory.Length, limit - body.Length)], cancellationToken).ConfigureAwait(false)) > 0)
                {
                    body.Write(buffer.Memory.Span[..read]);
                }

                if (response.IsSuccessStatusCode && body.Length == limit && await stream.ReadAsync(buffer.Memory[..1], cancellationToken).ConfigureAwait(false) > 0)
                {
                    throw TooLarge();
                }
            }
        }
        catch (Exception e) when (keepsBrokenErrors && !response.IsSuccessStatusCode && e is IOException or HttpRequestException or OperationCanceledException)
        {
            // The error's text is kept as far as it came. A caller that has cancelled notices at its next step.
        }

        return body;
    }

    private static Dictionary<string, string> HeadersOf(HttpResponseMessage response, SecretRedactor.KeyEcho echo)
    {
        Dictionary<string, string> found = new(StringComparer.OrdinalIgnoreCase);
        Add(response.Headers.NonValidated);
        Add(response.Content.Headers.NonValidated);
        return found;

        void Add(HttpHeadersNonValidated headers)
        {
            foreach ((string name, HeaderStringValues values) in headers)
            {
                found[name] = echo.Redact(values.ToString());
            }
        }
    }

    private static InvalidDataException TooLarge() => new($"The response is larger than {MaxBodyBytes >> 20} MiB.");

    private static MediaTypeHeaderValue? ContentTypeOf(string? text) => MediaTypeHeaderValue.TryParse(text, out MediaTypeHeaderValue? parsed) ? parsed : null;
}
