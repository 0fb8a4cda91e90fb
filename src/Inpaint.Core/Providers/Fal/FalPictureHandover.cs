using Inpaint.Imaging;
using Inpaint.Providers.Shared;

namespace Inpaint.Providers.Fal;

/// <summary>Gets picture and mask to where fal finds them: addresses as they are, small files inside the request, others by upload.</summary>
internal sealed class FalPictureHandover(FalStorage storage, FalUploadOptions options)
{
    /// <summary>Hands over a job's pictures.</summary>
    /// <param name="image">The picture, if any.</param>
    /// <param name="mask">The mask, if any.</param>
    /// <param name="uploadsAll">Whether small files are uploaded too.</param>
    /// <param name="progress">Told what is being uploaded.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What stands for each in the request: an address or a data URI.</returns>
    public async Task<(string? Image, string? Mask)> HandOverAsync(PictureSource? image, PictureSource? mask, bool uploadsAll, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        long local = (image?.GetLength() ?? 0) + (mask?.GetLength() ?? 0);
        bool isInline = local <= options.InlineLimit && !uploadsAll;
        return (await OneAsync(image).ConfigureAwait(false), await OneAsync(mask).ConfigureAwait(false));

        async Task<string?> OneAsync(PictureSource? source)
        {
            if (source is null || source.IsRemote)
            {
                return source?.Url;
            }

            if (isInline)
            {
                return await DataUri.MakeAsync(source, cancellationToken).ConfigureAwait(false);
            }

            string mediaType = await MediaTypeAsync(source, cancellationToken).ConfigureAwait(false);
            progress?.Report($"uploading {source.Name}");
            return await storage.UploadAsync(source, mediaType, source.GetLength()!.Value, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<string> MediaTypeAsync(PictureSource source, CancellationToken cancellationToken)
    {
        Stream stream = source.OpenRead();
        await using (stream.ConfigureAwait(false))
        {
            byte[] head = new byte[64];
            int read = await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return DataUri.MediaTypeOf(head.AsSpan(0, read)) ?? throw Pictures.NotAPicture(source.Name, head.AsSpan(0, read));
        }
    }
}
