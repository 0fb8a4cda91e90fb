namespace Inpaint.Http;

/// <summary>A network stream that fails when the peer is silent for too long, instead of waiting for ever.</summary>
internal sealed class StallGuardStream(Stream inner, TimeSpan patience, TimeProvider time) : ReadOnlyStream(inner)
{
    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using CancellationTokenSource silence = new(patience, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            return await Inner.ReadAsync(buffer, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (silence.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new IOException(FormattableString.Invariant($"Nothing came for {patience.TotalSeconds:0.#} s."), e);
        }
    }
}
