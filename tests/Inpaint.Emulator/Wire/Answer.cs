using System.Text;
using System.Text.Json.Nodes;

namespace Inpaint.Emulator.Wire;

/// <summary>Writes the events of a streamed answer; one call of the sink is one event.</summary>
/// <param name="write">Sends one piece and flushes it.</param>
/// <param name="cancellationToken">Ends when the client goes away.</param>
/// <returns>A task that ends with the stream.</returns>
public delegate Task AnswerStream(Func<ReadOnlyMemory<byte>, Task> write, CancellationToken cancellationToken);

/// <summary>An HTTP answer as data, so that a fault can change it before it is sent.</summary>
public sealed record Answer
{
    /// <summary>The HTTP status code.</summary>
    public int Status { get; init; } = 200;

    /// <summary>The reason phrase; null takes the standard one.</summary>
    public string? Reason { get; init; }

    /// <summary>The Content-Type; null sends none.</summary>
    public string? ContentType { get; init; }

    /// <summary>The other headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The body, unless <see cref="Stream"/> is set.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The body as it comes into being, for server-sent events.</summary>
    public AnswerStream? Stream { get; init; }

    /// <summary>Makes a JSON answer.</summary>
    /// <param name="status">The HTTP status code.</param>
    /// <param name="body">The document.</param>
    /// <returns>The answer.</returns>
    public static Answer Json(int status, JsonNode? body) => Text(status, body?.ToJsonString(WireJson.Plain) ?? "null", "application/json");

    /// <summary>Makes a text answer.</summary>
    /// <param name="status">The HTTP status code.</param>
    /// <param name="body">The text, sent as UTF-8.</param>
    /// <param name="contentType">The Content-Type.</param>
    /// <returns>The answer.</returns>
    public static Answer Text(int status, string body, string contentType) =>
        new() { Status = status, ContentType = contentType, Body = Encoding.UTF8.GetBytes(body) };

    /// <summary>Makes a binary answer.</summary>
    /// <param name="body">The bytes.</param>
    /// <param name="contentType">The Content-Type.</param>
    /// <returns>The answer.</returns>
    public static Answer Bytes(ReadOnlyMemory<byte> body, string contentType) => new() { ContentType = contentType, Body = body };

    /// <summary>Makes an answer of server-sent events.</summary>
    /// <param name="stream">Writes the events.</param>
    /// <returns>The answer.</returns>
    public static Answer Events(AnswerStream stream) => new() { ContentType = "text/event-stream; charset=utf-8", Stream = stream };

    /// <summary>Adds or replaces a header.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    /// <returns>A changed copy.</returns>
    public Answer With(string name, string value) =>
        this with { Headers = new Dictionary<string, string>(Headers, StringComparer.OrdinalIgnoreCase) { [name] = value } };
}
