using Inpaint.Files;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;

namespace Inpaint.Pages;

/// <summary>Lets a person paint a mask over a picture, in a page that a browser on this machine shows.</summary>
public static class MaskEditor
{
    /// <summary>Finds what can be found before a page is opened: a picture that is none, a mask that is not there, a name that is taken. Writes nothing.</summary>
    /// <param name="request">What is to be painted.</param>
    /// <exception cref="InpaintException">As for <see cref="EditAsync"/>, but for what only the pixels and the browser tell.</exception>
    public static void Check(MaskEditRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        _ = ReadHeader(request);
        if (request.Mask is { } mask)
        {
            LocalPictures.Open(mask).Dispose();
        }
    }

    /// <summary>Serves the page until the mask is saved or given up.</summary>
    /// <param name="request">What is to be painted.</param>
    /// <param name="open">Told the page's address, which is good for one browser tab, and only as long as this call takes.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A cancelled call writes nothing.</param>
    /// <returns>How it ended, and the mask's file.</returns>
    /// <exception cref="InpaintException">
    /// ImageNotFound, ImageUnsupported, ImageTooLarge: of picture or mask. MaskSizeMismatch. InvalidParameter: the port is taken, or the path is no PNG's or the picture's own.
    /// OutputExists, OutputWriteFailed: the mask cannot be written, or could not and the page was left without another attempt.
    /// </exception>
    public static async Task<MaskEdit> EditAsync(MaskEditRequest request, Action<Uri> open, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(request);
        WholeFile.EnsureWritable(request.Path);
        MaskEditSession session = new(request, Prepare(request, cancellationToken), time ?? TimeProvider.System);
        using LoopbackServer server = LoopbackServer.Start(request.Port);
        return await session.RunAsync(server, open, cancellationToken).ConfigureAwait(false);
    }

    private static PictureHeader ReadHeader(MaskEditRequest request)
    {
        MaskFactory.CheckTarget(request.Image, request.Path, request.Overwrite, request.Force);
        using Stream stream = LocalPictures.Open(request.Image);
        PictureHeader header = Pictures.ReadHeader(stream, request.Image.Name);
        PictureLimits.Default.Check(request.Image.Name, header.Width, header.Height, bytesPerPixel: 1);
        return header;
    }

    private static PreparedEdit Prepare(MaskEditRequest request, CancellationToken cancellationToken)
    {
        PictureHeader header = ReadHeader(request);

        // A browser shows what there is of a damaged picture; whoever paints over that would be told too late. What it does not show, or might turn otherwise than it is
        // turned here, is encoded anew for it.
        Raster picture = LocalPictures.Decode(request.Image, cancellationToken);
        bool isShown = header.Orientation == 1 && !header.IsCmyk && header.Format != PictureFormat.Tiff;
        Mask? mask = request.Mask is null
            ? null
            : MaskFactory.Make(new MaskRecipe { Image = request.Image, Mask = request.Mask, MaskMode = request.MaskMode }, cancellationToken);
        return new PreparedEdit(header.Width, header.Height, isShown ? request.Image : Encode(picture, cancellationToken), mask);
    }

    private static PictureSource Encode(Raster picture, CancellationToken cancellationToken)
    {
        using MemoryStream encoded = new();
        Pictures.Encode(picture, picture.HasAlpha ? PictureFormat.Png : PictureFormat.Jpeg, encoded, cancellationToken: cancellationToken);
        return PictureSource.FromBytes(encoded.ToArray());
    }
}
