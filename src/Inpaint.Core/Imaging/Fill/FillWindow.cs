using System.Runtime.InteropServices;

namespace Inpaint.Imaging.Fill;

/// <summary>A rectangle of the picture, such as the part that the fill looks at: all of it, or the hole's wide surroundings in a very large one.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FillWindow(int Left, int Top, int Width, int Height)
{
    // Up to here the whole picture is looked at.
    private const long SmallPicture = 4_000_000;
    private const int SmallestMargin = 384;

    /// <summary>Whether a pixel lies in the window.</summary>
    public bool Contains(int x, int y) => x >= Left && x < Left + Width && y >= Top && y < Top + Height;

    /// <summary>Chooses the window.</summary>
    /// <returns>The window, of width 0 when nothing is masked.</returns>
    public static FillWindow Around(ReadOnlySpan<byte> coverage, int width, int height)
    {
        int left = width;
        int right = -1;
        int top = -1;
        int bottom = -1;
        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> row = coverage.Slice(y * width, width);
            int first = row.IndexOfAnyExcept((byte)0);
            if (first < 0)
            {
                continue;
            }

            left = Math.Min(left, first);
            right = Math.Max(right, row.LastIndexOfAnyExcept((byte)0));
            top = top < 0 ? y : top;
            bottom = y;
        }

        if (right < 0)
        {
            return default;
        }

        if ((long)width * height <= SmallPicture)
        {
            return new FillWindow(0, 0, width, height);
        }

        int marginX = Math.Max(SmallestMargin, right - left + 1);
        int marginY = Math.Max(SmallestMargin, bottom - top + 1);
        left = Math.Max(0, left - marginX);
        top = Math.Max(0, top - marginY);
        right = Math.Min(width - 1, right + marginX);
        bottom = Math.Min(height - 1, bottom + marginY);
        return new FillWindow(left, top, right - left + 1, bottom - top + 1);
    }
}
