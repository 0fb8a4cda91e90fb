using System.Buffers.Text;
using Inpaint.Imaging;

namespace Inpaint.Providers.Shared;

/// <summary>What stands for a job's pictures in a request.</summary>
/// <param name="Image">The picture's URL or token; null for none.</param>
/// <param name="Mask">The mask's.</param>
/// <param name="Inline">The pictures whose tokens are replaced with their content when the request is sent.</param>
internal sealed record PictureReferences(string? Image, string? Mask, IReadOnlyList<InlinePicture> Inline)
{
    /// <summary>Puts local pictures into the request; remote ones go by their URLs.</summary>
    /// <exception cref="InpaintException">ImageNotFound, ImageUnsupported.</exception>
    public static async Task<PictureReferences> InlineAsync(PictureSource? image, PictureSource? mask, CancellationToken cancellationToken)
    {
        List<InlinePicture> inline = [];
        return new PictureReferences(await ReferAsync(image).ConfigureAwait(false), await ReferAsync(mask).ConfigureAwait(false), inline);

        async Task<string?> ReferAsync(PictureSource? source)
        {
            if (source is null || source.IsRemote)
            {
                return source?.Url;
            }

            InlinePicture picture = await InlinePicture.CreateAsync(source, cancellationToken).ConfigureAwait(false);
            inline.Add(picture);
            return picture.Token;
        }
    }
}

/// <summary>
/// A local picture that goes into a request as a data URI. The request holds a token in its place; the picture is read from its source and encoded while the
/// request is sent, so that it is never held as text.
/// </summary>
internal sealed class InlinePicture
{
    // A multiple of 3, so that each chunk but the last encodes without padding.
    private const int ChunkLength = 48 << 10;

    private readonly PictureSource source;
    private readonly byte[] prefix;
    private readonly long length;

    private InlinePicture(PictureSource source, string mediaType, long length)
    {
        this.source = source;
        this.length = length;
        prefix = System.Text.Encoding.ASCII.GetBytes($"data:{mediaType};base64,");
    }

    /// <summary>What stands for the picture until the request is sent. Random, so that no prompt can hold it.</summary>
    public string Token { get; } = $"inline-picture-{Guid.NewGuid():N}";

    /// <summary>The length of the data URI, in bytes.</summary>
    public long EncodedLength => prefix.Length + 4 * ((length + 2) / 3);

    /// <summary>Looks at a local picture.</summary>
    /// <exception cref="InpaintException">ImageNotFound, or ImageUnsupported: not a picture.</exception>
    public static async Task<InlinePicture> CreateAsync(PictureSource source, CancellationToken cancellationToken)
    {
        Stream stream = source.OpenRead();
        await using (stream.ConfigureAwait(false))
        {
            return new InlinePicture(source, await MediaTypeAsync(stream, source.Name, cancellationToken).ConfigureAwait(false), stream.Length);
        }
    }

    /// <summary>The media type of a picture, by its first bytes.</summary>
    /// <exception cref="InpaintException">ImageUnsupported: not a picture.</exception>
    public static async Task<string> MediaTypeAsync(Stream stream, string name, CancellationToken cancellationToken)
    {
        byte[] head = new byte[PictureSniffer.HeadLength];
        int read = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return DataUri.MediaTypeOf(head.AsSpan(0, read)) ?? throw Pictures.NotAPicture(name, head.AsSpan(0, read));
    }

    /// <summary>Opens the picture before anything is sent, so that one that is gone by now is no request of unknown outcome.</summary>
    /// <exception cref="InpaintException">ImageNotFound: it is gone, or has changed since the request was prepared.</exception>
    public Stream Open()
    {
        Stream stream = source.OpenRead();
        if (stream.Length == length)
        {
            return stream;
        }

        stream.Dispose();
        throw new InpaintException(InpaintErrorId.ImageNotFound, $"'{source.Name}' has changed since the request was prepared. Nothing was sent.");
    }

    /// <summary>Writes the data URI.</summary>
    /// <param name="picture">What <see cref="Open"/> has opened; read from its beginning.</param>
    /// <param name="target">Where to write.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>When done.</returns>
    /// <exception cref="InpaintException">ImageNotFound: it became shorter.</exception>
    public async Task WriteAsync(Stream picture, Stream target, CancellationToken cancellationToken)
    {
        picture.Position = 0;
        await target.WriteAsync(prefix, cancellationToken).ConfigureAwait(false);
        byte[] chunk = new byte[ChunkLength];
        byte[] text = new byte[Base64.GetMaxEncodedToUtf8Length(ChunkLength)];
        for (long left = length; left > 0;)
        {
            Memory<byte> wanted = chunk.AsMemory(0, (int)Math.Min(ChunkLength, left));
            int read = await picture.ReadAtLeastAsync(wanted, wanted.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (read < wanted.Length)
            {
                throw new InpaintException(InpaintErrorId.ImageNotFound, $"'{source.Name}' became shorter while it was sent.");
            }

            Base64.EncodeToUtf8(wanted.Span, text, out _, out int written);
            await target.WriteAsync(text.AsMemory(0, written), cancellationToken).ConfigureAwait(false);
            left -= read;
        }
    }
}
