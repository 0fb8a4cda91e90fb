using Inpaint.Files;

namespace Inpaint.Imaging.Masks;

/// <summary>Makes masks: white where a picture is to be repainted, black where it is kept, in the picture's size.</summary>
internal static class MaskFactory
{
    internal const string Suffix = "_mask";

    /// <summary>Gets the default path for a mask: <c>dog_mask.png</c> beside <c>dog.jpg</c>; an existing mask that is changed keeps its name.</summary>
    public static string PathFor(MaskRecipe recipe, string? folder, string currentFolder)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        PictureSource? beside = recipe.Image ?? recipe.Mask;
        string stem = beside is null ? "mask" : Path.GetFileNameWithoutExtension(beside.Name) + (IsChange(recipe) ? "" : Suffix);
        return Path.GetFullPath(Path.Combine(folder ?? beside?.Folder ?? currentFolder, stem + ".png"));
    }

    /// <summary>Makes a mask and writes it as an 8-bit grayscale picture, completely or not at all.</summary>
    /// <exception cref="InpaintException">
    /// InvalidParameter: the recipe lacks a size, or the picture that it selects from. ImageNotFound, ImageUnsupported, ImageTooLarge: of picture or mask.
    /// MaskSizeMismatch: picture and mask differ in size. OutputExists, OutputWriteFailed.
    /// </exception>
    public static MaskFile Save(MaskRecipe recipe, string path, bool overwrite = false, bool force = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentException.ThrowIfNullOrEmpty(path);
        EnsureOtherFile(recipe.Image, path);
        return Write(Make(recipe, cancellationToken), path, overwrite, force, cancellationToken);
    }

    /// <summary>Writes an existing mask, as <see cref="Save"/> does.</summary>
    internal static MaskFile Write(Mask mask, string path, bool overwrite, bool force, CancellationToken cancellationToken)
    {
        PictureFileWriter.Write(path, stream => Pictures.Encode(mask.ToRaster(), PictureFormats.OfName(path), stream, Pictures.LosslessQuality, cancellationToken), overwrite, force, cancellationToken);

        // As a reader thresholds it: what is feathered below one half counts as nothing.
        bool marksNothing = !mask.Coverage.AsSpan().ContainsAnyInRange((byte)128, (byte)255);
        bool marksAll = !mask.Coverage.AsSpan().ContainsAnyInRange((byte)0, (byte)127);
        return new MaskFile(path, marksNothing ? $"'{path}' marks nothing to repaint." : marksAll ? $"'{path}' marks the whole picture." : null);
    }

    /// <summary>Checks what can be checked before a mask is made: the recipe, that the files exist, and that the mask's may be written. Writes nothing, and leaves remote pictures alone.</summary>
    /// <exception cref="InpaintException">As <see cref="Save"/>, except for failures that only decoding reveals.</exception>
    public static void Check(MaskRecipe recipe, string path, bool overwrite = false, bool force = false)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentException.ThrowIfNullOrEmpty(path);
        EnsureValid(recipe);
        CheckTarget(recipe.Image, path, overwrite, force);
        foreach (PictureSource source in new[] { recipe.Image, recipe.Mask }.OfType<PictureSource>().Where(source => !source.IsRemote))
        {
            using Stream stream = source.OpenRead();
            _ = Pictures.ReadHeader(stream, source.Name);
        }
    }

    /// <summary>Ensures that a picture's mask may be written to a file.</summary>
    internal static void CheckTarget(PictureSource? image, string path, bool overwrite, bool force)
    {
        EnsureOtherFile(image, path);
        PictureFileWriter.EnsureWritable(path, overwrite, force);
    }

    /// <summary>Makes a mask.</summary>
    internal static Mask Make(MaskRecipe recipe, CancellationToken cancellationToken)
    {
        EnsureValid(recipe);
        Raster? picture = recipe.SelectsPixels ? LocalPictures.Decode(recipe.Image!, cancellationToken) : null;
        Mask mask = CreateInitial(recipe, picture, cancellationToken);
        foreach (MaskShape shape in recipe.Shapes)
        {
            MaskShapes.Add(mask, shape);
        }

        if (recipe.FromAlpha)
        {
            Add(mask, MaskSelection.FromAlpha(picture!, recipe.Image!.Name));
        }

        if (recipe.Color is PixelColor color)
        {
            Add(mask, MaskSelection.FromColor(picture!, color, recipe.Tolerance));
        }

        foreach (MaskPoint point in recipe.From)
        {
            MaskSelection.AddConnected(mask, picture!, point, recipe.Tolerance, recipe.Image!.Name);
        }

        cancellationToken.ThrowIfCancellationRequested();
        mask = recipe.Invert ? MaskMorphology.Invert(mask) : mask;
        mask = recipe.Grow != 0 ? MaskMorphology.Grow(mask, recipe.Grow) : mask;
        mask = recipe.Shrink != 0 ? MaskMorphology.Shrink(mask, recipe.Shrink) : mask;
        return recipe.Feather != 0 ? MaskFeather.Apply(mask, recipe.Feather) : mask;
    }

    /// <summary>The failure for a property of a recipe.</summary>
    internal static InpaintException Invalid(string message, string parameter) => new(InpaintErrorId.InvalidParameter, message) { Parameter = parameter };

    private static void EnsureOtherFile(PictureSource? image, string path)
    {
        if (PathIdentity.WouldReplace(path, image?.FilePath))
        {
            throw Invalid($"'{path}' is the picture itself, which its mask must not replace. Choose another path.", "Path");
        }
    }

    /// <summary>Whether an existing mask is changed. A file that is read by its alpha is a picture with a hole, whose name the mask must not take.</summary>
    private static bool IsChange(MaskRecipe recipe) => recipe.Mask is not null && recipe.Image is null && recipe.MaskMode != MaskMode.Alpha;

    private static void EnsureValid(MaskRecipe recipe)
    {
        if (recipe.Image is null && recipe.Mask is null && recipe.Size is null)
        {
            throw Invalid("The mask has no size. Set Image, Mask, or a Size such as 1024x768.", "Size");
        }

        if (recipe.Size is not null && (recipe.Image is not null || recipe.Mask is not null))
        {
            throw Invalid("Size is for a mask without a picture: Image and Mask have a size of their own.", "Size");
        }

        if (recipe.SelectsPixels && recipe.Image is null)
        {
            throw Invalid($"{(recipe.FromAlpha ? "FromAlpha" : recipe.Color is not null ? "Color" : "From")} selects pixels of a picture, and there is none. Set Image.", "Image");
        }

        if (recipe.Mask is null && !recipe.Draws)
        {
            throw Invalid("The part to repaint is not specified. Add a rectangle, ellipse, polygon, FromAlpha, Color or From; set Mask to change an existing mask.", "Mask");
        }

        if (recipe.Mask is null && recipe.MaskMode != MaskMode.White)
        {
            throw Invalid($"MaskMode {recipe.MaskMode} applies to Mask, which is not set. FromAlpha selects the transparent part of Image, and Invert swaps what is repainted.", "MaskMode");
        }

        if (recipe.Tolerance is < 0 or > 255 || (recipe.Tolerance > 0 && recipe.Color is null && recipe.From.Count == 0))
        {
            throw Invalid($"Tolerance {recipe.Tolerance} is not valid: it takes 0 to 255, and requires Color or From.", "Tolerance");
        }
    }

    private static Mask CreateInitial(MaskRecipe recipe, Raster? picture, CancellationToken cancellationToken)
    {
        (int Width, int Height)? size = SizeOf(recipe, picture);
        if (recipe.Mask is null)
        {
            return new Mask(size!.Value.Width, size.Value.Height);
        }

        Mask mask = MaskReader.FromRaster(LocalPictures.Decode(recipe.Mask, cancellationToken), recipe.Mask.Name, recipe.MaskMode);
        if (size is (int width, int height) && (width != mask.Width || height != mask.Height))
        {
            throw new InpaintException(InpaintErrorId.MaskSizeMismatch, $"{recipe.Mask.Name} is {mask.Width}x{mask.Height}, {recipe.Image!.Name} is {width}x{height}. The mask must have the size of the picture.")
            {
                Parameter = "Mask",
                Subject = recipe.Image.Name,
                RecommendedAction = "Use a mask that was made for this picture, or start without one.",
            };
        }

        return mask;
    }

    private static (int Width, int Height)? SizeOf(MaskRecipe recipe, Raster? picture)
    {
        if (picture is not null)
        {
            return (picture.Width, picture.Height);
        }

        if (recipe.Image is null)
        {
            return recipe.Size is { } size ? CheckedSize(size) : null;
        }

        using Stream stream = LocalPictures.Open(recipe.Image);
        PictureHeader header = Pictures.ReadHeader(stream, recipe.Image.Name);
        PictureLimits.Default.Check(recipe.Image.Name, header.Width, header.Height, bytesPerPixel: 1);
        return (header.Width, header.Height);
    }

    private static (int Width, int Height) CheckedSize(ImageSize size)
    {
        if (size.Width == 0)
        {
            throw Invalid($"Size '{size}' is a provider's name; a mask needs a size in pixels, such as 1024x768.", "Size");
        }

        PictureLimits.Default.Check("The mask", size.Width, size.Height, bytesPerPixel: 1);
        return (size.Width, size.Height);
    }

    /// <summary>Adds to a mask what another one of the same size marks.</summary>
    internal static void Add(Mask mask, Mask other)
    {
        for (int i = 0; i < mask.Coverage.Length; i++)
        {
            mask.Coverage[i] = Math.Max(mask.Coverage[i], other.Coverage[i]);
        }
    }
}

