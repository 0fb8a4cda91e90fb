using System.Globalization;
using System.Text;
using Inpaint.Emulator.Control;
using Inpaint.Emulator.Wire;
using Inpaint.Http;

namespace Inpaint.Emulator.Faults;

/// <summary>
/// One thing that goes wrong with one request. Kinds that take the place of the service's answer strike before the request is handled (no job is made, nothing is stored)
/// unless <see cref="AfterHandling"/> says that the service has done its work first; kinds that deform the answer always let the service work.
/// </summary>
public sealed record Fault
{
    /// <summary>What goes wrong.</summary>
    public required FaultKind Kind { get; init; }

    /// <summary>The service has done its work (a job is made and counted) before this strikes.</summary>
    public bool AfterHandling { get; init; }

    /// <summary>The answer of <see cref="FaultKind.Respond"/>.</summary>
    public Answer? Answer { get; init; }

    /// <summary>How long headers wait, the pause between the pieces of a body, or the time offline; null means until released or told.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>Bytes to send before a truncation or a pause, or the size of a huge body.</summary>
    public long? Bytes { get; init; }

    /// <summary>Whether a huge body comes with its Content-Length.</summary>
    public bool IsAnnounced { get; init; }

    /// <summary>Events of a stream to send before it is cut, ended or held.</summary>
    public int? Events { get; init; }

    /// <summary>The Content-Type or status text to send instead.</summary>
    public string? Text { get; init; }

    /// <summary>The request is served as if there were no fault: a placeholder in a sequence.</summary>
    public static Fault Pass { get; } = new() { Kind = FaultKind.Pass };

    /// <summary>The connection is reset before the request's body is read: nothing is made.</summary>
    /// <returns>The fault.</returns>
    public static Fault ResetBeforeRead() => new() { Kind = FaultKind.Reset };

    /// <summary>The service does its work (a submit makes a job), then the connection is reset without a response.</summary>
    /// <returns>The fault.</returns>
    public static Fault ResetAfterAccept() => new() { Kind = FaultKind.Reset, AfterHandling = true };

    /// <summary>The service does its work (a submit makes a job), then the connection is closed in order, without a response.</summary>
    /// <returns>The fault.</returns>
    public static Fault CloseAfterAccept() => new() { Kind = FaultKind.Close, AfterHandling = true };

    /// <summary>The connection is closed in order before the request is handled: nothing is made.</summary>
    /// <returns>The fault.</returns>
    public static Fault CloseBeforeHandling() => new() { Kind = FaultKind.Close };

    /// <summary>Another answer, before the request is handled.</summary>
    /// <param name="status">The HTTP status code.</param>
    /// <param name="body">The body.</param>
    /// <param name="contentType">Its type.</param>
    /// <param name="reason">The reason phrase.</param>
    /// <param name="headers">More headers.</param>
    /// <returns>The fault.</returns>
    public static Fault Respond(int status, string body = "", string contentType = "application/json", string? reason = null, params (string Name, string Value)[] headers)
    {
        ArgumentNullException.ThrowIfNull(headers);
        Answer answer = Answer.Text(status, body, contentType) with { Reason = reason };
        foreach ((string name, string value) in headers)
        {
            answer = answer.With(name, value);
        }

        return new() { Kind = FaultKind.Respond, Answer = answer };
    }

    /// <summary>429 with fal's body; with a delay also a <c>Retry-After</c> header in seconds.</summary>
    /// <param name="retryAfter">Rounded up to whole seconds; null sends no header.</param>
    /// <returns>The fault.</returns>
    public static Fault TooManyRequests(TimeSpan? retryAfter = null) => retryAfter is { } delay
        ? TooManyRequestsUntil(Math.Ceiling(delay.TotalSeconds).ToString(CultureInfo.InvariantCulture))
        : TooManyRequestsUntil(null);

