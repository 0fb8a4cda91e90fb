using System.Runtime.InteropServices;

namespace Inpaint;

/// <summary>A rectangle of whole pixels.</summary>
/// <param name="X">Leftmost column.</param>
/// <param name="Y">Topmost row.</param>
/// <param name="Width">Columns; 0 when empty.</param>
/// <param name="Height">Rows; 0 when empty.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PixelRect(int X, int Y, int Width, int Height)
{
    /// <summary>The column right of the rectangle.</summary>
    public int Right => X + Width;

    /// <summary>The row below the rectangle.</summary>
    public int Bottom => Y + Height;

    /// <summary>Whether it holds no pixel.</summary>
    public bool IsEmpty => Width <= 0 || Height <= 0;

    /// <summary>Whether a pixel lies inside.</summary>
    public bool Contains(int x, int y) => x >= X && x < Right && y >= Y && y < Bottom;

    /// <summary>The smallest rectangle around both; an empty one does not count.</summary>
    public PixelRect Union(PixelRect other)
    {
        if (IsEmpty || other.IsEmpty)
        {
            return IsEmpty ? other : this;
        }

        int x = Math.Min(X, other.X);
        int y = Math.Min(Y, other.Y);
        return new PixelRect(x, y, Math.Max(Right, other.Right) - x, Math.Max(Bottom, other.Bottom) - y);
    }

    /// <summary>The intersection of both.</summary>
    public PixelRect Intersect(PixelRect other)
    {
        int x = Math.Max(X, other.X);
        int y = Math.Max(Y, other.Y);
        return new PixelRect(x, y, Math.Max(0, Math.Min(Right, other.Right) - x), Math.Max(0, Math.Min(Bottom, other.Bottom) - y));
    }

    /// <summary>The rectangle enlarged by a number of pixels on every side.</summary>
    public PixelRect Inflate(int pixels) => new(X - pixels, Y - pixels, Width + (2 * pixels), Height + (2 * pixels));
}
