using System.ComponentModel;
using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;

namespace Inpaint;

/// <summary>What the two commands share that repaint a picture.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RepaintCommand : SubmitCommand
{
    private (PSObject Item, PictureSource Picture)? passedOver;
    private bool hasPicture;

    /// <summary>The picture: a path, file, address, data URI, bytes, or an earlier result.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Path", "FullName", "PSPath", "LiteralPath")]
    [PictureSourceTransformation]
    public PictureSource Image { get; set; } = null!;

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

    /// <summary>The picture of the present item: that which a mask was made for, where <c>New-InpaintMask</c> pipes one in.</summary>
    private PictureSource Picture => PictureOf(nameof(Image), Image);

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

    private protected override string? PictureName => Picture.Name;

    private protected override string TargetOfInput => Picture.ToString();

    private protected override string NameOfInput => Picture.Name;

    private protected override void ProcessItem()
    {
        if (InputObject is not null && !IsNamed(nameof(Image)) && IsNamed(nameof(Mask)) && MaskMode != Inpaint.MaskMode.Alpha && IsMask(Picture))
        {
            passedOver = (InputObject, Picture);
            TellPassedOver();
            return;
        }

        hasPicture = true;
        TellPassedOver();
        if (InputObject is not null && !IsNamed(nameof(Image)) && ModuleEngine.Shared.IsMaskOfPictureBeside(Picture.FilePath) && Mask.FilePath is { } mask && !File.Exists(mask))
        {
            WriteWarning($"{Picture.Name} lies beside the picture whose mask it is by its name, and is passed over. To repaint it, give it with -Image.");
            return;
        }

        base.ProcessItem();
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (passedOver is (PSObject item, PictureSource picture))
        {
            InpaintException failure = new(InpaintErrorId.InvalidParameter, $"The mask {Mask.Name} is the picture {picture.Name} itself. Nothing was sent.") { Parameter = nameof(Mask) };
            WriteFailure(failure, item);
        }

        base.EndProcessing();
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
