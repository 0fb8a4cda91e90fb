using System.ComponentModel;
using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>The base of the commands that repaint pictures, or plan to.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RepaintCommand : RequestCommand
{
    private (object Item, PictureSource Picture)? skipped;
    private PictureSource? picture;
    private bool hasPicture;

    /// <summary>The picture: a path, file, URL, data URI, bytes, or an earlier result.</summary>
    [Parameter(ParameterSetName = ImageSet, Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The picture to repaint.")]
    [PictureSourceTransformation]
    public PictureSource? Image { get; set; }

    /// <summary>Paths of pictures, which may contain wildcards.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true, HelpMessage = "Paths of the pictures. Wildcards are accepted.")]
    [BlankIsNull(typeof(string[]))]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>Literal paths of pictures.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Literal paths of the pictures.")]
    [Alias("PSPath")]
    public string[]? LiteralPath { get; set; }

    /// <summary>Pictures, or rows with a column that names them.</summary>
    [Parameter(ParameterSetName = ImageSet, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = LiteralPathSet, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = InputObjectSet, Mandatory = true, ValueFromPipeline = true, HelpMessage = "Pictures, or rows that name them.")]
    public override PSObject? InputObject
    {
        get => base.InputObject;
        set => base.InputObject = value;
    }

    /// <summary>The mask, in any of the same forms; when nothing else says what is repainted, the file next to the picture with the name of its mask.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [PictureSourceTransformation(IsOptional = true)]
    public PictureSource? Mask { get; set; }

    /// <summary>What the repainted part should show.</summary>
    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? Prompt { get; set; }

    /// <summary>How much the masked part may change, 0 to 1.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(double))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public double? Strength { get; set; }

    /// <summary>Which part of the mask is repainted.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(MaskMode))]
    public MaskMode? MaskMode { get; set; }

    /// <summary>Rectangles to repaint, each x,y,width,height.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string[]))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string[]? Rectangle { get; set; }

    /// <summary>Ellipses to repaint, each given by its bounding rectangle.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string[]))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string[]? Ellipse { get; set; }

    /// <summary>A colour to repaint wherever it occurs in the picture.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(ColorCompleter))]
    public string? Color { get; set; }

    /// <summary>The maximum difference of each channel from the colour.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(int), Minimum = 0, Maximum = 255)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Tolerance { get; set; }

    /// <summary>The number of pixels by which the repainted area grows.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(int), Minimum = 0, Maximum = 10000)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Grow { get; set; }

    /// <summary>A description of the object to repaint, which a provider finds first.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? MaskPrompt { get; set; }

    /// <summary>The provider that finds it; when not given, the one that repaints it, if it can.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string? MaskProvider { get; set; }

    /// <summary>The provider's id of the model that finds it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? MaskModel { get; set; }

    /// <summary>Scales a mask of another size instead of refusing it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(SwitchParameter))]
    public SwitchParameter ResizeMask { get; set; }

    /// <summary>Composites the result into the original, so that nothing changes outside the mask.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(SwitchParameter))]
    public SwitchParameter KeepUnmasked { get; set; }

    /// <summary>Sends only the mask's surroundings, and composites the result into the original.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(SwitchParameter))]
    public SwitchParameter CropToMask { get; set; }

    /// <summary>The margin around the mask that is sent, in pixels.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(int))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Padding { get; set; }

    /// <summary>The width of the blend from the original into the repainted picture, inside the mask, in pixels.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(int))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Feather { get; set; }

    private PictureSource Picture => picture!;

    // The picture is one of a listing, and was not named by itself.
    private bool IsListed => Path is not null || (InputObject is not null && !IsNamed(nameof(Image)));

    /// <summary>Whether a provider finds the mask first.</summary>
    private bool IsMaskFound => !string.IsNullOrWhiteSpace(MaskPrompt);

    private bool Draws => Rectangle is { Length: > 0 } || Ellipse is { Length: > 0 } || Color is not null;

    private protected override InpaintRequest CreateRequest()
    {
        if (IsMaskFound && (Mask is not null || Draws || Tolerance is not null))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, "MaskPrompt cannot be combined with a mask, a shape or a colour. Nothing was sent.") { Parameter = "MaskPrompt", RecommendedAction = "Leave one of them out." };
        }

        PictureSource? mask = Mask ?? (Draws || IsMaskFound ? null : FindMask());
        MaskMode mode = Given(nameof(MaskMode), MaskMode) ?? Inpaint.MaskMode.White;
        return CommonRequest(InpaintOperation.Inpaint, Prompt) with
        {
            Image = Picture,
            Mask = mask,
            MaskRecipe = IsMaskFound ? MaskRecipe.ToBeFound : Draws || Grow is not null || Tolerance is not null ? ReadRecipe(mask, mode) : null,
            Strength = Given(nameof(Strength), Strength),
            MaskMode = mode,
            ResizeMask = Given(nameof(ResizeMask), ResizeMask.IsPresent),
            KeepUnmasked = Given(nameof(KeepUnmasked), KeepUnmasked.IsPresent),
            CropToMask = Given(nameof(CropToMask), CropToMask.IsPresent),
            Padding = Given(nameof(Padding), Padding),
            Feather = Given(nameof(Feather), Feather),
        };
    }

    private protected override MaskStep? CreateMaskStep(InpaintRequest request)
    {
        if (!IsMaskFound)
        {
            return (MaskProvider ?? MaskModel) is null ? null : throw new InpaintException(InpaintErrorId.InvalidParameter, "MaskProvider and MaskModel require MaskPrompt, which is not specified. Nothing was sent.")
            {
                Parameter = nameof(MaskPrompt),
                RecommendedAction = "Add -MaskPrompt, or leave them out.",
            };
        }

        InpaintProvider own = ModuleEngine.Shared.Providers.ProviderFor(request);
        InpaintRequest find = new()
        {
            Operation = InpaintOperation.Segment,
            Image = request.Image,
            Prompt = MaskPrompt,
            Provider = MaskProvider ?? (own.CapabilitiesFor(InpaintOperation.Segment) is null ? null : own.Name),
            Model = MaskModel,
            BringsKey = request.BringsKey,
            Columns = request.Columns,
        };
        return CreateMaskStep(find, Grow ?? 0);
    }

    private MaskRecipe ReadRecipe(PictureSource? mask, MaskMode mode) => new()
    {
        Mask = mask,
        MaskMode = mode,
        Shapes = [.. MaskShape.ParseRectangles(Rectangle ?? []), .. MaskShape.ParseEllipses(Ellipse ?? [])],
        Color = Color is null ? null : PixelColor.Parse(Color),
        Tolerance = Tolerance ?? 0,
        Grow = Grow ?? 0,
    };

    private PictureSource FindMask()
    {
        PictureSource found = ModuleEngine.Shared.FindMask(Picture);
        WriteVerbose($"The mask of {Picture.Name} is {found.FilePath}.");
        return found;
    }

    private protected override string? PictureName => picture?.Name ?? NameOfPicture(nameof(Image));

    private protected override string TargetOfInput => Picture.ToString();

    private protected override string NameOfInput => Picture.Name;

    private protected override void ProcessItem()
    {
        if (InputObject?.BaseObject is InpaintPlan plan)
        {
            Begin(plan);
            return;
        }

        foreach (PictureSource found in ReadPictures(nameof(Image), Image, Path, LiteralPath))
        {
            picture = found;
            ProcessPicture();
        }

        picture = null;
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (skipped is (object item, PictureSource mask))
        {
            WriteFailure(new InpaintException(InpaintErrorId.InvalidParameter, $"The mask {Mask!.Name} is the picture {mask.Name} itself. Nothing was sent.") { Parameter = nameof(Mask) }, item);
        }

        base.EndProcessing();
    }

    private void ProcessPicture()
    {
        if (IsListed && IsNamed(nameof(Mask)) && MaskMode != Inpaint.MaskMode.Alpha && IsMask(Picture))
        {
            skipped = (InputObject ?? (object)Picture.ToString(), Picture);
            ReportSkippedMask();
            return;
        }

        // A listing of a folder includes the masks that are found by name.
        bool isFound = Mask is null && !Draws && !IsMaskFound && (Path is not null || InputObject?.BaseObject is FileSystemInfo or string);
        if (isFound && IsListed && ModuleEngine.Shared.IsMaskOfPictureBeside(Picture.FilePath))
        {
            WriteVerbose($"{Picture.Name} has the name of another picture's mask, and is skipped.");
            return;
        }

        hasPicture = true;
        ReportSkippedMask();
        if (IsListed && ModuleEngine.Shared.IsMaskOfPictureBeside(Picture.FilePath) && Mask?.FilePath is { } mask && !File.Exists(mask))
        {
            WriteWarning($"{Picture.Name} has the name of another picture's mask, and is skipped. To repaint it, specify it with -Image.");
            return;
        }

        base.ProcessItem();
    }

    /// <summary>Reports skipped masks: a listing includes them, but a mask that is the only picture is a mistake.</summary>
    private void ReportSkippedMask()
    {
        if (skipped is not null && hasPicture)
        {
            WriteWarning($"{Mask!.Name} is the mask, and is skipped among the pictures.");
            skipped = null;
        }
    }

    private bool IsMask(PictureSource picture)
    {
        try
        {
            return ModuleEngine.Shared.AreSame(picture, Mask!);
        }
        catch (InpaintException)
        {
            // The plan reports what cannot be read.
            return false;
        }
    }
}
