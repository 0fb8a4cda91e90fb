using System.Management.Automation;
using System.Security;
using Inpaint.Binding;
using Inpaint.Engine;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Saves the pictures of results and jobs to files, each complete or not at all.</summary>
[Cmdlet(VerbsData.Save, "InpaintImage", HelpUri = HelpLinks.Commands + "Save-InpaintImage.md", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo), typeof(InpaintImage))]
public sealed class SaveInpaintImageCommand : BackgroundCommand
{
    private CommandKey key = null!;
    private PictureOutput output = null!;

    /// <summary>Results, pictures or jobs; it waits for jobs.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, HelpMessage = "Results, pictures, or jobs. The command waits for jobs.")]
    [SavableTransformation]
    public object[] InputObject { get; set; } = null!;

    /// <summary>A folder or a file name; when not given, the OutPath column of the job's row, or the current location.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [Alias("LiteralPath", "Destination", "OutPath")]
    public string? Path { get; set; }

    /// <summary>The template for file names in a folder: {Source} {Operation} {Seed} {Index} {Id} {Provider} {Model} {Date}, and the columns of the job's row.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NameTemplateCompleter))]
    public string? Name { get; set; }

    /// <summary>Reports an error instead of replacing an existing file.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Replaces existing files, even read-only ones and the originals of the pictures.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the pictures, with their new paths, instead of the files.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Quality of a JPEG, WebP or AVIF, 1 to 100.</summary>
    [Parameter]
    [ValidateRange(1, 100)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Quality { get; set; }

    /// <summary>Where the prompt and other details of the job are recorded.</summary>
    [Parameter]
    public MetadataMode Metadata { get; set; }

    /// <summary>The maximum number of simultaneous downloads.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int ThrottleLimit { get; set; } = 4;

    /// <summary>The maximum time to wait for a job, in seconds; 0 for no limit.</summary>
    [Parameter]
    [ValidateRange(0, TimeLimit.MaximumSeconds)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int TimeoutSec { get; set; }

    /// <summary>The key for unfinished jobs, when not the one that is set or found in the environment.</summary>
    [Parameter]
    [SecureStringTransformation]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public SecureString? ApiKey { get; set; }

    private protected override int ConcurrencyLimit => ThrottleLimit;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        key = TakeKey(ApiKey, provider: null);

        // Mistakes on the command line are reported before upstream commands pay for anything.
        output = OrTerminate(() => new PictureOutput(this, nameof(Path), Path, ReadOptions()) { PassThru = PassThru.IsPresent }, Path ?? Name);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (object given in InputObject)
        {
            SaveItem(given);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        foreach (PlacedItem placed in output.PlaceRest())
        {
            Save(placed);
        }

        SettleKey(key);
        base.EndProcessing();
    }

    private SaveOptions ReadOptions() => new() { NameTemplate = Name, NoClobber = NoClobber.IsPresent, Force = Force.IsPresent, Metadata = Metadata, Quality = Quality };

    private void SaveItem(object given)
    {
        output.Options = ReadOptions();
        try
        {
            object item = given is InpaintJob job ? JobCommand.Complete(job, job.Provider) : given;
            OutputTarget target = output.TargetOf(item, Path);
            if (ShouldProcess(target.File ?? target.Folder!, ItemToSave.Of(item).Action))
            {
                foreach (PlacedItem placed in output.Place(item, target))
                {
                    Save(placed);
                }
            }
        }
        catch (InpaintException e)
        {
            WriteFailure(e, given is InpaintJob { Provider.Length: 0 } unknown ? unknown.Id : given);
        }
    }

    private void Save(PlacedItem placed)
    {
        switch (placed.Item)
        {
            case InpaintImage image:
                SaveAll([image], result: null, placed.Options);
                break;
            case InpaintResult result:
                SaveAll(result.Images, result, placed.Options);
                break;
            default:
                InpaintJob job = (InpaintJob)placed.Item;
                key.Begin(job.Provider, () => Start(job, (pipeline, cancellationToken) => ReceiveAndSaveAsync(job, placed.Options, pipeline, cancellationToken)));
                break;
        }
    }

    private async Task ReceiveAndSaveAsync(InpaintJob job, SaveOptions options, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        using JobProgress progress = new(pipeline, job);
        InpaintResult? result = await ModuleEngine.Shared
            .ReceiveAsync(job, wait: true, new RunOptions { Timeout = TimeLimit.FromSeconds(TimeoutSec), Events = Jobs.Watch(ItemName.Of(job)!, progress, isOwn: false), ApiKey = key.For(job.Provider) }, cancellationToken).ConfigureAwait(false);
        foreach (InpaintImage image in result?.Images ?? [])
        {
            await output.SaveAsync(output.Place(image, options), result, Task.CompletedTask, pipeline, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Saves the pictures of one result in parallel. The files are written in the order of the pictures.</summary>
    private void SaveAll(IReadOnlyList<InpaintImage> images, InpaintResult? result, SaveOptions options)
    {
        Task before = Task.CompletedTask;
        foreach (InpaintImage image in images)
        {
            Task previous = before;
            PlacedPicture placed = output.Place(image, options);
            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            before = done.Task;
            Start(image, async (pipeline, cancellationToken) =>
            {
                try
                {
                    await output.SaveAsync(placed, result, previous, pipeline, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    done.SetResult();
                }
            });
        }
    }
}
