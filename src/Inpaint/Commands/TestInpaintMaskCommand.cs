using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Engine;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Says whether a job would be made with a mask, and with Detailed what the mask holds; nothing is sent.</summary>
[Cmdlet(VerbsDiagnostic.Test, "InpaintMask", HelpUri = HelpLinks.Commands + "Test-InpaintMask.md")]
[OutputType(typeof(bool), typeof(MaskReport))]
public sealed class TestInpaintMaskCommand : RowCommand
{
    /// <summary>The picture.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Path", "FullName", "PSPath", "LiteralPath")]
    [PictureSourceTransformation]
    public PictureSource Image { get; set; } = null!;

    /// <summary>The mask.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [PictureSourceTransformation]
    public PictureSource Mask { get; set; } = null!;

    /// <summary>Which part of the mask is repainted.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(MaskMode))]
    public MaskMode? MaskMode { get; set; }

    /// <summary>Scales a mask of another size instead of finding fault with it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(SwitchParameter))]
    public SwitchParameter ResizeMask { get; set; }

    /// <summary>Whose limits the pictures are held against; the default provider's when not given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(string))]
    [ArgumentCompleter(typeof(ProviderCompleter))]
    public string? Provider { get; set; }

    /// <summary>Gives a report instead of true or false.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    // Several answers can only be told apart by their order.
    private protected override int ConcurrencyLimit => 1;

    private protected override void ProcessItem()
    {
        InpaintRequest request = new()
        {
            Operation = InpaintOperation.Inpaint,
            Provider = Provider,
            Image = PictureOf(nameof(Image), Image),
            Mask = Mask,
            MaskMode = MaskMode ?? Inpaint.MaskMode.White,
            ResizeMask = ResizeMask.IsPresent,
        };
        Start(Mask, (pipeline, cancellationToken) => TestAsync(request, Detailed.IsPresent, pipeline, cancellationToken));
    }

    private static Task TestAsync(InpaintRequest request, bool detailed, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        MaskReport report = InpaintEngine.Shared.InspectMask(request, cancellationToken);
        if (report is { ErrorId: { } errorId, Error: { } error })
        {
            InpaintException failure = new(errorId, error) { Parameter = report.Parameter, Subject = report.Subject, RecommendedAction = report.RecommendedAction };
            report = report with { RecommendedAction = ShellAdvice.For(failure) };
        }

        if (detailed)
        {
            return pipeline.WriteObjectAsync(report, cancellationToken);
        }

        return pipeline.WriteAsync(
            command =>
            {
                foreach (string warning in report.IsUsable ? report.Warnings : [$"{report.Error} {report.RecommendedAction}"])
                {
                    command.WriteWarning(warning);
                }

                command.WriteObject(report.IsUsable);
            },
            cancellationToken);
    }
}
