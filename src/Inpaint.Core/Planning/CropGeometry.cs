using System.Runtime.InteropServices;

namespace Inpaint.Planning;

/// <summary>A part of a picture, and the size to which it is scaled before it is sent, in pixels.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CropChoice(PixelRect Part, int Width, int Height)
{
    /// <summary>How many pixels are sent.</summary>
    public long Pixels => (long)Width * Height;

    /// <summary>The scale, below 1 when the part is scaled down.</summary>
    public double Scale => Math.Sqrt((double)Pixels / ((long)Part.Width * Part.Height));
}

/// <summary>
/// Chooses the part of a picture that is sent instead of the whole. It is sent unscaled wherever the model takes that: scaling down loses detail, and scaling up is paid for.
/// Where the model requires longer edges, more of the picture is sent rather than a stretched part.
/// </summary>
internal static class CropGeometry
{
    private const int MinPadding = 64;

    /// <summary>The default padding around a marked rectangle, in pixels: the model must see what it is to continue.</summary>
    public static int DefaultPadding(PixelRect box) => Math.Max(MinPadding, Math.Min(box.Width, box.Height) / 2);

    /// <summary>Chooses the part and its size.</summary>
    /// <param name="surroundings">The marked rectangle with its padding; it may reach beyond the picture.</param>
    /// <param name="width">The picture's width.</param>
    /// <param name="height">The picture's height.</param>
    /// <param name="model">The sizes at which the model works well; null for any.</param>
    /// <param name="requested">The size that the user requested; null for a fitting one.</param>
    public static CropChoice Choose(PixelRect surroundings, int width, int height, WorkingSize? model, ImageSize? requested)
    {
        PixelRect picture = new(0, 0, width, height);

        PixelRect part = surroundings.Intersect(picture);
        if (requested is not null)
        {
            return new CropChoice(WithAspectRatio(part, requested.Width, requested.Height, picture), requested.Width, requested.Height);
        }

        if (model is null)
        {
            return new CropChoice(part, part.Width, part.Height);
        }

        part = Extend(part, RoundUp(model, part.Width), RoundUp(model, part.Height), picture);
        double scale = new[] { 1, Math.Sqrt((double)model.MaximumPixels / ((long)part.Width * part.Height)), (double)model.MaximumEdge / part.Width, (double)model.MaximumEdge / part.Height }.Min();
        int sentWidth = Edge(model, part.Width * scale, width * scale);
        int sentHeight = Edge(model, part.Height * scale, height * scale);
        return new CropChoice(WithAspectRatio(part, sentWidth, sentHeight, picture), sentWidth, sentHeight);
    }

    private static int RoundUp(WorkingSize model, int edge) => Math.Max(model.MinimumEdge, (edge + model.MultipleOf - 1) / model.MultipleOf * model.MultipleOf);

    /// <summary>An edge of a long thin part may fall below the model's minimum; it is extended as far as the picture reaches.</summary>
    private static int Edge(WorkingSize model, double wanted, double available)
    {
        double edge = Math.Max(wanted, Math.Min(model.MinimumEdge, available));
        return Math.Max(1, (int)(edge + 1e-6) / model.MultipleOf) * model.MultipleOf;
    }

    /// <summary>Extends the part at two opposite sides, so that it has the aspect ratio of the size to which it is scaled.</summary>
    private static PixelRect WithAspectRatio(PixelRect part, int width, int height, PixelRect picture)
    {
        long byWidth = (long)part.Height * width;
        long byHeight = (long)part.Width * height;
        return byWidth > byHeight
            ? Extend(part, (int)Math.Min(picture.Width, (byWidth + (height / 2)) / height), part.Height, picture)
            : Extend(part, part.Width, (int)Math.Min(picture.Height, (byHeight + (width / 2)) / width), picture);
    }

    private static PixelRect Extend(PixelRect part, int width, int height, PixelRect picture)
    {
        int w = Math.Min(picture.Width, Math.Max(width, part.Width));
        int h = Math.Min(picture.Height, Math.Max(height, part.Height));
        return new PixelRect(
            Math.Clamp(part.X - ((w - part.Width) / 2), 0, picture.Width - w),
            Math.Clamp(part.Y - ((h - part.Height) / 2), 0, picture.Height - h),
            w,
            h);
    }
}
