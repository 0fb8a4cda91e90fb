namespace Inpaint.Imaging.Png;

/// <summary>The contents of consecutive IDAT chunks as one stream. At its end the chunk reader stands on the chunk that follows.</summary>
internal sealed class PngDataStream(PngChunkReader chunks) : Stream
{
    // RFC 1950: this bit of the stream's second byte says that a dictionary comes first. PNG forbids it, and the framework's inflater fails on it in its own way.
    private const byte DictionaryFlag = 0x20;

    private bool ended;
    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
        {
            return 0;
        }

        while (!ended)
        {
            int count = chunks.Read(buffer);
            if (count > 0)
            {
                CheckHead(buffer[..count]);
                return count;
            }

            Advance();
        }

        return 0;
    }

    /// <summary>Passes over compressed bytes that the samples did not need, checking their checksums.</summary>
    public void Drain()
    {
        Span<byte> scratch = stackalloc byte[1024];
        while (Read(scratch) > 0)
        {
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Whether a zlib stream asks for a dictionary.</summary>
    public static bool NeedsDictionary(ReadOnlySpan<byte> zlib) => zlib.Length > 1 && (zlib[1] & DictionaryFlag) != 0;

    private void CheckHead(ReadOnlySpan<byte> bytes)
    {
        if (position < 2 && position + bytes.Length >= 2 && (bytes[(int)(1 - position)] & DictionaryFlag) != 0)
        {
            throw chunks.Source.Broken("its compressed samples ask for a dictionary, which PNG forbids");
        }

        position += bytes.Length;
    }

    private void Advance()
    {
        chunks.End();
        chunks.Next();
        ended = !chunks.IsIdat;
    }
}
