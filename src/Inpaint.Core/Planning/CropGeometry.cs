using System.Runtime.InteropServices;

namespace Inpaint.Planning;

/// <summary>A part of a picture, and the size in which it is sent.</summary>
/// <param name="Part">The part.</param>
/// <param name="Width">The width in which it is sent, in pixels.</param>
/// <param name="Height">The height in which it is sent, in pixels.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct CropChoice(PixelRect Part, int Width, int Height)
{
    /// <summary>How many pixels are sent.</summary>
    public long Pixels => (long)Width * Height;

    /// <summary>How much it is scaled, below 1 when it shrinks.</summary>
    public double Scale => Math.Sqrt((double)Pixels / ((long)Part.Width * Part.Height));
}

/// <summary>
/// Chooses the part of a picture that is sent in place of the whole. It is sent with its own pixels wherever the model takes them: what is scaled loses, and what is
/// enlarged is paid for. What the model's edges demand is met by showing more of the picture rather than by stretching it.
/// </summary>
internal static class CropGeometry
{
    private const int SmallestPadding = 64;

    /// <summary>How much of the picture is shown around what is marked when nothing is said: the model must see what it is to continue.</summary>
    /// <param name="box">The rectangle around what is marked.</param>
    /// <returns>Pixels on every side.</returns>
    public static int UsualPadding(PixelRect box) => Math.Max(SmallestPadding, Math.Min(box.Width, box.Height) / 2);

    /// <summary>Chooses.</summary>
    /// <param name="surroundings">The rectangle around what is marked and what is to be seen of the picture around it; it may reach beyond the picture.</param>
    /// <param name="width">The picture's width.</param>
    /// <param name="height">The picture's height.</param>
    /// <param name="model">What the model takes; null for anything.</param>
    /// <param name="asked">The size that the user wants it sent in; null for a fitting one.</param>
    public static CropChoice Choose(PixelRect surroundings, int width, int height, WorkingSize? model, ImageSize? asked)
    {
        PixelRect picture = new(0, 0, width, height);

        PixelRect part = surroundings.Intersect(picture);
        if (asked is not null)
        {
            return new CropChoice(Shaped(part, asked.Width, asked.Height, picture), asked.Width, asked.Height);
        }

        if (model is null)
        {
            return new CropChoice(part, part.Width, part.Height);
        }

        part = Widened(part, UpTo(model, part.Width), UpTo(model, part.Height), picture);
        double scale = new[] { 1, Math.Sqrt((double)model.MaximumPixels / ((long)part.Width * part.Height)), (double)model.MaximumEdge / part.Width, (double)model.MaximumEdge / part.Height }.Min();
        int sentWidth = Edge(model, part.Width * scale, width * scale);
        int sentHeight = Edge(model, part.Height * scale, height * scale);
        return new CropChoice(Shaped(part, sentWidth, sentHeight, picture), sentWidth, sentHeight);
    }

    private static int UpTo(WorkingSize model, int edge) => Math.Max(model.MinimumEdge, (edge + model.MultipleOf - 1) / model.MultipleOf * model.MultipleOf);

    /// <summary>An edge of a long thin part may fall below what the model does well; it grows as far as the picture has more to show.</summary>
    private static int Edge(WorkingSize model, double wanted, double available)
    {
        double edge = Math.Max(wanted, Math.Min(model.MinimumEdge, available));
        return Math.Max(1, (int)(edge + 1e-6) / model.MultipleOf) * model.MultipleOf;
    }

    /// <summary>The part with more of the picture at two opposite sides, so that it has the shape of the size it is sent in.</summary>
    private static PixelRect Shaped(PixelRect part, int width, int height, PixelRect picture)
    {
        long wide = (long)part.Height * width;
        long high = (long)part.Width * height;
        return wide > high
            ? Widened(part, (int)Math.Min(picture.Width, (wide + (height / 2)) / height), part.Height, picture)
            : Widened(part, part.Width, (int)Math.Min(picture.Height, (high + (width / 2)) / width), picture);
    }

    private static PixelRect Widened(PixelRect part, int width, int height, PixelRect picture)
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
