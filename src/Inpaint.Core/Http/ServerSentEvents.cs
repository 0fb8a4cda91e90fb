using System.Runtime.CompilerServices;
using System.Text;

namespace Inpaint.Http;

/// <summary>One event of a stream.</summary>
/// <param name="Name">Its name; <c>message</c> when the stream gives none.</param>
/// <param name="Data">Its data; several data lines are joined by line feeds.</param>
internal sealed record ServerSentEvent(string Name, string Data);

/// <summary>
/// Takes a stream of server-sent events apart (WHATWG HTML, section 9.2), however its bytes are cut into pieces. An event that the stream's end cuts off is
/// dropped, as the standard wants it.
/// </summary>
/// <param name="maximumEventBytes">The most that one event may hold, unfinished line included.</param>
internal sealed class ServerSentEventParser(int maximumEventBytes)
{
    private readonly List<byte> line = [];
    private readonly StringBuilder data = new();
    private string name = "";
    private bool hasData;
    private bool isAfterReturn;
    private bool isFirstLine = true;
    private int eventBytes;

    /// <summary>Takes the next piece.</summary>
    /// <param name="piece">Its bytes.</param>
    /// <param name="events">Receives the events that the piece completes.</param>
    /// <exception cref="InvalidDataException">An event is larger than the limit.</exception>
    public void Feed(ReadOnlySpan<byte> piece, ICollection<ServerSentEvent> events)
    {
        foreach (byte b in piece)
        {
            bool isFeedOfReturn = isAfterReturn && b == (byte)'\n';
            isAfterReturn = b == (byte)'\r';
            if (isFeedOfReturn)
            {
                continue;
            }

            if (b is (byte)'\r' or (byte)'\n')
            {
                EndLine(events);
                continue;
            }

            if (++eventBytes > maximumEventBytes)
            {
                throw new InvalidDataException($"An event of the stream is larger than {maximumEventBytes} bytes.");
            }

            line.Add(b);
        }
    }

    private void EndLine(ICollection<ServerSentEvent> events)
    {
        string text = Encoding.UTF8.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(line));
        line.Clear();
        if (isFirstLine)
        {
            text = text.TrimStart('\uFEFF');
            isFirstLine = false;
        }

        if (text.Length == 0)
        {
            EndEvent(events);
            return;
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon == 0)
        {
            // A comment keeps the connection alive and says nothing; many of them must not add up to a large event.
            eventBytes -= Math.Min(eventBytes, Encoding.UTF8.GetByteCount(text));
            return;
        }

        string field = colon < 0 ? text : text[..colon];
        string value = colon < 0 ? "" : text[(colon + 1)..];
        value = value.StartsWith(' ') ? value[1..] : value;
        switch (field)
        {
            case "data":
                data.Append(hasData ? "\n" : "").Append(value);
                hasData = true;
                break;
            case "event":
                name = value;
                break;
        }
    }

    private void EndEvent(ICollection<ServerSentEvent> events)
    {
        if (hasData)
        {
            events.Add(new ServerSentEvent(name.Length == 0 ? "message" : name, data.ToString()));
        }

        data.Clear();
        name = "";
        hasData = false;
        eventBytes = 0;
    }
}

/// <summary>Reads server-sent events from a network stream as they come.</summary>
internal static class ServerSentEventReader
{
    /// <summary>The most that one event may hold when nothing else is said.</summary>
    public const int LargestEvent = 4 << 20;

    /// <summary>Reads until the stream ends.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="maximumEventBytes">The most that one event may hold.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The events.</returns>
    /// <exception cref="InvalidDataException">An event is larger than the limit.</exception>
    public static async IAsyncEnumerable<ServerSentEvent> ReadAsync(Stream stream, int maximumEventBytes = LargestEvent, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ServerSentEventParser parser = new(maximumEventBytes);
        List<ServerSentEvent> events = [];
        byte[] buffer = new byte[8 << 10];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            parser.Feed(buffer.AsSpan(0, read), events);
            foreach (ServerSentEvent completed in events)
            {
                yield return completed;
            }

            events.Clear();
        }
    }
}
