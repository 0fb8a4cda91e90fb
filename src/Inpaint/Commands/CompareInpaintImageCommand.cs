using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Compares two pictures pixel by pixel outside a mask.</summary>
[Cmdlet(VerbsData.Compare, "InpaintImage", HelpUri = HelpLinks.Commands + "Compare-InpaintImage.md", DefaultParameterSetName = ImageSet, SupportsShouldProcess = true)]
[OutputType(typeof(PictureComparison))]
public sealed class CompareInpaintImageCommand : PicturesCommand
{
    private readonly HashSet<string> written = new(StringComparer.Ordinal);
    private OutputTarget? target;

    /// <summary>The picture to compare with.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The picture to compare with.")]
    [PictureSourceTransformation]
    public PictureSource Reference { get; set; } = null!;

    /// <summary>The picture to compare.</summary>
    [Parameter(ParameterSetName = ImageSet, Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, HelpMessage = "The picture to compare.")]
    [PictureSourceTransformation]
    public PictureSource? Difference { get; set; }

    /// <summary>The mask whose repainted part may differ.</summary>
    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    [PictureSourceTransformation(IsOptional = true)]
    public PictureSource? Mask { get; set; }

    /// <summary>Which part of the mask is repainted.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(MaskMode))]
    public MaskMode? MaskMode { get; set; }

    /// <summary>A folder or file for a picture of the differences.</summary>
    [Parameter]
    [BlankIsNull(typeof(string))]
    [ValidateNotNullOrEmpty]
    public string? DifferencePath { get; set; }

    /// <summary>The factor by which differences are multiplied in their picture.</summary>
    [Parameter]
    [ValidateRange(1, 255)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int Gain { get; set; } = 1;

    /// <summary>Does not replace an existing picture of differences.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Replaces an existing picture of differences even when it is read-only.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    // Reports are written in the order of the pictures; one comparison uses all cores.
    private protected override int ConcurrencyLimit => 1;

    private protected override void Begin()
    {
        if (DifferencePath is null && MyInvocation.BoundParameters.ContainsKey(nameof(Gain)))
        {
            WriteWarning("-Gain has no effect without -DifferencePath.");
        }

        target = DifferencePath is null ? null : ResolveOutput(DifferencePath);
    }

    private protected override void ProcessItem()
    {
        (PictureSource reference, PictureSource? mask, MaskMode mode) = (Reference, Mask, MaskMode ?? Inpaint.MaskMode.White);
        foreach (PictureSource difference in ReadPictures(nameof(Difference), Difference))
        {
            // The figures are useful even when no picture can be written.
            DifferencePicture? picture = target is null ? null : Try(() => PictureFor(target, reference, difference, mask), difference);
            Start(difference, (pipeline, cancellationToken) => CompareAsync(reference, difference, mask, mode, picture, pipeline, cancellationToken));
        }
    }

    private static async Task CompareAsync(
        PictureSource reference,
        PictureSource difference,
        PictureSource? mask,
        MaskMode mode,
        DifferencePicture? picture,
        CommandPipeline pipeline,
        CancellationToken cancellationToken)
    {
        PictureComparison found;
        try
        {
            found = await ModuleEngine.Shared.CompareAsync(reference, difference, mask, mode, picture, cancellationToken).ConfigureAwait(false);
        }
        catch (InpaintException e) when (picture is not null && e.ErrorId is InpaintErrorId.OutputExists or InpaintErrorId.OutputWriteFailed)
        {
            await pipeline.WriteErrorAsync(e, difference, name: null, cancellationToken).ConfigureAwait(false);
            found = await ModuleEngine.Shared.CompareAsync(reference, difference, mask, mode, picture: null, cancellationToken).ConfigureAwait(false);
        }

        await pipeline.WriteAsync(
            command =>
            {
                if (found.KeptPixels == 0)
                {
                    command.WriteWarning($"{mask} marks the whole picture, so there is nothing to compare.");
                }

                command.WriteObject(found);
            },
            cancellationToken).ConfigureAwait(false);
    }

    private DifferencePicture? PictureFor(OutputTarget where, PictureSource reference, PictureSource difference, PictureSource? mask)
    {
        string path = where.File ?? System.IO.Path.Combine(where.Folder!, System.IO.Path.GetFileNameWithoutExtension(difference.Name) + "_difference.png");
        DifferencePicture picture = new(path, Gain, Overwrite: !NoClobber, Force && !NoClobber);
        where.EnsureNew(path, written, nameof(DifferencePath));
        ModuleEngine.Shared.CheckComparison(picture, reference, difference, mask);
        written.Add(path);

        // The comparison changes nothing, so it is not subject to ShouldProcess.
        return ShouldProcess(path, "Write a difference picture") ? picture : null;
    }
}
