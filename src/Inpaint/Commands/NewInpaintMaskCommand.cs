using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Imaging.Masks;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Makes a mask of shapes, transparency, a colour or another mask, and writes it as a picture.</summary>
[Cmdlet(VerbsCommon.New, "InpaintMask", HelpUri = HelpLinks.Commands + "New-InpaintMask.md", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class NewInpaintMaskCommand : RowCommand
{
    private readonly HashSet<string> written = new(StringComparer.Ordinal);
    private OutputTarget target = null!;

    /// <summary>The picture that the mask is for.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath", "LiteralPath")]
    [PictureSourceTransformation(IsOptional = true)]
    public PictureSource? Image { get; set; }

    /// <summary>The mask to begin with.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [PictureSourceTransformation(IsOptional = true)]
    public PictureSource? Mask { get; set; }

    /// <summary>Which part of the mask to begin with is repainted.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(MaskMode))]
    public MaskMode? MaskMode { get; set; }

    /// <summary>The size of a mask without a picture.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(string))]
    [ArgumentCompleter(typeof(SizeCompleter))]
    public string? Size { get; set; }

    /// <summary>Rectangles, each x,y,width,height.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(string[]))]
    public string[]? Rectangle { get; set; }

    /// <summary>Ellipses, each by the rectangle around it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(string[]))]
    public string[]? Ellipse { get; set; }

    /// <summary>Polygons, each x1,y1 x2,y2 x3,y3; numbers alone are one polygon.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(string[]))]
    public string[]? Polygon { get; set; }

    /// <summary>Repaints what is transparent in the picture.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(SwitchParameter))]
    public SwitchParameter FromAlpha { get; set; }

    /// <summary>Repaints what has this colour in the picture.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(string))]
    public string? Color { get; set; }

    /// <summary>How far each channel may be off the colour.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(int), Minimum = 0, Maximum = 255)]
    public int? Tolerance { get; set; }

    /// <summary>Repaints what would be kept, and the other way round.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(SwitchParameter))]
    public SwitchParameter Invert { get; set; }

    /// <summary>Pixels to add all around.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(int), Minimum = 0, Maximum = 10000)]
    public int? Grow { get; set; }

    /// <summary>Pixels to take away all around.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(int), Minimum = 0, Maximum = 10000)]
    public int? Shrink { get; set; }

    /// <summary>Pixels to soften the edges by.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(int), Minimum = 0, Maximum = 10000)]
    public int? Feather { get; set; }

    /// <summary>A folder, or the file's name; beside the picture when not given.</summary>
    [Parameter]
    [Cell(typeof(string))]
    [ValidateNotNullOrEmpty]
    [Alias("Destination")]
    public string? Path { get; set; }

    /// <summary>Makes an existing file an error even when it was named with Path.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Replaces existing files, read-only ones too.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    // Files come out in the order of the pictures; a mask uses all cores by itself.
    private protected override int ConcurrencyLimit => 1;

    private protected override void Begin() => target = ResolveOutput(Path);

    private protected override void ProcessItem()
    {
        MaskRecipe recipe;
        string path;
        bool overwrite;
        bool force = Force && !NoClobber;
        try
        {
            recipe = ReadRecipe();
            path = target.File ?? MaskFactory.PathFor(recipe, target.Folder, SessionState.Path.CurrentFileSystemLocation.ProviderPath);

            // What the command before this one has just made is carried on, not kept.
            overwrite = !NoClobber && (target.File is not null || (IsCarriedOn && path == Mask?.FilePath));
            target.DemandNew(path, written, nameof(Path));
            MaskFactory.Check(recipe, path, overwrite, force);
        }
        catch (InpaintException e)
        {
            WriteFailure(e, Image ?? Mask);
            return;
        }

        written.Add(path);
        if (!ShouldProcess(path, "Write a mask"))
        {
            return;
        }

        PictureSource? madeFor = recipe.Image ?? NotedPicture(nameof(Image));
        Start(Image ?? Mask, (pipeline, cancellationToken) => SaveAsync(recipe, path, madeFor, overwrite, force, pipeline, cancellationToken));
    }

    private bool IsCarriedOn => !IsNamed(nameof(Mask)) && InputObject?.TypeNames.Any(name => name.EndsWith(MaskOutput.MadeHere, StringComparison.Ordinal)) == true;

    private static Task SaveAsync(MaskRecipe recipe, string path, PictureSource? madeFor, bool overwrite, bool force, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        MaskFile saved = MaskFactory.Save(recipe, path, overwrite, force, cancellationToken);
        return pipeline.WriteAsync(
            command =>
            {
                if (saved.Warning is not null)
                {
                    command.WriteWarning(saved.Warning);
                }

                MaskOutput.Write(command, saved.Path, madeFor);
            },
            cancellationToken);
    }

    private MaskRecipe ReadRecipe() => new()
    {
        // A mask that is carried on is no picture to look at, unless one is named beside it.
        Image = IsCarriedOn && Image?.FilePath == Mask?.FilePath ? null : Image,
        Mask = Mask,
        MaskMode = Given(nameof(MaskMode), MaskMode) ?? Inpaint.MaskMode.White,
        Size = Given(nameof(Size), Size) is string size ? SizeCompleter.Parse(size) : null,
        Shapes = [.. MaskShape.ParseRectangles(Rectangle ?? []), .. MaskShape.ParseEllipses(Ellipse ?? []), .. MaskShape.ParsePolygons(Polygon ?? [])],
        FromAlpha = Given(nameof(FromAlpha), FromAlpha.IsPresent),
        Color = Given(nameof(Color), Color) is string color ? PixelColor.Parse(color) : null,
        Tolerance = Given(nameof(Tolerance), Tolerance) ?? 0,
        Invert = Given(nameof(Invert), Invert.IsPresent),
        Grow = Given(nameof(Grow), Grow) ?? 0,
        Shrink = Given(nameof(Shrink), Shrink) ?? 0,
        Feather = Given(nameof(Feather), Feather) ?? 0,
    };
}
