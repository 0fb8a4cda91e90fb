using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Inpaint.Http;

/// <summary>One event of a stream.</summary>
/// <param name="Name">Its name; <c>message</c> when the stream gives none.</param>
/// <param name="Utf8">Its data as the stream has it: an event may hold a picture, of which no second copy as text is wanted. Several data lines are joined by line feeds.</param>
internal sealed record ServerSentEvent(string Name, ReadOnlyMemory<byte> Utf8)
{
    /// <summary>Its data as text.</summary>
    public string Data => Encoding.UTF8.GetString(Utf8.Span);
}

/// <summary>
/// Takes a stream of server-sent events apart (WHATWG HTML, section 9.2), however its bytes are cut into pieces. An event that the stream's end cuts off is
/// dropped, as the standard wants it.
/// </summary>
/// <param name="maximumEventBytes">The most that one event may hold, unfinished line included.</param>
internal sealed class ServerSentEventParser(int maximumEventBytes)
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private readonly ArrayBufferWriter<byte> line = new();
    private ArrayBufferWriter<byte> data = new();
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
        while (!piece.IsEmpty)
        {
            bool isFeedOfReturn = isAfterReturn && piece[0] == (byte)'\n';
            isAfterReturn = false;
            if (isFeedOfReturn)
            {
                piece = piece[1..];
                continue;
            }

            int end = piece.IndexOfAny((byte)'\r', (byte)'\n');
            ReadOnlySpan<byte> part = end < 0 ? piece : piece[..end];
            if (part.Length > maximumEventBytes - eventBytes)
            {
                throw new InvalidDataException($"An event of the stream is larger than {maximumEventBytes} bytes.");
            }

            eventBytes += part.Length;
            line.Write(part);
            if (end < 0)
            {
                return;
            }

            isAfterReturn = piece[end] == (byte)'\r';
            piece = piece[(end + 1)..];
            EndLine(events);
        }
    }

    private void EndLine(ICollection<ServerSentEvent> events)
    {
        ReadOnlySpan<byte> text = line.WrittenSpan;
        if (isFirstLine && text.StartsWith(ByteOrderMark))
        {
            text = text[ByteOrderMark.Length..];
        }

        isFirstLine = false;
        if (text.IsEmpty)
        {
            EndEvent(events);
        }
        else
        {
            TakeField(text);
        }

        line.ResetWrittenCount();
    }

    private void TakeField(ReadOnlySpan<byte> text)
    {
        int colon = text.IndexOf((byte)':');
        if (colon == 0)
        {
            // A comment keeps the connection alive and says nothing; many of them must not add up to a large event.
            eventBytes -= Math.Min(eventBytes, text.Length);
            return;
        }

        ReadOnlySpan<byte> field = colon < 0 ? text : text[..colon];
        ReadOnlySpan<byte> value = colon < 0 ? [] : text[(colon + 1)..];
        value = value is [(byte)' ', .. ReadOnlySpan<byte> rest] ? rest : value;
        if (field.SequenceEqual("data"u8))
        {
            data.Write(hasData ? "\n"u8 : []);
            data.Write(value);
            hasData = true;
        }
        else if (field.SequenceEqual("event"u8))
        {
            name = Encoding.UTF8.GetString(value);
        }
    }

    private void EndEvent(ICollection<ServerSentEvent> events)
    {
        if (hasData)
        {
            // The event takes the buffer with it.
            events.Add(new ServerSentEvent(name.Length == 0 ? "message" : name, data.WrittenMemory));
            data = new ArrayBufferWriter<byte>();
        }

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
