using System.Numerics;

namespace Inpaint.SamplePictures;

/// <summary>A garden wall, a lawn, and a beach ball that is to disappear. Coordinates are pixels of the finished picture.</summary>
internal static class Scene
{
    /// <summary>Width in pixels.</summary>
    public const int Width = 640;

    /// <summary>Height in pixels.</summary>
    public const int Height = 448;

    private const double WallBottom = 292;
    private static readonly Vector2 BallCentre = new(372, 268);
    private const double BallRadius = 74;

    /// <summary>The colour of a point.</summary>
    /// <returns>Red, green, blue, 0 to 1.</returns>
    public static Vector3 ColorAt(double x, double y)
    {
        double dx = x - BallCentre.X;
        double dy = y - BallCentre.Y;
        if (dx * dx + dy * dy < BallRadius * BallRadius)
        {
            return Ball(dx / BallRadius, dy / BallRadius);
        }

        return GroundAt(x, y) * (float)(1 - 0.55 * Shadow(x, y));
    }

    /// <summary>The colour of a point of the wall and the lawn alone.</summary>
    /// <returns>Red, green, blue, 0 to 1.</returns>
    public static Vector3 GroundAt(double x, double y) => y < WallBottom + 6 * (Noise.Smooth(x / 9, 3, 3, 71) - 0.5) ? Wall(x, y) : Lawn(x, y);

    /// <summary>Whether a point is to be repainted: the ball, its shadow, and a margin.</summary>
    /// <returns>True for white.</returns>
    public static bool IsMasked(double x, double y)
    {
        double dx = x - BallCentre.X;
        double dy = y - BallCentre.Y;
        return dx * dx + dy * dy < (BallRadius + 6) * (BallRadius + 6) || Shadow(x, y) > 0.02;
    }

    private static Vector3 Wall(double x, double y)
    {
        const double brickWidth = 64;
        const double brickHeight = 23;
        const double joint = 3.2;
        double wobble = 1.6 * (Noise.Smooth(x / 14, y / 14, 2, 5) - 0.5);
        int row = (int)Math.Floor((y + wobble) / brickHeight);
        double shifted = x + wobble + ((row & 1) == 0 ? 0 : brickWidth / 2);
        int column = (int)Math.Floor(shifted / brickWidth);
        double inX = shifted - column * brickWidth;
        double inY = y + wobble - row * brickHeight;
        double grain = Noise.Smooth(x / 2.2, y / 2.2, 3, 11) - 0.5;
        double stain = Noise.Smooth(x / 90, y / 70, 3, 29) - 0.5;
        if (inX < joint || inY < joint)
        {
            return Shade(new Vector3(0.68f, 0.65f, 0.60f), 0.22 * grain + 0.16 * stain);
        }

        double tone = Noise.At(column, row, 3) - 0.5;
        Vector3 brick = new(0.60f + 0.14f * (float)tone, 0.33f + 0.10f * (float)tone, 0.25f + 0.05f * (float)tone);
        double light = inY < joint + 2.5 ? 0.08 : inY > brickHeight - 2.5 ? -0.10 : 0;
        return Shade(brick, 0.42 * grain + 0.26 * stain + light);
    }

    private static Vector3 Lawn(double x, double y)
    {
        // Blades lean and grow longer towards the viewer.
        double depth = (y - WallBottom) / (Height - WallBottom);
        double scale = 1.6 + 1.6 * depth;
        double lean = x + 9 * (Noise.Smooth(x / 24, y / 18, 2, 41) - 0.5);
        double blades = Noise.Smooth(lean / scale, y / (scale * 4), 3, 17);
        double patches = Noise.Smooth(x / 75, y / 40, 3, 23);
        Vector3 grass = Vector3.Lerp(new Vector3(0.16f, 0.30f, 0.09f), new Vector3(0.52f, 0.62f, 0.22f), (float)Math.Clamp(0.15 + 1.25 * (blades - 0.28) + 0.5 * (patches - 0.5), 0, 1));
        double contact = Math.Clamp(1 - (y - WallBottom) / 16, 0, 1);
        return Shade(grass, -0.28 * contact);
    }

    private static Vector3 Ball(double u, double v)
    {
        double w = Math.Sqrt(Math.Max(0, 1 - u * u - v * v));

        // Turned a little, so that the stripes meet in sight.
        double tilt = 0.6;
        double poleV = v * Math.Cos(tilt) - w * Math.Sin(tilt);
        double poleW = v * Math.Sin(tilt) + w * Math.Cos(tilt);
        int stripe = (int)Math.Floor((Math.Atan2(u, poleW) / Math.PI + 1) * 3.999);
        Vector3[] colors = [new(0.90f, 0.16f, 0.14f), new(0.96f, 0.95f, 0.90f), new(0.12f, 0.36f, 0.78f), new(0.98f, 0.80f, 0.16f)];
        Vector3 color = Math.Abs(poleV) > 0.95 ? new Vector3(0.96f, 0.95f, 0.90f) : colors[stripe & 3];
        double light = Math.Clamp(-0.45 * u - 0.55 * v + 0.72 * w, 0, 1);
        double glint = Math.Pow(Math.Max(0, light - 0.05), 24);
        return Vector3.Min(color * (float)(0.32 + 0.75 * light) + new Vector3((float)(0.8 * glint)), Vector3.One);
    }

    private static double Shadow(double x, double y)
    {
        double dx = (x - BallCentre.X - 34) / 96;
        double dy = (y - BallCentre.Y - BallRadius + 6) / 20;
        double distance = Math.Sqrt(dx * dx + dy * dy);
        return Math.Clamp((1 - distance) / 0.35, 0, 1);
    }

    private static Vector3 Shade(Vector3 color, double amount) => Vector3.Clamp(color * (float)(1 + amount), Vector3.Zero, Vector3.One);
}
