using System.Net.ServerSentEvents;

namespace Inpaint.Http;

/// <summary>Reads the data of server-sent events as bytes: an event may hold a picture, which should not be copied into a string.</summary>
internal static class ServerSentEvents
{
    /// <summary>The default limit of one event's size, in bytes.</summary>
    public const int MaxEventBytes = 4 << 20;

    /// <summary>Reads the data of each event from a network stream as it arrives. As the standard demands, an event that is cut off by the end of the stream is dropped.</summary>
    /// <exception cref="InvalidDataException">An event is larger than the limit.</exception>
    public static IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(Stream stream, int maximumEventBytes = MaxEventBytes, CancellationToken cancellationToken = default) =>
        Parse(new EventLimitStream(stream, maximumEventBytes)).EnumerateAsync(cancellationToken).Select(item => item.Data);

    /// <summary>Reads the data of each event from a complete text.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> utf8) =>
        Parse(new ReadOnlyMemoryContent(utf8).ReadAsStream()).Enumerate().Select(item => item.Data);

    private static SseParser<ReadOnlyMemory<byte>> Parse(Stream stream) => SseParser.Create<ReadOnlyMemory<byte>>(stream, static (_, data) => data.ToArray());
}

/// <summary>Fails when one server-sent event exceeds a size limit; the parser would go on buffering it until memory runs out.</summary>
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
        // An empty line ends the event. A comment is a keep-alive and is not buffered, so that many of them must not add up to a large event.
        eventBytes = lineBytes == 0 ? 0 : isComment ? eventBytes : eventBytes + lineBytes;
        lineBytes = 0;
    }
}

/// <summary>A wrapper of a network stream that is read asynchronously and forward only. It owns the inner stream.</summary>
internal abstract class ReadOnlyStream(Stream inner) : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The wrapped stream.</summary>
    protected Stream Inner => inner;

    /// <inheritdoc/>
    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>Fails when no data arrives for too long, instead of waiting for ever.</summary>
internal sealed class StallGuardStream(Stream inner, TimeSpan idleTimeout, TimeProvider time) : ReadOnlyStream(inner)
{
    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using CancellationTokenSource idle = new(idleTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, idle.Token);
        try
        {
            return await Inner.ReadAsync(buffer, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (idle.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new IOException(FormattableString.Invariant($"No data arrived for {idleTimeout.TotalSeconds:0.#} s."), e);
        }
    }
}
