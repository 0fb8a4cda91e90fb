using System.Collections.Concurrent;
using System.Management.Automation;
using System.Security;
using Inpaint.Binding;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Saves the pictures of results and jobs to files, each whole or not at all.</summary>
[Cmdlet(VerbsData.Save, "InpaintImage", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class SaveInpaintImageCommand : BackgroundCommand
{
    private readonly ConcurrentDictionary<int, int> picturesOfPosition = new();
    private SaveOptions options = null!;

    /// <summary>Results, pictures or jobs; jobs are waited for.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [SavableTransformation]
    public object[] InputObject { get; set; } = null!;

    /// <summary>A folder, or a file's name; the present location when not given. What has no extension and is no file is a folder.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [Alias("LiteralPath", "PSPath", "Destination")]
    public string? Path { get; set; }

    /// <summary>The files' name without extension: {Source} {Operation} {Seed} {Index} {Id} {Provider} {Model} {Date}.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Makes an existing file an error.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Replaces existing files, read-only ones too.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>What is written about the pictures' making.</summary>
    [Parameter]
    public MetadataMode Metadata { get; set; }

    /// <summary>How many pictures may be fetched at once.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = 4;

    /// <summary>Longest time to wait for a job, in seconds; 0 for no limit.</summary>
    [Parameter]
    [ValidateRange(0, TimeLimit.MaximumSeconds)]
    public int TimeoutSec { get; set; }

    /// <summary>The key for jobs that are waited for, when it is not the one set or found in the environment.</summary>
    [Parameter]
    [SecureStringTransformation]
    public SecureString? ApiKey { get; set; }

    private protected override int ConcurrencyLimit => ThrottleLimit;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        string given = Path ?? ".";
        OutputTarget target;
        try
        {
            target = OutputTarget.Resolve(SessionState.Path, given);
        }
        catch (InpaintException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e, given));
            return;
        }

        options = new SaveOptions
        {
            Folder = target.Folder,
            FilePath = target.File,
            NameTemplate = Name,
            NoClobber = NoClobber.IsPresent,
            Force = Force.IsPresent,
            Metadata = Metadata,
        };
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (object item in InputObject)
        {
            string target = options.FilePath ?? options.Folder!;
            switch (item)
            {
                case InpaintImage image when ShouldProcess(target, $"Save picture {image.Url}"):
                    SaveAll([image]);
                    break;
                case InpaintResult result when ShouldProcess(target, $"Save {result.Images.Count} picture(s) of job {result.Job.Id}"):
                    SaveAll(result.Images);
                    break;
                case InpaintJob job when ShouldProcess(target, $"Save the pictures of job {job.Id}"):
                    Start(job, (pipeline, cancellationToken) => ReceiveAndSaveAsync(job, pipeline, cancellationToken));
                    break;
                default:
                    break;
            }
        }
    }

    private async Task ReceiveAndSaveAsync(InpaintJob job, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        using JobProgress progress = new(pipeline, JobProgress.NameOf(job), job.Provider);
        InpaintResult? result = await InpaintEngine.Shared
            .ReceiveAsync(job, wait: true, TimeLimit.FromSeconds(TimeoutSec), progress, ApiKey, cancellationToken).ConfigureAwait(false);
        foreach (InpaintImage image in result?.Images ?? [])
        {
            await SaveAsync(image, PlaceFor(image), Task.CompletedTask, pipeline, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Saves the pictures of one result side by side. Their files come out in the order of the pictures.</summary>
    private void SaveAll(IReadOnlyList<InpaintImage> images)
    {
        Task before = Task.CompletedTask;
        foreach (InpaintImage image in images)
        {
            Task previous = before;
            Place place = PlaceFor(image);
            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            before = done.Task;
            Start(image, async (pipeline, cancellationToken) =>
            {
                try
                {
                    await SaveAsync(image, place, previous, pipeline, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    done.SetResult();
                }
            });
        }
    }

    /// <summary>A file that was named is meant for one result. What another one brings was paid for as well, and gets a name of its own.</summary>
    private Place PlaceFor(InpaintImage image)
    {
        int position = image.Origin.Count > 1 ? image.Index : -1;
        if (options.FilePath is not { } path || picturesOfPosition.AddOrUpdate(position, 1, (_, number) => number + 1) is not (> 1 and int number))
        {
            return new Place(options, Warning: null);
        }

        // Not as the pictures of one result are numbered, whose names it must not take.
        string numbered = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, $"{System.IO.Path.GetFileNameWithoutExtension(path)}_{number}{System.IO.Path.GetExtension(path)}");
        return new Place(
            options with { FilePath = numbered, NoClobber = !options.Force },
            $"'{path}' is the picture of another result of this command, so that this one goes to '{numbered}'. Give a folder as -Path to name each file after its source.");
    }

    private static async Task SaveAsync(InpaintImage image, Place place, Task previous, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        SavedImage saved = await InpaintEngine.Shared.SaveAsync(image, place.Options, cancellationToken).ConfigureAwait(false);
        await previous.WaitAsync(cancellationToken).ConfigureAwait(false);
        await pipeline.WriteAsync(
            command =>
            {
                foreach (string said in new[] { place.Warning, saved.Warning }.OfType<string>())
                {
                    command.WriteWarning(said);
                }

                // As Get-Item gives it, with the properties that the next command in the line binds by.
                command.WriteObject(command.InvokeProvider.Item.Get([saved.Path], force: true, literalPath: true), enumerateCollection: true);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Where a picture goes.</summary>
    private sealed record Place(SaveOptions Options, string? Warning);
}
