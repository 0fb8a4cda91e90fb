using System.Buffers;

namespace Inpaint.Http;

/// <summary>
/// Reads the data of server-sent events as bytes, because an event may hold a picture. Bytes are parsed as they arrive, without an asynchronous enumeration, whose layers
/// would be compiled anew for this one use.
/// </summary>
internal sealed class ServerSentEvents
{
    /// <summary>The default limit of one event's size, in bytes.</summary>
    public const int MaxEventBytes = 4 << 20;

    private readonly int maximumEventBytes;
    private readonly Func<ReadOnlyMemory<byte>, bool> onEvent;
    private readonly ArrayBufferWriter<byte> line = new();
    private readonly ArrayBufferWriter<byte> data = new();
    private bool hasData;
    private bool isFirstLine = true;
    private bool isAfterReturn;
    private bool isComment;
    private int eventBytes;
    private int lineBytes;

    private ServerSentEvents(int maximumEventBytes, Func<ReadOnlyMemory<byte>, bool> onEvent)
    {
        this.maximumEventBytes = maximumEventBytes;
        this.onEvent = onEvent;
    }

    /// <summary>Reads events from a network stream as they arrive. As the standard demands, an event that is cut off by the end of the stream is dropped.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="maximumEventBytes">The limit of one event's size, in bytes.</param>
    /// <param name="onEvent">Receives the data of each event, and returns whether to read on.</param>
    /// <exception cref="InvalidDataException">An event is larger than the limit.</exception>
    public static async Task ReadAsync(Stream stream, int maximumEventBytes, Func<ReadOnlyMemory<byte>, bool> onEvent, CancellationToken cancellationToken)
    {
        ServerSentEvents events = new(maximumEventBytes, onEvent);
        byte[] buffer = new byte[4096];
        int read;
        do
        {
            read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        while (read > 0 && events.Parse(buffer.AsSpan(0, read)));
    }

    /// <summary>Reads events from a complete text.</summary>
    public static void Read(ReadOnlySpan<byte> utf8, Action<ReadOnlyMemory<byte>> onEvent) => new ServerSentEvents(int.MaxValue, data =>
    {
        onEvent(data);
        return true;
    }).Parse(utf8);

    private bool Parse(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (isAfterReturn)
            {
                isAfterReturn = false;
                if (bytes[0] == (byte)'\n')
                {
                    bytes = bytes[1..];
                    continue;
                }
            }

            int end = bytes.IndexOfAny((byte)'\r', (byte)'\n');
            Add(end < 0 ? bytes : bytes[..end]);
            if (end < 0)
            {
                return true;
            }

            isAfterReturn = bytes[end] == (byte)'\r';
            bytes = bytes[(end + 1)..];
            if (!EndLine())
            {
                return false;
            }
        }

        return true;
    }

    private void Add(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > maximumEventBytes - eventBytes - lineBytes)
        {
            throw new InvalidDataException($"An event of the stream is larger than {maximumEventBytes} bytes.");
        }

        // A comment is a keep-alive: however many there are, they do not add up to a large event.
        isComment = lineBytes == 0 ? bytes.StartsWith((byte)':') : isComment;
        lineBytes += bytes.Length;
        if (!isComment)
        {
            line.Write(bytes);
        }
    }

    private bool EndLine()
    {
        bool goesOn = true;
        ReadOnlySpan<byte> text = line.WrittenSpan;
        if (isFirstLine && text.StartsWith("\uFEFF"u8))
        {
            text = text[3..];
        }

        if (lineBytes == 0)
        {
            goesOn = !hasData || onEvent(data.WrittenMemory.ToArray());
            hasData = false;
            data.ResetWrittenCount();
            eventBytes = 0;
        }
        else if (!isComment)
        {
            int colon = text.IndexOf((byte)':');
            if ((colon < 0 ? text : text[..colon]).SequenceEqual("data"u8))
            {
                AddData(colon < 0 ? [] : text[(colon + 1)..]);
            }

            eventBytes += lineBytes;
        }

        line.ResetWrittenCount();
        lineBytes = 0;
        isFirstLine = false;
        return goesOn;
    }

    private void AddData(ReadOnlySpan<byte> value)
    {
        if (hasData)
        {
            data.Write("\n"u8);
        }

        data.Write(value.StartsWith((byte)' ') ? value[1..] : value);
        hasData = true;
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
