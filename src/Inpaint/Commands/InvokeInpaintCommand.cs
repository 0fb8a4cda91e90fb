using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;
using Inpaint.Planning;

namespace Inpaint;

/// <summary>Repaints the masked part of pictures and waits for the results; writes results, or the files to which they are saved, as they finish.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "Inpaint", HelpUri = HelpLinks.Commands + "Invoke-Inpaint.md", DefaultParameterSetName = ImageSet, SupportsShouldProcess = true)]
[OutputType(typeof(InpaintResult), typeof(FileInfo))]
public sealed class InvokeInpaintCommand : RepaintCommand
{
    private PictureOutput? output;

    /// <summary>Requests a direct response instead of the queue, where the provider has both.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(SwitchParameter))]
    public SwitchParameter Synchronous { get; set; }

    /// <summary>A folder or a file name for the pictures.</summary>
    [Parameter]
    [BlankIsNull(typeof(string))]
    [ValidateNotNullOrEmpty]
    public string? OutPath { get; set; }

    /// <summary>The template for file names in a folder, as in Save-InpaintImage.</summary>
    [Parameter]
    [BlankIsNull(typeof(string))]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NameTemplateCompleter))]
    public string? Name { get; set; }

    /// <summary>Reports an error instead of replacing an existing file.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Replaces existing files, even read-only ones and the originals of the pictures.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Where the prompt and other details of the job are recorded.</summary>
    [Parameter]
    public MetadataMode Metadata { get; set; }

    private protected override void Begin()
    {
        if (OutPath is null && new[] { nameof(Name), nameof(NoClobber), nameof(Force), nameof(Metadata) }.FirstOrDefault(IsNamed) is { } lone)
        {
            _ = OrTerminate<object>(() => throw new InpaintException(InpaintErrorId.InvalidParameter, $"-{lone} requires -OutPath: without it, no files are saved. Nothing was sent.") { Parameter = lone, RecommendedAction = "Add -OutPath with a folder or a file, or save the results with Save-InpaintImage." }, lone);
        }

        SaveOptions options = new() { NameTemplate = Name, NoClobber = NoClobber.IsPresent, Force = Force.IsPresent, Metadata = Metadata };
        output = OutPath is null ? null : OrTerminate(() => new PictureOutput(this, nameof(OutPath), OutPath, options), OutPath);
        base.Begin();
    }

    private protected override void CompleteOutput()
    {
        foreach (PlacedItem placed in output?.PlaceRest() ?? [])
        {
            Start(placed.Item, (pipeline, cancellationToken) => SaveAsync(placed, pipeline, cancellationToken));
        }

        Drain();
    }

    private protected override InpaintRequest CreateRequest() => base.CreateRequest() with { Synchronous = Given(nameof(Synchronous), Synchronous.IsPresent) };

    private protected override void Begin(InpaintRequest request, PaidItem item)
    {
        output?.EnsureSavable(request);
        base.Begin(request, item);
    }

    private protected override async Task<InpaintCost?> SubmitAsync(RequestPlan plan, PaidItem item, IProgress<JobEvent> events, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        Jobs.Planned(plan, plan.EstimatedCost);
        InpaintResult result = await ModuleEngine.Shared.RunAsync(plan, OptionsFor(plan, events) with { Timeout = item.Limit }, cancellationToken).ConfigureAwait(false);
        InpaintResult complete = Complete(result, plan, item);
        Jobs.Finished(complete);
        await WriteAsync(complete, pipeline, cancellationToken).ConfigureAwait(false);
        return result.Cost;
    }

    /// <summary>Writes a result; or saves its pictures and writes the files.</summary>
    private protected override async Task WriteAsync(InpaintResult result, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        if (output is null)
        {
            await base.WriteAsync(result, pipeline, cancellationToken).ConfigureAwait(false);
            return;
        }

        PlacedItem[] places = [];
        try
        {
            places = await pipeline.AskAsync(_ => output.Place(result, output.TargetOf(result)).ToArray(), cancellationToken).ConfigureAwait(false);
        }
        catch (InpaintException e)
        {
            Jobs.Failed(e, result, name: null);
            await pipeline.WriteErrorAsync(ErrorRecords.From(e, result), cancellationToken).ConfigureAwait(false);
        }

        foreach (PlacedItem placed in places)
        {
            await SaveAsync(placed, pipeline, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Saves the pictures of a result. A picture that cannot be saved is an error of its own: the others are saved, and the cost of the job still counts.</summary>
    private async Task SaveAsync(PlacedItem placed, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        InpaintResult result = (InpaintResult)placed.Item;
        foreach (InpaintImage image in result.Images)
        {
            try
            {
                await output!.SaveAsync(output.Place(image, placed.Options), result, Task.CompletedTask, pipeline, cancellationToken).ConfigureAwait(false);
            }
            catch (InpaintException e)
            {
                Jobs.Failed(e, image, name: null);
                await pipeline.WriteErrorAsync(ErrorRecords.From(e, image), cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
