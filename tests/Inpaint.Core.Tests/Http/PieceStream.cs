namespace Inpaint.Tests.Http;

/// <summary>Gives its bytes a few at a time, as a network does.</summary>
internal sealed class PieceStream(byte[] bytes, int largestPiece) : MemoryStream(bytes)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer[..Math.Min(buffer.Length, largestPiece)], cancellationToken);
}
