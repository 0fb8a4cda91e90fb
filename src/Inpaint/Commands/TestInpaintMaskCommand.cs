using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Tests whether a mask would be accepted, and with Detailed describes it; nothing is sent.</summary>
[Cmdlet(VerbsDiagnostic.Test, "InpaintMask", HelpUri = HelpLinks.Commands + "Test-InpaintMask.md", DefaultParameterSetName = ImageSet)]
[OutputType(typeof(bool), typeof(MaskReport))]
public sealed class TestInpaintMaskCommand : PicturesCommand
{
    /// <summary>The picture.</summary>
    [Parameter(ParameterSetName = ImageSet, Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The picture that the mask is for.")]
    [PictureSourceTransformation]
    public PictureSource? Image { get; set; }

    /// <summary>The mask.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, HelpMessage = "The mask to check.")]
    [PictureSourceTransformation]
    public PictureSource Mask { get; set; } = null!;

    /// <summary>Which part of the mask is repainted.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(MaskMode))]
    public MaskMode? MaskMode { get; set; }

    /// <summary>Scales a mask of another size instead of rejecting it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(SwitchParameter))]
    public SwitchParameter ResizeMask { get; set; }

    /// <summary>The provider whose limits apply; the default one when not given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string? Provider { get; set; }

    /// <summary>Writes a report instead of true or false.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    // Only their order connects the outputs with the inputs.
    private protected override int ConcurrencyLimit => 1;

    private protected override void ProcessItem()
    {
        foreach (PictureSource picture in ReadPictures(nameof(Image), Image))
        {
            InpaintRequest request = new()
            {
                Operation = InpaintOperation.Inpaint,
                Provider = Provider,
                Image = picture,
                Mask = Mask,
                MaskMode = MaskMode ?? Inpaint.MaskMode.White,
                ResizeMask = ResizeMask.IsPresent,
            };
            Start(Mask, (pipeline, cancellationToken) => TestAsync(request, MyInvocation.MyCommand, Detailed.IsPresent, pipeline, cancellationToken));
        }
    }

    private static async Task TestAsync(InpaintRequest request, CommandInfo command, bool detailed, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        MaskReport report = await ModuleEngine.Shared.InspectMaskAsync(request, cancellationToken).ConfigureAwait(false);
        if (report is { ErrorId: { } errorId, Error: { } error })
        {
            InpaintException failure = new(errorId, error) { Parameter = report.Parameter, Subject = report.Subject, RecommendedAction = report.RecommendedAction };
            report = report with { RecommendedAction = ShellAdvice.For(failure, command) };
        }

        if (detailed)
        {
            await pipeline.WriteObjectAsync(report, cancellationToken).ConfigureAwait(false);
            return;
        }

        await pipeline.WriteAsync(
            c =>
            {
                foreach (string warning in report.IsUsable ? report.Warnings : [$"{report.Error} {report.RecommendedAction}"])
                {
                    c.WriteWarning(warning);
                }

                c.WriteObject(report.IsUsable);
            },
            cancellationToken).ConfigureAwait(false);
    }
}
