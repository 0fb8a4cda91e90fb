namespace Inpaint.Imaging.Jpeg;

/// <summary>Reads size and orientation of a JPEG from the segments before its first scan.</summary>
internal static class JpegHeaderReader
{
    // Profiles and previews in front of the frame can take megabytes, not more.
    private const long FarthestFrame = 64L << 20;

    /// <summary>Reads the header; the source stands at the file's beginning.</summary>
    public static PictureHeader Read(ByteSource source)
    {
        source.Skip(2);
        int orientation = ExifOrientation.Normal;
        while (source.Offset < FarthestFrame)
        {
            int marker = JpegMarker.ReadNext(source);
            if (marker is JpegMarker.EndOfImage or JpegMarker.StartOfScan)
            {
                break;
            }

            if (JpegMarker.IsStandalone(marker))
            {
                continue;
            }

            int length = JpegMarker.ReadLength(source);
            if (JpegMarker.IsStartOfFrame(marker))
            {
                return ReadFrame(source, length, orientation);
            }

            if (marker == JpegMarker.App1)
            {
                byte[] content = source.ReadBlock(length);
                if (content.AsSpan().StartsWith("Exif\0\0"u8))
                {
                    orientation = ExifOrientation.Read(content.AsSpan(6));
                }
            }
            else
            {
                source.Skip(length);
            }
        }

        throw source.Broken("it has no JPEG frame");
    }

    private static PictureHeader ReadFrame(ByteSource source, int length, int orientation)
    {
        if (length < 6)
        {
            throw source.Broken("its frame header is too short");
        }

        source.Skip(1);
        int height = source.ReadUInt16();
        int width = source.ReadUInt16();
        if (width == 0 || height == 0)
        {
            throw source.Broken($"its size of {width}x{height} is not possible");
        }

        return ExifOrientation.SwapsSides(orientation)
            ? new PictureHeader(PictureFormat.Jpeg, height, width, orientation)
            : new PictureHeader(PictureFormat.Jpeg, width, height, orientation);
    }
}
