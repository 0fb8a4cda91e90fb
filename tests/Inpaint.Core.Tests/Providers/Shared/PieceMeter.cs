namespace Inpaint.Tests.Providers.Shared;

/// <summary>Stands for the network, and notes the largest piece that was written at once.</summary>
internal sealed class PieceMeter : MemoryStream
{
    public int LargestPiece { get; private set; }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        LargestPiece = Math.Max(LargestPiece, buffer.Length);
        return base.WriteAsync(buffer, cancellationToken);
    }
}