/// <summary>Draws shapes into a mask. A pixel belongs to a shape when its centre does; shapes are clipped to the mask.</summary>
internal static class MaskShapes
{
    /// <summary>Adds a shape.</summary>
    public static void Add(Mask mask, MaskShape shape)
    {
        switch (shape)
        {
            case MaskShape.RectangleShape rectangle:
                AddRectangle(mask, rectangle.Box.In(mask.Width, mask.Height));
                break;
            case MaskShape.EllipseShape ellipse:
                AddEllipse(mask, ellipse.Bounds.In(mask.Width, mask.Height));
                break;
            case MaskShape.PolygonShape polygon:
                AddPolygon(mask, polygon.Corners);
                break;
            default:
                throw new ArgumentException($"A {shape.GetType().Name} cannot be drawn.", nameof(shape));
        }
    }

    /// <summary>Adds a rectangle.</summary>
    public static void AddRectangle(Mask mask, PixelRect rectangle)
    {
        PixelRect visible = rectangle.Intersect(new PixelRect(0, 0, mask.Width, mask.Height));
        for (int y = visible.Y; y < visible.Bottom && !visible.IsEmpty; y++)
        {
            mask.Row(y).Slice(visible.X, visible.Width).Fill(255);
        }
    }

    /// <summary>Adds the ellipse that touches the sides of a rectangle.</summary>
    public static void AddEllipse(Mask mask, PixelRect bounds)
    {
        double radiusX = bounds.Width / 2.0;
        double radiusY = bounds.Height / 2.0;
        double middleX = bounds.X + radiusX;
        double middleY = bounds.Y + radiusY;
        for (int y = Math.Max(0, bounds.Y); y < Math.Min(mask.Height, bounds.Bottom); y++)
        {
            double down = (y + 0.5 - middleY) / radiusY;
            double half = radiusX * Math.Sqrt(Math.Max(0, 1 - (down * down)));
            FillBetween(mask, y, middleX - half, middleX + half);
        }
    }

