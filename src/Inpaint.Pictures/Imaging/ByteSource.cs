using System.Buffers.Binary;

namespace Inpaint.Imaging;

/// <summary>A forward reader over a picture's stream that knows its byte offset and never trusts a length that the file claims.</summary>
internal sealed class ByteSource
{
    private readonly Stream stream;
    private readonly byte[] buffer;
    private readonly long? length;
    private int next;
    private int filled;
    private long bufferOffset;

    /// <summary>Starts at the stream's current position, which becomes offset 0.</summary>
    public ByteSource(Stream stream, string name, int bufferSize = 4 * 1024)
    {
        this.stream = stream;
        Name = name;
        buffer = new byte[bufferSize];
        length = stream.CanSeek ? stream.Length - stream.Position : null;
    }

    /// <summary>The picture's name, for messages.</summary>
    public string Name { get; }

    /// <summary>Bytes read so far.</summary>
    public long Offset => bufferOffset + next;

    /// <summary>Bytes left; null when the stream has no known length.</summary>
    public long? Remaining => length - Offset;

    /// <summary>The failure for a damaged picture.</summary>
    public InpaintException Broken(string reason, Exception? cause = null) => Broken(reason, Offset, cause);

    /// <summary>The failure for a picture that is damaged at an offset.</summary>
    public InpaintException Broken(string reason, long offset, Exception? cause = null) =>
        new(InpaintErrorId.ImageUnsupported, $"{Name} cannot be read: {reason} (at byte {offset}).", cause)
        {
            Subject = Name,
            RecommendedAction = Pictures.BrokenAdvice,
        };

    /// <summary>The next byte.</summary>
    /// <exception cref="InpaintException">ImageUnsupported: the file ends here.</exception>
    public byte ReadByte() => next < filled || Fill() ? buffer[next++] : throw Ended();

    /// <summary>A 16-bit number, high byte first.</summary>
    public int ReadUInt16()
    {
        int high = ReadByte();
        return (high << 8) | ReadByte();
    }

    /// <summary>A 32-bit number, high byte first.</summary>
    public uint ReadUInt32()
    {
        Span<byte> bytes = stackalloc byte[4];
        ReadExactly(bytes);
        return BinaryPrimitives.ReadUInt32BigEndian(bytes);
    }

    /// <summary>The buffered bytes, read from the stream only when there are none; empty only at the end.</summary>
    public ReadOnlySpan<byte> Window => next < filled || Fill() ? buffer.AsSpan(next, filled - next) : [];

    /// <summary>Skips bytes of the <see cref="Window"/>.</summary>
    public void Advance(int count) => next += count;

    /// <summary>Reads up to as many bytes as fit; 0 only at the end.</summary>
    public int Read(Span<byte> target)
    {
        if (next == filled && !Fill())
        {
            return 0;
        }

        int count = Math.Min(target.Length, filled - next);
        buffer.AsSpan(next, count).CopyTo(target);
        next += count;
        return count;
    }

    /// <summary>Fills the whole span.</summary>
    /// <exception cref="InpaintException">ImageUnsupported: the file ends before.</exception>
    public void ReadExactly(Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            int count = Read(target);
            if (count == 0)
            {
                throw Ended();
            }

            target = target[count..];
        }
    }

    /// <summary>Reads a block of a length that the file claims. Memory is allocated for what is really there, not for the claim.</summary>
    public byte[] ReadBlock(int count)
    {
        if (Remaining is { } remaining && count > remaining)
        {
            throw Ended();
        }

        byte[] block = new byte[length is null ? Math.Min(count, 64 * 1024) : count];
        int done = 0;
        while (true)
        {
            ReadExactly(block.AsSpan(done));
            done = block.Length;
            if (done == count)
            {
                return block;
            }

            Array.Resize(ref block, (int)Math.Min(count, 2L * done));
        }
    }

    /// <summary>Skips bytes.</summary>
    public void Skip(long count)
    {
        if (Remaining is { } remaining && count > remaining)
        {
            throw Ended();
        }

        if (length is not null && count > filled - next)
        {
            long beyond = count - (filled - next);
            stream.Seek(beyond, SeekOrigin.Current);
            bufferOffset += filled + beyond;
            next = filled = 0;
            return;
        }

        while (count > 0)
        {
            if (next == filled && !Fill())
            {
                throw Ended();
            }

            int step = (int)Math.Min(count, filled - next);
            next += step;
            count -= step;
        }
    }

    private InpaintException Ended() => Broken("the file is truncated");

    private bool Fill()
    {
        bufferOffset += filled;
        next = 0;
        filled = 0;
        filled = stream.Read(buffer, 0, buffer.Length);
        return filled > 0;
    }
}
