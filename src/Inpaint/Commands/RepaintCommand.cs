using System.Management.Automation;
using Inpaint.Binding;

namespace Inpaint;

/// <summary>What the two commands share that repaint a picture.</summary>
public abstract class RepaintCommand : SubmitCommand
{
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
    [Parameter]
    public SwitchParameter ResizeMask { get; set; }

    /// <summary>Puts the result back into the original, so that nothing changes outside the mask.</summary>
    [Parameter]
    public SwitchParameter KeepUnmasked { get; set; }

    /// <summary>Sends only the surroundings of the mask, and puts the result back into the original.</summary>
    [Parameter]
    public SwitchParameter CropToMask { get; set; }

    /// <summary>How much of the picture is sent on every side of what the mask marks, in pixels.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(int))]
    public int? Padding { get; set; }

    /// <summary>How far inside the mask the original fades into what was repainted, in pixels.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(int))]
    public int? Feather { get; set; }

    private protected override InpaintRequest CreateRequest() => CommonRequest(InpaintOperation.Inpaint, Prompt) with
    {
        Image = Image,
        Mask = Mask,
        Strength = Strength,
        MaskMode = MaskMode ?? Inpaint.MaskMode.White,
        ResizeMask = ResizeMask.IsPresent,
        KeepUnmasked = KeepUnmasked.IsPresent,
        CropToMask = CropToMask.IsPresent,
        Padding = Padding,
        Feather = Feather,
    };

    private protected override string NameOfInput() => Image.ToString();
}