    /// <summary>Adds a polygon, closed from its last corner to its first; where it overlaps itself, the even-odd rule decides.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="corners">The corners in pixels, 0, 0 being the upper left corner of the upper left pixel; at least three.</param>
    public static void AddPolygon(Mask mask, IReadOnlyList<(double X, double Y)> corners)
    {
        if (corners.Count < 3 || corners.Any(c => !double.IsFinite(c.X) || !double.IsFinite(c.Y)))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"A polygon needs at least three corners with finite coordinates; {corners.Count} were given.") { Parameter = "Polygon" };
        }

        int top = (int)Math.Clamp(Math.Floor(corners.Min(c => c.Y)), 0, mask.Height);
        int bottom = (int)Math.Clamp(Math.Ceiling(corners.Max(c => c.Y)), 0, mask.Height);
        var crossings = new List<double>();
        for (int y = top; y < bottom; y++)
        {
            double middle = y + 0.5;
            crossings.Clear();
            for (int i = 0; i < corners.Count; i++)
            {
                (double fromX, double fromY) = corners[i];
                (double toX, double toY) = corners[(i + 1) % corners.Count];
                if ((fromY <= middle) != (toY <= middle))
                {
                    crossings.Add(fromX + ((middle - fromY) * (toX - fromX) / (toY - fromY)));
                }
            }

            crossings.Sort();
            for (int i = 0; i + 1 < crossings.Count; i += 2)
            {
                FillBetween(mask, y, crossings[i], crossings[i + 1]);
            }
        }
    }

    // Fills the pixels whose centres lie in [from, to).
    private static void FillBetween(Mask mask, int y, double from, double to)
    {
        int first = (int)Math.Clamp(Math.Ceiling(from - 0.5), 0, mask.Width);
        int end = (int)Math.Clamp(Math.Ceiling(to - 0.5), 0, mask.Width);
        if (end > first)
        {
            mask.Row(y)[first..end].Fill(255);
        }
    }
}
