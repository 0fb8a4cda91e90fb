using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Imaging.Terminal;

namespace Inpaint.Results;

/// <summary>Draws pictures as text for a terminal. Remote pictures are downloaded as results are: without a key.</summary>
internal sealed class PictureViewer(RemotePictures remote)
{
    private const int MaxNameLength = 60;

    /// <summary>Draws a view. The note is called with the reason when the picture before cannot be shown.</summary>
    /// <returns>The drawing; a sentence without a canvas.</returns>
    public async Task<string> ShowAsync(PictureView view, TerminalCanvas? canvas, Action<string>? note, CancellationToken cancellationToken)
    {
        if (canvas is null)
        {
            return Describe(view);
        }

        Raster picture = await ReadAsync(view.Picture, cancellationToken).ConfigureAwait(false);
        Raster? before = view.Before is null ? null : await ReadBeforeAsync(view, note, cancellationToken).ConfigureAwait(false);
        Mask? tint = view.Mask is null ? null : await ReadMaskAsync(view, before is null ? view.Picture : view.Before!, before ?? picture, cancellationToken).ConfigureAwait(false);
        string flagged = view.IsFlagged ? ", flagged" : "";
        List<TerminalPane> panes = before is null
            ? [new TerminalPane(picture, $"{NameOf(view.Picture)} {SizeOf(picture)}{flagged}", tint)]
            : [new TerminalPane(before, $"before {SizeOf(before)}", tint), new TerminalPane(picture, $"after {SizeOf(picture)}{flagged}")];
        return TerminalDrawing.Draw(panes, canvas, cancellationToken);
    }

    // A remote picture is not downloaded for a sentence.
    private static string Describe(PictureView view)
    {
        string size = "";
        if (!view.Picture.IsRemote)
        {
            using Stream stream = view.Picture.OpenRead();
            PictureHeader header = Pictures.ReadHeader(stream, view.Picture.Name);
            size = $", {header.Width}x{header.Height}";
        }

        return $"{NameOf(view.Picture)}{size}{(view.IsFlagged ? ", flagged" : "")}: not drawn, because the output is not a terminal that can draw pictures.";
    }

    private static string NameOf(PictureSource source) => PlainText.Clean(source.Name, MaxNameLength);

    private static string SizeOf(Raster raster) => $"{raster.Width}x{raster.Height}";

    private async Task<Raster?> ReadBeforeAsync(PictureView view, Action<string>? note, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(view.Before!, cancellationToken).ConfigureAwait(false);
        }
        catch (InpaintException e) when (view.IsBeforeOptional)
        {
            note?.Invoke($"The original is not shown. {e.Message}");
            return null;
        }
    }

    private async Task<Mask> ReadMaskAsync(PictureView view, PictureSource marked, Raster picture, CancellationToken cancellationToken)
    {
        PictureSource source = view.Mask!;
        Mask mask = MaskReader.FromRaster(await ReadAsync(source, cancellationToken).ConfigureAwait(false), source.Name, view.MaskMode);
        return mask.Width == picture.Width && mask.Height == picture.Height
            ? mask
            : throw new InpaintException(InpaintErrorId.MaskSizeMismatch, $"{source.Name} is {mask.Width}x{mask.Height}, {marked.Name} is {SizeOf(picture)}. The mask must have the size of the picture.")
            {
                Parameter = "Mask",
                RecommendedAction = "Use the mask that belongs to the picture.",
            };
    }

    private async Task<Raster> ReadAsync(PictureSource source, CancellationToken cancellationToken) =>
        LocalPictures.Decode(await remote.FetchAsync(source, cancellationToken).ConfigureAwait(false), cancellationToken);
}
