using Inpaint.Files;

namespace Inpaint.Imaging;

/// <summary>Writes a picture made here to a file: under its final name there is a whole picture or none.</summary>
internal static class PictureFileWriter
{
    /// <summary>Writes a file by way of a temporary one beside it, flushed and renamed; missing folders are made.</summary>
    /// <param name="path">The file's full path. A link of that name is replaced, never followed.</param>
    /// <param name="encode">Writes the content.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="force">Whether one that is read-only may be replaced as well; implies <paramref name="overwrite"/>.</param>
    /// <param name="cancellationToken">Ends it; nothing is left behind.</param>
    /// <exception cref="InpaintException">OutputExists, OutputWriteFailed.</exception>
    public static void Write(string path, Action<Stream> encode, bool overwrite, bool force, CancellationToken cancellationToken)
    {
        DemandFree(path, overwrite, force);
        WholeFile.Write(path, encode, overwrite, force, cancellationToken);
    }

    /// <summary>Refuses a name that <see cref="Write"/> would refuse.</summary>
    /// <param name="path">The file's full path.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="force">Whether one that is read-only, or a picture in colour, may be replaced as well; implies <paramref name="overwrite"/>.</param>
    /// <exception cref="InpaintException">InvalidParameter: the name is not that of a picture that can be written. OutputExists, OutputWriteFailed.</exception>
    public static void DemandFree(string path, bool overwrite, bool force)
    {
        if (!Directory.Exists(path) && !PictureFormats.CanWrite(PictureFormats.OfName(path)))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{path}' does not end as a picture that is written here does: {PictureFormats.Writable}.")
            {
                RecommendedAction = $"Name it '{Path.GetFileName(Path.ChangeExtension(path, ".png"))}', or end it with a slash if it is a folder.",
            };
        }

        WholeFile.EnsureFree(path, overwrite, force);
        if (!force && IsPhotograph(path))
        {
            throw new InpaintException(InpaintErrorId.OutputExists, $"'{path}' is a picture in colour, which is not replaced without -Force.")
            {
                RecommendedAction = "Choose another path, or add -Force if that picture is no longer needed.",
            };
        }
    }

    /// <summary>What is written here is black, white and gray: a file in colour is somebody's picture, named by mistake.</summary>
    private static bool IsPhotograph(string path)
    {
        if (!File.Exists(path) || new FileInfo(path).LinkTarget is not null)
        {
            return false;
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            return HasColors(Pictures.Decode(stream, path));
        }
        catch (Exception e) when (e is InpaintException or IOException or UnauthorizedAccessException)
        {
            // No picture, or none that can be looked at; whether it can be replaced is found when it is.
            return false;
        }
    }

    private static bool HasColors(Raster picture)
    {
        int sample = picture.BitDepth / 8;
        for (int at = 0; picture.ColorChannels > 1 && at < picture.Data.Length; at += picture.BytesPerPixel)
        {
            ReadOnlySpan<byte> pixel = picture.Data.AsSpan(at, 3 * sample);
            if (!pixel[..sample].SequenceEqual(pixel[sample..(2 * sample)]) || !pixel[..sample].SequenceEqual(pixel[(2 * sample)..]))
            {
                return true;
            }
        }

        return false;
    }
}
