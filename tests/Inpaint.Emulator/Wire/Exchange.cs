using System.Text.Json.Nodes;
using Inpaint.Emulator.Recording;

namespace Inpaint.Emulator.Wire;

/// <summary>One request as a service's handler sees it.</summary>
internal sealed class Exchange(HttpContext http, EmulatorState state, RecordedRequest request, string prefix)
{
    public HttpContext Http { get; } = http;

    public EmulatorState State { get; } = state;

    public RecordedRequest Request { get; } = request;

    /// <summary>Scheme and host as the client wrote them, so that returned URLs lead back the same way.</summary>
    public string Origin { get; } = $"{http.Request.Scheme}://{http.Request.Host}";

    /// <summary>The base of the service that was asked, with its prefix.</summary>
    public string ServiceBase => Origin + prefix;

    /// <summary>Where uploaded and produced files live.</summary>
    public string CdnBase => State.CdnBase ?? Origin + CdnPrefix;

    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>The body as a JSON object; null when it is not one.</summary>
    public JsonObject? Input => WireJson.ParseObject(Request.Body.Span);

    public const string CdnPrefix = "/cdn";
}
