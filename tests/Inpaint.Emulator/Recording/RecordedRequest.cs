using System.Text;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator.Recording;

/// <summary>A request as it arrived, with what became of it.</summary>
public sealed class RecordedRequest
{
    /// <summary>Counts all requests of the server from 1.</summary>
    public required int Number { get; init; }

    /// <summary>Counts the requests of the same service and operation from 1.</summary>
    public required int Ordinal { get; init; }

    /// <summary>The service that owns the path.</summary>
    public required WireService Service { get; init; }

    /// <summary>What was asked.</summary>
    public required WireOperation Operation { get; init; }

    /// <summary>The job that the path names, if any.</summary>
    public string? JobId { get; init; }

    /// <summary>The HTTP method in capitals.</summary>
    public required string Method { get; init; }

    /// <summary>The path as sent, with the prefix.</summary>
    public required string Path { get; init; }

    /// <summary>The query with its question mark, or nothing.</summary>
    public required string Query { get; init; }

    /// <summary>The headers; names compare without case.</summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The TCP connection it came over: requests with the same id shared one.</summary>
    public required string ConnectionId { get; init; }

    /// <summary>The body; empty when a fault ended the connection before it was read.</summary>
    public ReadOnlyMemory<byte> Body { get; internal set; }

    /// <summary>The body read as UTF-8.</summary>
    public string BodyText => Encoding.UTF8.GetString(Body.Span);

    /// <summary>The body as a JSON object; null when it is not one.</summary>
    public JsonObject? BodyJson => WireJson.ParseObject(Body.Span);

    /// <summary>The fault that struck, in words; null when none did.</summary>
    public string? Fault { get; internal set; }

    /// <summary>The status of the answer; null while there is none or when the connection was aborted instead.</summary>
    public int? Status { get; internal set; }

    /// <summary>The client went away before the answer was complete.</summary>
    public bool AbortedByClient { get; internal set; }

    /// <summary>Says whether a text, such as a key, travelled with the request: in its URL, a header or the body.</summary>
    /// <param name="text">The text, exactly.</param>
    /// <returns>True when it did.</returns>
    public bool Carries(string text) =>
        $"{Path}{Query}".Contains(text, StringComparison.Ordinal)
        || Headers.Values.Any(value => value.Contains(text, StringComparison.Ordinal))
        || Body.Span.IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    /// <inheritdoc/>
    public override string ToString() => $"#{Number} {Method} {Path}{Query} ({Service} {Operation}) -> {Status?.ToString() ?? "none"}{(Fault is null ? "" : $" [{Fault}]")}";
}
