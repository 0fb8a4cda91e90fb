using Inpaint.Files;

namespace Inpaint.Imaging;

/// <summary>Writes a picture to a file, completely or not at all.</summary>
internal static class PictureFileWriter
{
    /// <summary>Writes a temporary file beside the target, flushes and renames it. Missing folders are created.</summary>
    /// <param name="path">The file's full path. A link is replaced, never followed.</param>
    /// <param name="encode">Writes the content.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="force">Whether one that is read-only may be replaced as well; implies <paramref name="overwrite"/>.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A cancelled call leaves no file behind.</param>
    /// <exception cref="InpaintException">OutputExists, OutputWriteFailed.</exception>
    public static void Write(string path, Action<Stream> encode, bool overwrite, bool force, CancellationToken cancellationToken)
    {
        EnsureWritable(path, overwrite, force);
        WholeFile.Write(path, encode, overwrite, force, cancellationToken);
    }

    /// <summary>Ensures that <see cref="Write"/> would accept the path.</summary>
    /// <param name="path">The file's full path.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="force">Whether one that is read-only, or a picture in colour, may be replaced as well; implies <paramref name="overwrite"/>.</param>
    /// <exception cref="InpaintException">InvalidParameter: the name is not that of a picture that can be written. OutputExists, OutputWriteFailed.</exception>
    public static void EnsureWritable(string path, bool overwrite, bool force)
    {
        if (!Directory.Exists(path) && !PictureFormats.CanWrite(PictureFormats.OfName(path)))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{path}' has no extension of a format that can be written: {PictureFormats.Writable}.")
            {
                Parameter = "Path",
                Subject = path,
                RecommendedAction = $"Name it '{Path.GetFileName(Path.ChangeExtension(path, ".png"))}', or end it with a slash if it is a folder.",
            };
        }

        WholeFile.EnsureFree(path, overwrite, force);
        if (!force && IsPhotograph(path))
        {
            throw new InpaintException(InpaintErrorId.OutputExists, $"'{path}' is a picture in colour, which is not replaced unless that is forced.")
            {
                Parameter = "Force",
                Subject = path,
                RecommendedAction = "Choose another path, or force it if that picture is no longer needed.",
            };
        }
    }

    /// <summary>Masks and differences are gray: an existing file in colour is somebody's picture, named by mistake.</summary>
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
            // Not a readable picture. Whether it can be replaced is found when it is.
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
