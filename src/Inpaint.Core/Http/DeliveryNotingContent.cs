using System.Net;

namespace Inpaint.Http;

/// <summary>Notes the moment from which bytes may have reached the peer. Everything before it (names, connections, TLS) has failed for certain without delivering anything.</summary>
internal sealed class DeliveryTrackingContent : HttpContent
{
    private readonly HttpContent inner;
    private volatile bool begun;

    /// <summary>Wraps a body.</summary>
    /// <param name="inner">The body; disposed with this.</param>
    public DeliveryTrackingContent(HttpContent inner)
    {
        this.inner = inner;
        foreach ((string name, IEnumerable<string> values) in inner.Headers)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    /// <summary>Whether the body was begun to be written.</summary>
    public bool HasBegun => begun;

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        begun = true;
        return inner.CopyToAsync(stream, context, cancellationToken);
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        long? known = inner.Headers.ContentLength;
        length = known ?? 0;
        return known is not null;
    }

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
