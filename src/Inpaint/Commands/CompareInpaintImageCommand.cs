using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Compares two pictures pixel by pixel outside a mask.</summary>
[Cmdlet(VerbsData.Compare, "InpaintImage", SupportsShouldProcess = true)]
[OutputType(typeof(PictureComparison))]
public sealed class CompareInpaintImageCommand : BackgroundCommand
{
    private readonly HashSet<string> written = new(StringComparer.Ordinal);
    private OutputTarget? target;

    /// <summary>The picture to compare with.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [PictureSourceTransformation]
    public PictureSource Reference { get; set; } = null!;

    /// <summary>The picture to compare.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath", "LiteralPath")]
    [PictureSourceTransformation]
    public PictureSource Difference { get; set; } = null!;

    /// <summary>The mask whose repainted part may differ.</summary>
    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    [PictureSourceTransformation]
    public PictureSource? Mask { get; set; }

    /// <summary>Which part of the mask is repainted.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(MaskMode))]
    public MaskMode? MaskMode { get; set; }

    /// <summary>A folder or file for a picture of the differences.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? DifferencePath { get; set; }

    /// <summary>What the differences are multiplied with in their picture.</summary>
    [Parameter]
    [ValidateRange(1, 255)]
    public int Gain { get; set; } = 1;

    /// <summary>Does not replace an existing picture of differences.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Replaces an existing picture of differences even when it is read-only.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    // Reports come out in the order of the pictures; a comparison uses all cores by itself.
    private protected override int ConcurrencyLimit => 1;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        try
        {
            target = DifferencePath is null ? null : OutputTarget.Resolve(SessionState.Path, DifferencePath);
        }
        catch (InpaintException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e, DifferencePath));
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        (PictureSource reference, PictureSource difference, PictureSource? mask, MaskMode mode) = (Reference, Difference, Mask, MaskMode ?? Inpaint.MaskMode.White);
        DifferencePicture? picture = null;
        if (target is not null)
        {
            string path = target.File ?? Path.Combine(target.Folder!, Path.GetFileNameWithoutExtension(difference.Name) + "_difference.png");
            if (!written.Add(path))
            {
                WriteFailure(new InpaintException(InpaintErrorId.OutputExists, $"'{path}' was written for another picture of this command and was not replaced. Give a folder as -DifferencePath."), difference);
                return;
            }

            // Comparing itself changes nothing, so that it is done in any case.
            picture = ShouldProcess(path, "Write a picture of the differences") ? new DifferencePicture(path, Gain, Overwrite: !NoClobber, Force && !NoClobber) : null;
        }

        Start(difference, (pipeline, cancellationToken) =>
            pipeline.WriteObjectAsync(PictureComparer.Compare(reference, difference, mask, mode, picture, cancellationToken), cancellationToken));
    }
}
