using System.ComponentModel;
using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;

namespace Inpaint;

/// <summary>What the two commands share that repaint a picture.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RepaintCommand : RequestCommand
{
    private (object Item, PictureSource Picture)? passedOver;
    private PictureSource? picture;
    private bool hasPicture;

    /// <summary>The picture: a path, file, address, data URI, bytes, or an earlier result.</summary>
    [Parameter(ParameterSetName = ImageSet, Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [PictureSourceTransformation]
    public PictureSource? Image { get; set; }

    /// <summary>Pictures as paths with wildcards.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true)]
    [Cell(typeof(string[]))]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>Pictures as paths that are taken as they are.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath")]
    public string[]? LiteralPath { get; set; }

    /// <summary>Pictures, or rows that name them in a column.</summary>
    [Parameter(ParameterSetName = ImageSet, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = LiteralPathSet, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = InputObjectSet, Mandatory = true, ValueFromPipeline = true)]
    public override PSObject? InputObject
    {
        get => base.InputObject;
        set => base.InputObject = value;
    }

    /// <summary>The mask, in any of the same forms.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [PictureSourceTransformation]
    public PictureSource Mask { get; set; } = null!;

    /// <summary>What the repainted part shall show.</summary>
    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(string))]
    public string? Prompt { get; set; }

    /// <summary>How much the masked part may change, 0 to 1.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(double))]
    public double? Strength { get; set; }

    /// <summary>Which part of the mask is repainted.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(MaskMode))]
    public MaskMode? MaskMode { get; set; }

    /// <summary>Scales a mask of another size instead of refusing it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(SwitchParameter))]
    public SwitchParameter ResizeMask { get; set; }

    /// <summary>Puts the result back into the original, so that nothing changes outside the mask.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(SwitchParameter))]
    public SwitchParameter KeepUnmasked { get; set; }

    /// <summary>Sends only the surroundings of the mask, and puts the result back into the original.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(SwitchParameter))]
    public SwitchParameter CropToMask { get; set; }

    /// <summary>How much of the picture is sent on every side of what the mask marks, in pixels.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(int))]
    public int? Padding { get; set; }

    /// <summary>How far inside the mask the original fades into what was repainted, in pixels.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(int))]
    public int? Feather { get; set; }

    private PictureSource Picture => picture!;

    // One of several, which were not named one by one.
    private bool IsListed => Path is not null || (InputObject is not null && !IsNamed(nameof(Image)));

    private protected override InpaintRequest CreateRequest() => CommonRequest(InpaintOperation.Inpaint, Prompt) with
    {
        Image = Picture,
        Mask = Mask,
        Strength = Given(nameof(Strength), Strength),
        MaskMode = Given(nameof(MaskMode), MaskMode) ?? Inpaint.MaskMode.White,
        ResizeMask = Given(nameof(ResizeMask), ResizeMask.IsPresent),
        KeepUnmasked = Given(nameof(KeepUnmasked), KeepUnmasked.IsPresent),
        CropToMask = Given(nameof(CropToMask), CropToMask.IsPresent),
        Padding = Given(nameof(Padding), Padding),
        Feather = Given(nameof(Feather), Feather),
    };

    private protected override string? PictureName => picture?.Name ?? NameOfPicture(nameof(Image));

    private protected override string TargetOfInput => Picture.ToString();

    private protected override string NameOfInput => Picture.Name;

    private protected override void ProcessItem()
    {
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
        if (passedOver is (object item, PictureSource mask))
        {
            WriteFailure(new InpaintException(InpaintErrorId.InvalidParameter, $"The mask {Mask.Name} is the picture {mask.Name} itself. Nothing was sent.") { Parameter = nameof(Mask) }, item);
        }

        base.EndProcessing();
    }

    private void ProcessPicture()
    {
        if (IsListed && IsNamed(nameof(Mask)) && MaskMode != Inpaint.MaskMode.Alpha && IsMask(Picture))
        {
            passedOver = (InputObject ?? (object)Picture.ToString(), Picture);
            TellPassedOver();
            return;
        }

        hasPicture = true;
        TellPassedOver();
        if (IsListed && ModuleEngine.Shared.IsMaskOfPictureBeside(Picture.FilePath) && Mask.FilePath is { } mask && !File.Exists(mask))
        {
            WriteWarning($"{Picture.Name} lies beside the picture whose mask it is by its name, and is passed over. To repaint it, give it with -Image.");
            return;
        }

        base.ProcessItem();
    }

    /// <summary>A listing holds its mask as well; a mask that is the only picture is a mistake.</summary>
    private void TellPassedOver()
    {
        if (passedOver is not null && hasPicture)
        {
            WriteWarning($"{Mask.Name} is the mask, and is passed over among the pictures.");
            passedOver = null;
        }
    }

    private bool IsMask(PictureSource picture)
    {
        try
        {
            return ModuleEngine.Shared.AreSame(picture, Mask);
        }
        catch (InpaintException)
        {
            // What cannot be read is told by the plan.
            return false;
        }
    }
}
