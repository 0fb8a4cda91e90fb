namespace Inpaint.Providers.ModelsLab;

/// <summary>Chooses the width and height that ModelsLab is asked for: it makes 512x512 when it is not told, whatever the picture's shape.</summary>
internal static class ModelsLabSize
{
    /// <summary>The size made when nothing is known of the picture.</summary>
    public static ImageSize Unknown { get; } = ImageSize.FromPixels(512, 512);

    /// <summary>The nearest size that ModelsLab makes: the picture's own where it can, else its shape at the largest or smallest edge.</summary>
    /// <param name="width">The picture's width in pixels.</param>
    /// <param name="height">The picture's height in pixels.</param>
    /// <returns>Edges of 256 to 1024 pixels, multiples of 8.</returns>
    public static ImageSize Fit(int width, int height)
    {
        double longer = Math.Max(width, height);
        double shorter = Math.Min(width, height);
        double scale = Math.Min(1, ModelsLabCapabilities.LargestEdge / longer);
        if (shorter * scale < ModelsLabCapabilities.SmallestEdge)
        {
            scale = Math.Min(ModelsLabCapabilities.SmallestEdge / shorter, ModelsLabCapabilities.LargestEdge / longer);
        }

        return ImageSize.FromPixels(Edge(width * scale), Edge(height * scale));
    }

    private static int Edge(double pixels) => (int)Math.Clamp(
        Math.Round(pixels / ModelsLabCapabilities.EdgeMultiple, MidpointRounding.AwayFromZero) * ModelsLabCapabilities.EdgeMultiple,
        ModelsLabCapabilities.SmallestEdge,
        ModelsLabCapabilities.LargestEdge);
}
