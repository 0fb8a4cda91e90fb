namespace Inpaint.Http;

/// <summary>A stream of server-sent events that fails when one event becomes too large: a parser would go on collecting it until memory ends.</summary>
/// <param name="inner">The stream.</param>
/// <param name="maximumEventBytes">The most that one event may hold, unfinished line included.</param>
internal sealed class EventLimitStream(Stream inner, int maximumEventBytes) : ReadOnlyStream(inner)
{
    private int eventBytes;
    private int lineBytes;
    private bool isComment;
    private bool isAfterReturn;

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await Inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        Count(buffer.Span[..read]);
        return read;
    }

    private void Count(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int end = bytes.IndexOfAny((byte)'\r', (byte)'\n');
            int length = end < 0 ? bytes.Length : end;
            if (length > maximumEventBytes - eventBytes - lineBytes)
            {
                throw new InvalidDataException($"An event of the stream is larger than {maximumEventBytes} bytes.");
            }

            isComment = lineBytes == 0 ? bytes[0] == (byte)':' : isComment;
            lineBytes += length;
            bool isRestOfLineEnd = isAfterReturn && bytes[0] == (byte)'\n';
            isAfterReturn = end >= 0 && bytes[end] == (byte)'\r';
            if (end < 0)
            {
                return;
            }

            if (!isRestOfLineEnd)
            {
                EndLine();
            }

            bytes = bytes[(end + 1)..];
        }
    }

    private void EndLine()
    {
        // An empty line ends the event. A comment keeps the connection alive and is not collected; many of them must not add up to a large event.
        eventBytes = lineBytes == 0 ? 0 : isComment ? eventBytes : eventBytes + lineBytes;
        lineBytes = 0;
    }
}
