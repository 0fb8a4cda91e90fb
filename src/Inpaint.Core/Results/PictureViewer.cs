using Inpaint.Http;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Imaging.Terminal;

namespace Inpaint.Results;

/// <summary>Makes text of pictures, for a terminal to show. Pictures elsewhere are fetched as results are: without a key.</summary>
internal sealed class PictureViewer(PictureDownloader downloader, Func<string?, AllowedNetworks> networksOf)
{
    /// <summary>Largest picture that is fetched only to be looked at, in bytes.</summary>
    private const long MaximumBytes = 64 << 20;

    private const int LongestName = 60;

    /// <summary>Draws a picture.</summary>
    /// <param name="view">What is to be seen.</param>
    /// <param name="canvas">Where and how; null where nothing can be drawn.</param>
    /// <param name="note">Told why the picture before is missing.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The drawing; a sentence instead where nothing can be drawn.</returns>
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

    // What a local picture is costs a look at its head; one elsewhere is not fetched for a sentence.
    private static string Describe(PictureView view)
    {
        string size = "";
        if (!view.Picture.IsRemote)
        {
            using Stream stream = view.Picture.OpenRead();
            PictureHeader header = Pictures.ReadHeader(stream, view.Picture.Name);
            size = $", {header.Width}x{header.Height}";
        }

        return $"{NameOf(view.Picture)}{size}{(view.IsFlagged ? ", flagged" : "")}: not drawn, because this does not go to a terminal that can. -Protocol draws it all the same.";
    }

    private static string NameOf(PictureSource source) => PlainText.Clean(source.Name, LongestName);

    private static string SizeOf(Raster raster) => $"{raster.Width}x{raster.Height}";

    private async Task<Raster?> ReadBeforeAsync(PictureView view, Action<string>? note, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(view.Before!, cancellationToken).ConfigureAwait(false);
        }
        catch (InpaintException e) when (view.IsBeforeOptional)
        {
            note?.Invoke($"The picture before is not shown. {e.Message}");
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
                RecommendedAction = "Give the mask that belongs to the picture.",
            };
    }

    private async Task<Raster> ReadAsync(PictureSource source, CancellationToken cancellationToken)
    {
        if (!source.IsRemote)
        {
            return LocalPictures.Decode(source, cancellationToken);
        }

        using MemoryStream file = new();
        AllowedNetworks networks = source.NamedBy is { } provider ? networksOf(provider) : AllowedNetworks.Anywhere;
        await downloader.DownloadAsync(source.Url!, networks, file, MaximumBytes, cancellationToken).ConfigureAwait(false);
        file.Position = 0;
        return Pictures.Decode(file, source.Name, cancellationToken: cancellationToken);
    }
}
