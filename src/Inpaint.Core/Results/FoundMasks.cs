using System.Globalization;
using Inpaint.Http;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;

namespace Inpaint.Results;

/// <summary>Fetches the masks that a segmentation has made, and brings them to the picture's size: models work in sizes of their own.</summary>
internal sealed class FoundMasks(PictureDownloader downloader)
{
    private const long MaxMaskBytes = 64 << 20;

    /// <summary>The name of one of several files.</summary>
    /// <param name="path">The path of a single one.</param>
    /// <param name="index">Which, from 0.</param>
    /// <returns>The path with a number.</returns>
    public static string NameOf(string path, int index) =>
        Path.Combine(Path.GetDirectoryName(path) ?? "", string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(path)}-{index + 1}{Path.GetExtension(path)}"));

    /// <summary>Fetches the masks of a result.</summary>
    /// <param name="result">The result.</param>
    /// <param name="image">The picture that they are for; null for one whose size is not known here.</param>
    /// <param name="isSeparate">Whether each thing stays by itself.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>One mask, or one for each thing, as pictures.</returns>
    /// <exception cref="InpaintException">Why one cannot be fetched or read.</exception>
    public async Task<IReadOnlyList<PictureSource>> CollectAsync(InpaintResult result, PictureSource? image, bool isSeparate, CancellationToken cancellationToken)
    {
        (int Width, int Height)? size = SizeOf(image);
        string name = $"{Path.GetFileNameWithoutExtension(image?.Name ?? "found")}_mask.png";
        List<PictureSource> separate = [];
        Mask? together = null;
        foreach (InpaintImage picture in result.Images)
        {
            Mask mask = await FetchAsync(picture, cancellationToken).ConfigureAwait(false);
            size ??= (mask.Width, mask.Height);
            mask = mask.Resize(size.Value.Width, size.Value.Height);
            if (isSeparate)
            {
                separate.Add(PictureSource.FromBytes(mask.ToPng(), name));
            }
            else if (together is null)
            {
                together = mask;
            }
            else
            {
                MaskFactory.Add(together, mask);
            }
        }

        return together is null ? separate : [PictureSource.FromBytes(together.ToPng(), name)];
    }

    private static (int Width, int Height)? SizeOf(PictureSource? image)
    {
        if (image is null)
        {
            return null;
        }

        using Stream stream = LocalPictures.Open(image);
        PictureHeader header = Pictures.ReadHeader(stream, image.Name);
        return (header.Width, header.Height);
    }

    private async Task<Mask> FetchAsync(InpaintImage picture, CancellationToken cancellationToken)
    {
        using MemoryStream content = new();
        await downloader.FetchAsync(picture, content, MaxMaskBytes, cancellationToken).ConfigureAwait(false);
        content.Position = 0;

        // A cut-out that is transparent elsewhere, or a mask with an alpha of its own, is read as any mask is.
        return MaskReader.Read(content, $"the mask of {picture.Origin?.Provider}", MaskMode.White, cancellationToken: cancellationToken);
    }
}
