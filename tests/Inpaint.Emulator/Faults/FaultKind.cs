namespace Inpaint.Emulator.Faults;

/// <summary>What goes wrong.</summary>
public enum FaultKind
{
    /// <summary>Nothing: the request is served; a placeholder in a sequence.</summary>
    Pass,

    /// <summary>The TCP connection is reset without a response.</summary>
    Reset,

    /// <summary>The TCP connection is closed in order, without a response: what a client sees of a server that restarts, or of an idle connection that has timed out.</summary>
    Close,

    /// <summary>Another answer takes the place of the service's own.</summary>
    Respond,

    /// <summary>The answer's headers come late: after a time, or when they are released.</summary>
    SlowHeaders,

    /// <summary>The headers come at once and the body in small pieces with pauses, or stops half way until it is released.</summary>
    SlowBody,

    /// <summary>The connection is reset within the body: fewer bytes than Content-Length announced, or a number of events of a stream.</summary>
    Truncate,

    /// <summary>A stream ends properly after a number of events, although the job is not done.</summary>
    EndStream,

    /// <summary>The body is cut in half, with a Content-Length that fits: proper HTTP, broken content.</summary>
    MalformedBody,

    /// <summary>The body is empty, with the service's own status.</summary>
    EmptyBody,

    /// <summary>The answer carries another Content-Type.</summary>
    ContentType,

    /// <summary>A body that is far larger than any honest one: the service's own within endless white space (or zeros, for pictures).</summary>
    HugeBody,

    /// <summary>The member "status" of the service's own JSON answer has another value.</summary>
    StatusText,

    /// <summary>The service answers, then the server stops listening and drops all connections: what comes next is refused.</summary>
    GoOffline,
}
