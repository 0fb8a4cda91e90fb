using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Recording;

namespace Inpaint.Tests.Faults;

/// <summary>A row of the matrix: one thing that goes wrong on the wire.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Make">Makes it for a request; null for connections that are refused, which no request reaches.</param>
/// <param name="Wait">How many seconds it asks to wait, in a form that the operation at hand knows; null for none.</param>
internal sealed record WireFault(string Name, Func<RecordedRequest, FaultScene, Fault>? Make, Func<FaultScene, double>? Wait = null)
{
    /// <summary>All rows. What may strike after the service has done its work does so, since that is the worse case for a paid call.</summary>
    public static IReadOnlyList<WireFault> All { get; } =
    [
        new("connection refused", Make: null),
        new("reset before read", (_, _) => Fault.ResetBeforeRead()),
        new("reset after accept", (_, _) => Fault.ResetAfterAccept()),
        new("closed after accept", (_, _) => Fault.CloseAfterAccept()),
        new("429", (_, _) => Busy()),
        new("429, Retry-After in seconds (7 s)", (_, _) => Busy().WithHeader("Retry-After", "7"), _ => 7),
        new("429, Retry-After as a date (9 s)", (_, scene) => Busy().WithHeader("Retry-After", scene.Time.GetUtcNow().AddSeconds(9).ToString("R")), _ => 9),
        new("429, retry_after in the body (40 s)", (_, _) => Fault.Respond(429, """{"status":"error","message":"Rate limit exceeded. Maximum 5 queued requests allowed.","retry_after":40}"""), scene => scene.IsModelsLab && !scene.IsDownload ? 40 : 0),
        new("429, Retry-After of three hours", (_, _) => Busy().WithHeader("Retry-After", "10800")),
        new("500", (_, _) => Fault.Respond(500, "Internal Server Error", "text/plain").AfterAccept()),
        new("502, HTML page", (_, _) => Fault.Html(502).AfterAccept()),
        new("503", (_, _) => Fault.Respond(503, "busy", "text/plain")),
        new("504, user's start timeout", (_, _) => Fault.UserTimeout()),
        new("504, HTML page", (_, _) => Fault.Html(504).AfterAccept()),
        new("headers never come", (_, _) => Fault.HoldHeaders()),
        new("body stops half way", (_, scene) => scene.IsStream ? Fault.HoldBody(afterEvents: 1) : Fault.HoldBody()),
        new("body in small pieces", (_, _) => Fault.SlowBody(TimeSpan.Zero, 50)),
        new("truncated body", (_, _) => Fault.Truncate()),
        new("malformed JSON", (_, scene) => scene.IsStream ? Fault.Respond(200, scene.MalformedEvents, "text/event-stream").AfterAccept() : Fault.MalformedBody()),
        new("empty body", (_, _) => Fault.EmptyBody()),
        new("200, HTML page", (_, _) => Fault.Html(200).AfterAccept()),
        new("wrong content type", (_, _) => Fault.WrongContentType("application/octet-stream")),
        new("huge body", (_, scene) => Fault.HugeBody(scene.HugeBody, isAnnounced: scene.IsEveryTime)),
        new("302 to another host", (request, scene) => Fault.Redirect(scene.Elsewhere(request)).AfterAccept()),
        new("307 to another host", (request, scene) => Fault.Redirect(scene.Elsewhere(request), 307)),
        new("expired (404)", (_, scene) => scene.IsModelsLab ? Fault.Respond(404, """{"status":"error","message":"Invalid request id"}""") : Fault.Expired()),
    ];

    private static Fault Busy() => Fault.Respond(429, "Too Many Requests", "text/plain");
}
