namespace Inpaint.Imaging.Masks;

/// <summary>Makes masks of what a picture shows.</summary>
internal static class MaskSelection
{
    /// <summary>Repaints every pixel whose colour is near enough.</summary>
    /// <param name="raster">The picture.</param>
    /// <param name="color">The colour, 8 bits per channel.</param>
    /// <param name="tolerance">How far each channel may be off, 0 (that very colour) to 255 (any). Transparent pixels have no colour and are kept.</param>
    public static Mask FromColor(Raster raster, (byte Red, byte Green, byte Blue) color, int tolerance)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tolerance, 0);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tolerance, 255);
        Raster rgba = RasterLayout.Convert(raster, 4, 8);
        var mask = new Mask(raster.Width, raster.Height);
        for (int i = 0; i < mask.Coverage.Length; i++)
        {
            ReadOnlySpan<byte> pixel = rgba.Data.AsSpan(4 * i, 4);
            bool isNear = Math.Abs(pixel[0] - color.Red) <= tolerance && Math.Abs(pixel[1] - color.Green) <= tolerance && Math.Abs(pixel[2] - color.Blue) <= tolerance;
            mask.Coverage[i] = isNear && pixel[3] >= 128 ? (byte)255 : (byte)0;
        }

        return mask;
    }

    /// <summary>Repaints what is transparent (alpha below 128).</summary>
    /// <param name="raster">The picture.</param>
    /// <param name="name">Its name for messages.</param>
    /// <exception cref="InpaintException">InvalidParameter: the picture has no alpha.</exception>
    public static Mask FromAlpha(Raster raster, string name) => raster.HasAlpha
        ? MaskReader.FromRaster(raster, name, MaskMode.Alpha)
        : throw MaskFactory.Invalid($"{name} has no transparency, which -FromAlpha looks for.");
}
