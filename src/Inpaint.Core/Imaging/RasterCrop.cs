using Inpaint.Imaging.Masks;

namespace Inpaint.Imaging;

/// <summary>Crops rectangles out of pictures and masks, and pastes them.</summary>
internal static class RasterCrop
{
    /// <summary>Crops a part of a picture, with the picture's metadata.</summary>
    public static Raster Crop(Raster raster, PixelRect part)
    {
        CheckInside(part, raster.Width, raster.Height);
        var cut = new Raster(part.Width, part.Height, raster.Channels, raster.BitDepth) { Metadata = raster.Metadata };
        for (int y = 0; y < part.Height; y++)
        {
            raster.Row(part.Y + y).Slice(part.X * raster.BytesPerPixel, cut.Stride).CopyTo(cut.Row(y));
        }

        return cut;
    }

    /// <summary>Crops a part of a mask.</summary>
    public static Mask Crop(Mask mask, PixelRect part)
    {
        CheckInside(part, mask.Width, mask.Height);
        var cut = new Mask(part.Width, part.Height) { WasBinary = mask.WasBinary };
        for (int y = 0; y < part.Height; y++)
        {
            mask.Row(part.Y + y).Slice(part.X, part.Width).CopyTo(cut.Row(y));
        }

        return cut;
    }

    /// <summary>Replaces a part of a picture, in place, by one of the same layout.</summary>
    public static void Paste(Raster raster, Raster part, int x, int y)
    {
        CheckInside(new PixelRect(x, y, part.Width, part.Height), raster.Width, raster.Height);
        if (part.Channels != raster.Channels || part.BitDepth != raster.BitDepth)
        {
            throw new ArgumentException("The part has another layout than the picture.", nameof(part));
        }

        for (int row = 0; row < part.Height; row++)
        {
            part.Row(row).CopyTo(raster.Row(y + row)[(x * raster.BytesPerPixel)..]);
        }
    }

    private static void CheckInside(PixelRect part, int width, int height)
    {
        if (part.IsEmpty || part.X < 0 || part.Y < 0 || part.Right > width || part.Bottom > height)
        {
            throw new ArgumentOutOfRangeException(nameof(part), part, $"The part must lie inside {width}x{height}.");
        }
    }
}
