using Inpaint.Files;

namespace Inpaint.Imaging.Masks;

/// <summary>Makes masks: white where a picture is to be repainted, black where it is kept, in the picture's size.</summary>
public static class MaskFactory
{
    private const string Suffix = "_mask";

    /// <summary>The name that a mask gets when none is given: <c>dog_mask.png</c> beside <c>dog.jpg</c>, a mask's own name for one that is only changed.</summary>
    /// <param name="recipe">How the mask is made.</param>
    /// <param name="folder">Where the file goes; null for beside the picture.</param>
    /// <param name="currentFolder">Where it goes when there is no picture file to be beside.</param>
    /// <returns>The full path.</returns>
    public static string PathFor(MaskRecipe recipe, string? folder, string currentFolder)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        PictureSource? beside = recipe.Image ?? recipe.Mask;
        string stem = beside is null ? "mask" : Path.GetFileNameWithoutExtension(beside.Name) + (IsChange(recipe) ? "" : Suffix);
        return Path.GetFullPath(Path.Combine(folder ?? beside?.Folder ?? currentFolder, stem + ".png"));
    }

    /// <summary>Makes a mask and writes it as an 8-bit grayscale picture of the format that its name asks for, whole or not at all.</summary>
    /// <param name="recipe">How.</param>
    /// <param name="path">The file's full path.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="force">Whether one that is read-only may be replaced as well.</param>
    /// <param name="cancellationToken">Ends it; nothing is left behind.</param>
    /// <returns>The file.</returns>
    /// <exception cref="InpaintException">
    /// InvalidParameter: the recipe lacks a size or asks a picture that is not there. ImageNotFound, ImageUnsupported, ImageTooLarge: of picture or mask.
    /// MaskSizeMismatch: picture and mask differ in size. OutputExists, OutputWriteFailed.
    /// </exception>
    public static MaskFile Save(MaskRecipe recipe, string path, bool overwrite = false, bool force = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentException.ThrowIfNullOrEmpty(path);
        DemandElsewhere(recipe.Image, path);
        return Write(Make(recipe, cancellationToken), path, overwrite, force, cancellationToken);
    }

    /// <summary>Writes a mask that is there already, as <see cref="Save"/> does.</summary>
    internal static MaskFile Write(Mask mask, string path, bool overwrite, bool force, CancellationToken cancellationToken)
    {
        PictureFileWriter.Write(path, stream => Pictures.Encode(mask.ToRaster(), PictureFormats.OfName(path), stream, Pictures.LosslessQuality, cancellationToken), overwrite, force, cancellationToken);

        // As it will be read: what is feathered away counts as nothing.
        bool marksNothing = !mask.Coverage.AsSpan().ContainsAnyInRange((byte)128, (byte)255);
        bool marksAll = !mask.Coverage.AsSpan().ContainsAnyInRange((byte)0, (byte)127);
        return new MaskFile(path, marksNothing ? $"'{path}' marks nothing to repaint." : marksAll ? $"'{path}' marks the whole picture." : null);
    }

    /// <summary>Finds what can be found before a mask is made: a recipe that makes none, a picture that is not there, a name that is taken. Writes nothing.</summary>
    /// <param name="recipe">How the mask is to be made.</param>
    /// <param name="path">The file's full path.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <param name="force">Whether one that is read-only may be replaced as well.</param>
    /// <exception cref="InpaintException">As <see cref="Save"/>, but for what only the pixels tell.</exception>
    public static void Check(MaskRecipe recipe, string path, bool overwrite = false, bool force = false)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentException.ThrowIfNullOrEmpty(path);
        Demand(recipe);
        CheckTarget(recipe.Image, path, overwrite, force);
        foreach (PictureSource source in new[] { recipe.Image, recipe.Mask }.OfType<PictureSource>())
        {
            using Stream stream = LocalPictures.Open(source);
            _ = Pictures.ReadHeader(stream, source.Name);
        }
    }

    /// <summary>Whether a file is called as <see cref="PathFor"/> calls the mask of a picture that lies beside it.</summary>
    /// <param name="path">The file's full path; null for what is no file.</param>
    internal static bool IsMaskBesidePicture(string? path)
    {
        string stem = Path.GetFileNameWithoutExtension(path ?? "");
        if (!stem.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase) || Path.GetDirectoryName(path) is not { } folder || !Directory.Exists(folder))
        {
            return false;
        }

        string picture = stem[..^Suffix.Length];
        return Directory.EnumerateFiles(folder).Any(file => string.Equals(Path.GetFileNameWithoutExtension(file), picture, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Refuses a file that a picture's mask must not or cannot be written to.</summary>
    internal static void CheckTarget(PictureSource? image, string path, bool overwrite, bool force)
    {
        DemandElsewhere(image, path);
        PictureFileWriter.DemandFree(path, overwrite, force);
    }

    /// <summary>Makes a mask.</summary>
    internal static Mask Make(MaskRecipe recipe, CancellationToken cancellationToken)
    {
        Demand(recipe);
        Raster? picture = recipe.FromAlpha || recipe.Color is not null ? LocalPictures.Decode(recipe.Image!, cancellationToken) : null;
        Mask mask = Begin(recipe, picture, cancellationToken);
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
            Add(mask, MaskSelection.FromColor(picture!, (color.Red, color.Green, color.Blue), recipe.Tolerance));
        }

        cancellationToken.ThrowIfCancellationRequested();
        mask = recipe.Invert ? MaskMorphology.Invert(mask) : mask;
        mask = recipe.Grow != 0 ? MaskMorphology.Grow(mask, recipe.Grow) : mask;
        mask = recipe.Shrink != 0 ? MaskMorphology.Shrink(mask, recipe.Shrink) : mask;
        return recipe.Feather != 0 ? MaskMorphology.Feather(mask, recipe.Feather) : mask;
    }

    /// <summary>The failure for a value that cannot be used to make a mask.</summary>
    internal static InpaintException Invalid(string message) => new(InpaintErrorId.InvalidParameter, message)
    {
        RecommendedAction = "Correct the value; Get-Help New-InpaintMask -Full shows what it takes, with examples.",
    };

    private static void DemandElsewhere(PictureSource? image, string path)
    {
        if (PathIdentity.WouldReplace(path, image?.FilePath))
        {
            throw Invalid($"'{path}' is the picture itself, which its mask must not replace. Choose another -Path.");
        }
    }

    /// <summary>What is read by its alpha is a picture with a hole, whose name the mask must not take.</summary>
    private static bool IsChange(MaskRecipe recipe) => recipe.Mask is not null && recipe.Image is null && recipe.MaskMode != MaskMode.Alpha;

    private static void Demand(MaskRecipe recipe)
    {
        if (recipe.Image is null && recipe.Mask is null && recipe.Size is null)
        {
            throw Invalid("The mask has no size. Give the picture with -Image, another mask with -Mask, or -Size such as 1024x768.");
        }

        if (recipe.Size is not null && (recipe.Image is not null || recipe.Mask is not null))
        {
            throw Invalid("-Size is for a mask without a picture: -Image and -Mask have a size of their own.");
        }

        if ((recipe.FromAlpha || recipe.Color is not null) && recipe.Image is null)
        {
            throw Invalid($"{(recipe.FromAlpha ? "-FromAlpha" : "-Color")} looks at a picture. Give it with -Image.");
        }

        if (recipe.Mask is null && !recipe.Draws)
        {
            throw Invalid(
                "Nothing says what is to be repainted. Add -Rectangle, -Ellipse, -Polygon, -FromAlpha or -Color; a mask that is to be changed is given with -Mask.");
        }

        if (recipe.Mask is null && recipe.MaskMode != MaskMode.White)
        {
            throw Invalid($"-MaskMode {recipe.MaskMode} says how -Mask is read, and there is none. -FromAlpha takes the transparent part of -Image, and -Invert swaps what is repainted.");
        }

        if (recipe.Tolerance is < 0 or > 255 || (recipe.Tolerance > 0 && recipe.Color is null))
        {
            throw Invalid($"-Tolerance {recipe.Tolerance} cannot be used: it is 0 to 255, and goes with -Color.");
        }
    }

    private static Mask Begin(MaskRecipe recipe, Raster? picture, CancellationToken cancellationToken)
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
                RecommendedAction = "Give a mask that was made for this picture, or begin without -Mask.",
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
            return recipe.Size is null ? null : (recipe.Size.Width, recipe.Size.Height);
        }

        using Stream stream = LocalPictures.Open(recipe.Image);
        PictureHeader header = Pictures.ReadHeader(stream, recipe.Image.Name);
        PictureLimits.Default.Check(recipe.Image.Name, header.Width, header.Height, bytesPerPixel: 1);
        return (header.Width, header.Height);
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