    /// <summary>429 whose <c>Retry-After</c> is an HTTP date.</summary>
    /// <param name="retryAt">When to come again.</param>
    /// <returns>The fault.</returns>
    public static Fault TooManyRequests(DateTimeOffset retryAt) => TooManyRequestsUntil(retryAt.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>The page of a proxy: an HTML body, without the service's own headers.</summary>
    /// <param name="status">The HTTP status code, also 200.</param>
    /// <returns>The fault.</returns>
    public static Fault Html(int status) => Respond(
        status,
        $"<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
        "text/html");

    /// <summary>A redirect.</summary>
    /// <param name="location">Where to; typically another host.</param>
    /// <param name="status">301, 302, 303, 307 or 308.</param>
    /// <returns>The fault.</returns>
    public static Fault Redirect(Uri location, int status = 302)
    {
        ArgumentNullException.ThrowIfNull(location);
        return Respond(status, "", "text/plain", null, ("Location", location.AbsoluteUri));
    }

    /// <summary>404 as for a result that the provider has deleted.</summary>
    /// <returns>The fault.</returns>
    public static Fault Expired() => Respond(404, """{"status":"NOT_FOUND"}""");

    /// <summary>504 of the kind that the caller's own start deadline causes.</summary>
    /// <returns>The fault.</returns>
    public static Fault UserTimeout() => Respond(
        504,
        """{"detail":"Request timed out","error_type":"request_timeout"}""",
        "application/json",
        null,
        ("X-Fal-Error-Type", "request_timeout"),
        ("X-Fal-Request-Timeout-Type", "user"));

    /// <summary>The headers come after a time.</summary>
    /// <param name="delay">The time.</param>
    /// <returns>The fault.</returns>
    public static Fault SlowHeaders(TimeSpan delay) => new() { Kind = FaultKind.SlowHeaders, Delay = delay };

    /// <summary>The service does its work, but the headers come only when <see cref="FaultBook.Release"/> is called or the client goes away.</summary>
    /// <returns>The fault.</returns>
    public static Fault HoldHeaders() => new() { Kind = FaultKind.SlowHeaders };

    /// <summary>The body comes in pieces with pauses.</summary>
    /// <param name="pause">The time before each piece; for a stream, before each event, whose pieces then come at once.</param>
    /// <param name="pieceBytes">The size of a piece.</param>
    /// <returns>The fault.</returns>
    public static Fault SlowBody(TimeSpan pause, int pieceBytes = 1) => new() { Kind = FaultKind.SlowBody, Delay = pause, Bytes = pieceBytes };

    /// <summary>The body stops after some bytes (default half; for a stream, after the given number of events) until <see cref="FaultBook.Release"/> or the client goes away.</summary>
    /// <param name="afterBytes">The bytes sent first.</param>
    /// <param name="afterEvents">The events sent first, for a stream.</param>
    /// <returns>The fault.</returns>
    public static Fault HoldBody(long? afterBytes = null, int? afterEvents = null) => new() { Kind = FaultKind.SlowBody, Bytes = afterBytes, Events = afterEvents };

    /// <summary>The connection is reset within the body.</summary>
    /// <param name="afterBytes">The bytes sent first; default half of the body.</param>
    /// <param name="afterEvents">The events sent first, for a stream (default 1).</param>
    /// <returns>The fault.</returns>
    public static Fault Truncate(long? afterBytes = null, int? afterEvents = null) => new() { Kind = FaultKind.Truncate, Bytes = afterBytes, Events = afterEvents };

    /// <summary>A stream of events ends properly, although the job is not done.</summary>
    /// <param name="afterEvents">The events sent first.</param>
    /// <returns>The fault.</returns>
    public static Fault EndStream(int afterEvents = 1) => new() { Kind = FaultKind.EndStream, Events = afterEvents };

    /// <summary>The body is cut in half in a proper HTTP answer: malformed JSON, or a broken picture.</summary>
    /// <returns>The fault.</returns>
    public static Fault MalformedBody() => new() { Kind = FaultKind.MalformedBody };

    /// <summary>The service's own status with an empty body.</summary>
    /// <returns>The fault.</returns>
    public static Fault EmptyBody() => new() { Kind = FaultKind.EmptyBody };

    /// <summary>The service's own body under another Content-Type.</summary>
    /// <param name="contentType">The type to claim.</param>
    /// <returns>The fault.</returns>
    public static Fault WrongContentType(string contentType = "text/plain") => new() { Kind = FaultKind.ContentType, Text = contentType };

    /// <summary>A body of absurd size; for a stream, a first event of it.</summary>
    /// <param name="bytes">Its size.</param>
    /// <param name="isAnnounced">Whether a Content-Length says so beforehand; no stream's does.</param>
    /// <returns>The fault.</returns>
    public static Fault HugeBody(long bytes = 1L << 30, bool isAnnounced = false) => new() { Kind = FaultKind.HugeBody, Bytes = bytes, IsAnnounced = isAnnounced };

    /// <summary>The JSON member "status" gets a value that the protocol does not know.</summary>
    /// <param name="status">The value.</param>
    /// <returns>The fault.</returns>
    public static Fault UnknownStatus(string status = "PONDERING") => new() { Kind = FaultKind.StatusText, Text = status };

    /// <summary>The service answers and the server then refuses every connection, for a time or until <see cref="EmulatorServer.GoOnlineAsync()"/>.</summary>
    /// <param name="duration">The time; null means until told.</param>
    /// <returns>The fault.</returns>
    public static Fault ThenOffline(TimeSpan? duration = null) => new() { Kind = FaultKind.GoOffline, Delay = duration };

    /// <summary>The same fault, but after the service has done its work: a job is made although the client learns nothing of it.</summary>
    /// <returns>A changed copy.</returns>
    public Fault AfterAccept() => this with { AfterHandling = true };

    /// <summary>The same fault with one more header in its answer.</summary>
    /// <param name="name">The header's name.</param>
    /// <param name="value">Its value.</param>
    /// <returns>A changed copy.</returns>
    /// <exception cref="InvalidOperationException">The fault has no answer of its own.</exception>
    public Fault WithHeader(string name, string value) =>
        this with { Answer = Answer?.With(name, value) ?? throw new InvalidOperationException($"{Kind} has no answer of its own.") };

    /// <inheritdoc/>
    public override string ToString()
    {
        StringBuilder text = new(Kind.ToString());
        if (Answer is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $" {Answer.Status}");
        }

        return text.Append(AfterHandling ? " after accept" : "").ToString();
    }

    private static Fault TooManyRequestsUntil(string? retryAfter)
    {
        Fault fault = Respond(429, """{"detail":[{"loc":["body"],"msg":"Too many concurrent requests","type":"concurrent_requests_limit"}]}""");
        return retryAfter is null ? fault : fault.WithHeader("Retry-After", retryAfter);
    }
}
