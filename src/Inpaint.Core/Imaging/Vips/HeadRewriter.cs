namespace Inpaint.Imaging.Vips;

/// <summary>
/// Passes a file on as it is written, with another beginning: the library writes metadata in ways of its own (it rebuilds EXIF, and has no place for IPTC in PNG), so
/// that PNG and JPEG get theirs here. What fails in the stream underneath is kept, because the library tells only that something did.
/// </summary>
/// <param name="inner">Where the file goes.</param>
/// <param name="split">How many bytes at the beginning are the head; null as long as it is not whole.</param>
/// <param name="writeHead">Writes the new head in place of the old one.</param>
internal sealed class HeadRewriter(Stream inner, Func<ReadOnlySpan<byte>, int?> split, Action<Stream, ReadOnlySpan<byte>> writeHead) : Stream
{
    private MemoryStream? head = new();

    /// <summary>What went wrong in the stream underneath; null for nothing.</summary>
    public Exception? Failure { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            if (head is null)
            {
                inner.Write(buffer);
                return;
            }

            head.Write(buffer);
            ReadOnlySpan<byte> whole = head.GetBuffer().AsSpan(0, (int)head.Length);
            if (split(whole) is int length)
            {
                head = null;
                writeHead(inner, whole[..length]);
                inner.Write(whole[length..]);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Failure = e;
            throw;
        }
    }

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
