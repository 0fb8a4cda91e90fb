using System.Buffers;
using System.Buffers.Text;
using Inpaint.Imaging;

namespace Inpaint.Providers.Shared;

/// <summary>What represents a job's pictures in a request.</summary>
/// <param name="Image">The picture's URL or token; null for none.</param>
/// <param name="Mask">The mask's URL or token; null for none.</param>
/// <param name="Inline">The pictures whose tokens are replaced with their content when the request is sent.</param>
internal sealed record PictureReferences(string? Image, string? Mask, IReadOnlyList<InlinePicture> Inline)
{
    /// <summary>Inlines local pictures; remote ones are passed by their URLs.</summary>
    /// <exception cref="InpaintException">ImageNotFound, ImageUnsupported.</exception>
    public static PictureReferences Inlined(PictureSource? image, PictureSource? mask)
    {
        List<InlinePicture> inline = [];
        return new PictureReferences(Refer(image), Refer(mask), inline);

        string? Refer(PictureSource? source)
        {
            if (source is null || source.IsRemote)
            {
                return source?.Url;
            }

            InlinePicture picture = InlinePicture.Of(source);
            inline.Add(picture);
            return picture.Token;
        }
    }
}

/// <summary>
/// A local picture that is sent inside a request as a data URI. The request contains a token in its place; the picture is encoded while the request is sent, so that it
/// is never held as text.
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

    /// <summary>The token. Random, so that no prompt can contain it.</summary>
    public string Token { get; } = "inline-picture-" + Guid.NewGuid().ToString("N");

    /// <summary>The length of the data URI, in bytes.</summary>
    public long EncodedLength => prefix.Length + 4 * ((length + 2) / 3);

    /// <summary>Prepares a local picture.</summary>
    /// <exception cref="InpaintException">ImageNotFound, or ImageUnsupported: not a picture.</exception>
    public static InlinePicture Of(PictureSource source)
    {
        using Stream stream = source.OpenRead();
        return new InlinePicture(source, MediaTypeOf(stream, source.Name), stream.Length);
    }

    /// <summary>The media type of a picture, by its first bytes.</summary>
    /// <exception cref="InpaintException">ImageUnsupported: not a picture.</exception>
    public static string MediaTypeOf(Stream stream, string name)
    {
        byte[] head = new byte[PictureSniffer.HeadLength];
        int read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        return DataUri.MediaTypeOf(head.AsSpan(0, read)) ?? throw Pictures.NotAPicture(name, head.AsSpan(0, read));
    }

    /// <summary>Opens the picture before anything is sent, so that a picture that is gone does not cause a request of unknown outcome.</summary>
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
    /// <param name="picture">The stream from <see cref="Open"/>.</param>
    /// <param name="target">Where to write.</param>
    /// <returns>When done.</returns>
    /// <exception cref="InpaintException">ImageNotFound: it became shorter.</exception>
    public async Task WriteAsync(Stream picture, Stream target, CancellationToken cancellationToken)
    {
        picture.Position = 0;
        await target.WriteAsync(prefix, cancellationToken).ConfigureAwait(false);
        using IMemoryOwner<byte> chunk = MemoryPool<byte>.Shared.Rent(ChunkLength);
        using IMemoryOwner<byte> text = MemoryPool<byte>.Shared.Rent(Base64.GetMaxEncodedToUtf8Length(ChunkLength));
        for (long left = length; left > 0;)
        {
            Memory<byte> wanted = chunk.Memory[..(int)Math.Min(ChunkLength, left)];
            int read = picture.ReadAtLeast(wanted.Span, wanted.Length, throwOnEndOfStream: false);
            if (read < wanted.Length)
            {
                throw new InpaintException(InpaintErrorId.ImageNotFound, $"'{source.Name}' became shorter while it was sent.");
            }

            Base64.EncodeToUtf8(wanted.Span, text.Memory.Span, out _, out int written);
            await target.WriteAsync(text.Memory[..written], cancellationToken).ConfigureAwait(false);
            left -= read;
        }
    }
}
