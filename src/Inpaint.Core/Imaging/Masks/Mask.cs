namespace Inpaint.Imaging.Masks;

/// <summary>Which pixels of a picture are repainted: one byte per pixel, 0 keeps, 255 repaints, and values between, which only feathering makes, blend.</summary>
internal sealed class Mask
{
    /// <summary>Creates a mask that keeps everything.</summary>
    public Mask(int width, int height)
        : this(width, height, new byte[checked(width * height)])
    {
    }

    /// <summary>Wraps existing coverage, one byte per pixel, top row first. The mask takes ownership of it.</summary>
    public Mask(int width, int height, byte[] coverage)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (coverage.Length != (long)width * height)
        {
            throw new ArgumentException($"{coverage.Length} bytes are not a mask of {width}x{height}.", nameof(coverage));
        }

        Width = width;
        Height = height;
        Coverage = coverage;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>One byte per pixel, top row first: 0 keeps, 255 repaints.</summary>
    public byte[] Coverage { get; }

    /// <summary>Whether the file that the mask was read from had only full black and full white (or full and no alpha); true for a mask that was not read from a file.</summary>
    public bool WasBinary { get; init; } = true;

    /// <summary>The share of pixels, 0 to 1, that were gray in the file that the mask was read from: between a quarter and three quarters of full brightness, so that they could be meant either way.</summary>
    public double GrayShare { get; init; }

    /// <summary>Whether nothing is repainted.</summary>
    public bool IsEmpty => !Coverage.AsSpan().ContainsAnyExcept((byte)0);

    /// <summary>Whether everything is repainted.</summary>
    public bool IsFull => !Coverage.AsSpan().ContainsAnyExcept((byte)255);

    /// <summary>The share of the picture that is repainted, 0 to 1; a half-covered pixel counts as half.</summary>
    public double CoverageShare
    {
        get
        {
            long sum = 0;
            foreach (byte value in Coverage)
            {
                sum += value;
            }

            return sum / (255.0 * Coverage.Length);
        }
    }

    /// <summary>Its connected parts, largest first. They are found once: a mask of which they are asked for is not drawn into any more.</summary>
    public IReadOnlyList<MaskRegion> Regions => field ??= MaskRegions.Find(this);

    /// <summary>The smallest rectangle around everything that is repainted; empty when the mask is.</summary>
    public PixelRect BoundingBox
    {
        get
        {
            int top = Coverage.AsSpan().IndexOfAnyExcept((byte)0);
            if (top < 0)
            {
                return default;
            }

            int bottom = Coverage.AsSpan().LastIndexOfAnyExcept((byte)0) / Width;
            top /= Width;
            int left = Width;
            int right = -1;
            for (int y = top; y <= bottom; y++)
            {
                ReadOnlySpan<byte> row = Row(y);
                int first = row.IndexOfAnyExcept((byte)0);
                if (first >= 0)
                {
                    left = Math.Min(left, first);
                    right = Math.Max(right, row.LastIndexOfAnyExcept((byte)0));
                }
            }

            return new PixelRect(left, top, right - left + 1, bottom - top + 1);
        }
    }

    /// <summary>The coverage of one row.</summary>
    public Span<byte> Row(int y) => Coverage.AsSpan(y * Width, Width);

    /// <summary>Resizes the mask by nearest neighbour, so that no grays arise.</summary>
    public Mask Resize(int width, int height)
    {
        if (width == Width && height == Height)
        {
            return this;
        }

        var resized = new Mask(width, height) { WasBinary = WasBinary, GrayShare = GrayShare };
        int[] columns = new int[width];
        for (int x = 0; x < width; x++)
        {
            columns[x] = (int)(((2L * x) + 1) * Width / (2L * width));
        }

        for (int y = 0; y < height; y++)
        {
            ReadOnlySpan<byte> from = Row((int)(((2L * y) + 1) * Height / (2L * height)));
            Span<byte> to = resized.Row(y);
            for (int x = 0; x < width; x++)
            {
                to[x] = from[columns[x]];
            }
        }

        return resized;
    }

    /// <summary>The mask as an 8-bit grayscale picture that shares its bytes, white where it repaints.</summary>
    public Raster ToRaster() => new(Width, Height, 1, 8, Coverage);

    /// <summary>The mask as an 8-bit grayscale PNG, white where it repaints, which every provider takes.</summary>
    public byte[] ToPng()
    {
        using MemoryStream target = new();
        Pictures.Encode(ToRaster(), PictureFormat.Png, target);
        return target.ToArray();
    }
}
