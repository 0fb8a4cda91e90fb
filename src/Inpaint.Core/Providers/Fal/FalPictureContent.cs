using System.Net;
using System.Net.Http.Headers;

namespace Inpaint.Providers.Fal;

/// <summary>A stretch of a picture as a request's body, read from its source while it is sent.</summary>
internal sealed class FalPictureContent : HttpContent
{
    private readonly PictureSource source;
    private readonly long offset;
    private readonly long length;

    /// <summary>Creates the body.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="mediaType">Its media type.</param>
    /// <param name="offset">Where the stretch begins, in bytes.</param>
    /// <param name="length">How long it is, in bytes.</param>
    public FalPictureContent(PictureSource source, string mediaType, long offset, long length)
    {
        this.source = source;
        this.offset = offset;
        this.length = length;
        Headers.ContentType = new MediaTypeHeaderValue(mediaType);
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Stream picture = source.OpenRead();
        await using (picture.ConfigureAwait(false))
        {
            picture.Seek(offset, SeekOrigin.Begin);
            byte[] buffer = new byte[64 << 10];
            for (long left = length; left > 0;)
            {
                int read = await picture.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    throw new InpaintException(InpaintErrorId.ImageNotFound, $"'{source.Name}' became shorter while it was uploaded.");
                }

                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                left -= read;
            }
        }
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = this.length;
        return true;
    }
}
