using System.Collections;
using System.ComponentModel;
using System.Management.Automation;
using System.Text.Json.Nodes;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;
using Inpaint.Planning;

namespace Inpaint;

/// <summary>The base of the commands that request pictures: the parameters of a request, and the job for each input.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RequestCommand : SubmitCommand
{
    private static readonly string[] OfFiles = ["Name", "NoClobber", "Force", "Metadata", "Quality"];

    private PictureOutput? output;

    /// <summary>What the repainted part should not show.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? NegativePrompt { get; set; }

    /// <summary>Number of denoising steps.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(int))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Steps { get; set; }

    /// <summary>Guidance scale.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(double))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public double? GuidanceScale { get; set; }

    /// <summary>The number of pictures to generate.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(int))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Count { get; set; }

    /// <summary>Seed, 64-bit.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(long))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public long? Seed { get; set; }

    /// <summary>The size of the generated picture: a preset or WIDTHxHEIGHT.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(SizeCompleter))]
    public string? Size { get; set; }

    /// <summary>File format of the pictures.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? OutputFormat { get; set; }

    /// <summary>Asks the provider not to run its safety checker.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(SwitchParameter))]
    public SwitchParameter NoSafetyChecker { get; set; }

    /// <summary>LoRAs to apply to the model.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [LoraWeightTransformation]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public LoraWeight[]? Lora { get; set; }

    /// <summary>Acceleration level.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? Acceleration { get; set; }

    /// <summary>Scheduler.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? Scheduler { get; set; }

    /// <summary>The URL to which the provider should post the result.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(Uri))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public Uri? WebhookUri { get; set; }

    /// <summary>Fields that are added to the request's body unchanged.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [FieldsTransformation]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public IDictionary? AdditionalBody { get; set; }

    /// <summary>Requests the pictures inside the response, so that the provider does not store them.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(SwitchParameter))]
    public SwitchParameter InlineResult { get; set; }

    /// <summary>Queue priority.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? Priority { get; set; }

    /// <summary>A file to which every event of the batch is appended as a line of JSON.</summary>
    [Parameter]
    [BlankIsNull(typeof(string))]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>The time in seconds after which the provider gives up if the job has not started.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(int), Minimum = 1, Maximum = TimeLimit.MaximumSeconds)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? StartTimeoutSec { get; set; }

    /// <summary>Creates the request for the current input.</summary>
    private protected abstract InpaintRequest CreateRequest();

    /// <summary>Creates a request with the fields that all operations have.</summary>
    private protected InpaintRequest CommonRequest(InpaintOperation operation, string? prompt) => new()
    {
        Operation = operation,
        Prompt = Given(nameof(InpaintRequest.Prompt), prompt),
        NegativePrompt = Given(nameof(NegativePrompt), NegativePrompt),
        Provider = Given(nameof(Provider), Provider),
        Model = Given(nameof(Model), Model),
        Steps = Given(nameof(Steps), Steps),
        GuidanceScale = Given(nameof(GuidanceScale), GuidanceScale),
        Count = Given(nameof(Count), Count),
        Seed = Given(nameof(Seed), Seed),
        Size = Given(nameof(Size), Size) is string size ? ImageSize.Parse(size) : null,
        OutputFormat = Given(nameof(OutputFormat), OutputFormat),
        SafetyChecker = IsGiven(nameof(NoSafetyChecker)) ? !NoSafetyChecker.IsPresent : null,
        Loras = Given(nameof(Lora), Lora) ?? [],
        Acceleration = Given(nameof(Acceleration), Acceleration),
        Scheduler = Given(nameof(Scheduler), Scheduler),
        WebhookUri = Given(nameof(WebhookUri), WebhookUri),
        Options = ReadOptions(),
        AdditionalBody = (JsonObject?)PSObjectConverter.ToJson(Given(nameof(AdditionalBody), AdditionalBody), nameof(AdditionalBody)),
        InlineResult = Given(nameof(InlineResult), InlineResult.IsPresent),
        Priority = Given(nameof(Priority), Priority),
        StartTimeout = Given(nameof(StartTimeoutSec), StartTimeoutSec) is int seconds ? TimeSpan.FromSeconds(seconds) : null,
        Columns = ReadColumns(),
    };

    /// <summary>Runs the job of an item and writes its output. It runs in the background, when the command's properties may already be those of a later item.</summary>
    /// <returns>The cost; null when it is unknown.</returns>
    private protected virtual async Task<InpaintCost?> SubmitAsync(RequestPlan plan, PaidItem item, IProgress<JobEvent> events, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        Jobs.Planned(plan, plan.EstimatedCost);
        InpaintResult result = await ModuleEngine.Shared.RunAsync(plan, OptionsFor(plan, events) with { Timeout = item.Limit }, cancellationToken).ConfigureAwait(false);
        InpaintResult complete = Complete(result, plan, item);
        Jobs.Finished(complete);
        await WriteAsync(complete, pipeline, cancellationToken).ConfigureAwait(false);
        return result.Cost;
    }

    /// <summary>Writes the output of a job that was made earlier, with the columns of the current row.</summary>
    private protected virtual async Task FollowAsync(InpaintJob job, RequestPlan plan, PaidItem item, IProgress<JobEvent> events, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        Jobs.Attached(plan.SourceName, job);
        InpaintResult result = (await ModuleEngine.Shared.ReceiveAsync(job, wait: true, OptionsFor(job, item.Limit, events), cancellationToken).ConfigureAwait(false))!;
        result = Complete(result, plan, item);
        Jobs.Finished(result);
        await WriteAsync(result, pipeline, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds to a result what only this command knows: the columns of the current row, and the mask that was found for it.</summary>
    private protected static InpaintResult Complete(InpaintResult result, RequestPlan plan, PaidItem item)
    {
        InpaintResult own = result.WithColumns(plan.Request.Columns);
        return item.Mask is { Path: { } path } mask ? own.WithMask(path, mask.Cost) : own;
    }

    /// <summary>Writes a result, or saves its pictures and writes the files.</summary>
    private protected async Task WriteAsync(InpaintResult result, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        if (output is null)
        {
            await pipeline.WriteObjectAsync(result, cancellationToken).ConfigureAwait(false);
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
            await pipeline.WriteErrorAsync(e, result, name: null, cancellationToken).ConfigureAwait(false);
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
                await pipeline.WriteErrorAsync(e, image, name: null, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Makes the command save the pictures of its jobs instead of writing results.</summary>
    /// <param name="path">A folder or a file; null to write the results themselves.</param>
    /// <param name="options">The options for saving.</param>
    private protected void OpenOutput(string? path, SaveOptions options)
    {
        if (path is null && OfFiles.FirstOrDefault(IsNamed) is { } lone)
        {
            _ = OrTerminate<object>(() => throw new InpaintException(InpaintErrorId.InvalidParameter, $"-{lone} requires -OutPath: without it, no files are saved. Nothing was sent.") { Parameter = lone, RecommendedAction = "Add -OutPath with a folder or a file, or save the results with Save-InpaintImage." }, lone);
        }

        output = path is null ? null : OrTerminate(() => new PictureOutput(this, "OutPath", path, options), path);
    }

    private protected override void CompleteOutput()
    {
        foreach (PlacedItem placed in output?.PlaceRest() ?? [])
        {
            Start(placed.Item, (pipeline, cancellationToken) => SaveAsync(placed, pipeline, cancellationToken));
        }

        Drain();
    }

    private protected override void Begin()
    {
        base.Begin();
        OpenLog(LogPath);
    }

    private protected override void ProcessItem() => Begin(CreateRequest, new PaidItem(InputObject ?? (object?)TargetOfInput, NameOfInput, Limit) { Submit = SubmitAsync, Follow = FollowAsync }, CreateMaskStep);

    /// <summary>Processes a request: submits its job, unless the command does something else with it.</summary>
    /// <exception cref="InpaintException">The request cannot be processed.</exception>
    private protected virtual void Begin(InpaintRequest request, PaidItem item)
    {
        output?.EnsureSavable(request);
        Batch.Begin(request, item);
    }

    /// <summary>Processes a plan. The request is planned again, so that nothing is paid for that was not planned.</summary>
    private protected void Begin(InpaintPlan plan)
    {
        PaidItem item = new(plan.Target, plan.Name, IsNamed(nameof(TimeoutSec)) ? Limit : plan.Limit) { Submit = SubmitAsync, Follow = FollowAsync, Fingerprint = plan.Fingerprint };
        Begin(
            () => plan.Failure is { } failure ? throw failure
                : MyInvocation.BoundParameters.Keys.FirstOrDefault(name => IsNamed(name) && IsOfRequest(name)) is { } changed
                    ? throw new InpaintException(InpaintErrorId.InvalidParameter, $"-{changed} would change what was planned. Nothing was sent.") { Parameter = changed, RecommendedAction = $"Specify -{changed} when you make the plan, or leave it out." }
                    : plan.Request!,
            item,
            _ => plan.MaskStep is { } finding ? CreateMaskStep(finding.Request, finding.Grow) : null);
    }

    private void Begin(Func<InpaintRequest> create, PaidItem item, Func<InpaintRequest, MaskStep?> createMaskStep)
    {
        try
        {
            InpaintRequest request = create() with { BringsKey = ApiKey is not null };
            Begin(request, item with { Mask = createMaskStep(request) });
        }
        catch (InpaintException e)
        {
            WriteFailure(e, item.Target, item.Name);
        }
    }

    /// <summary>Creates the step that finds the mask of the current input; null when there is none.</summary>
    private protected virtual MaskStep? CreateMaskStep(InpaintRequest request) => null;

    /// <summary>Creates a step that finds a mask with a job of its own.</summary>
    private protected MaskStep CreateMaskStep(InpaintRequest find, int grow)
    {
        TimeSpan? limit = Limit;
        return new MaskStep(find, grow, async (plan, known, events, cancellationToken) => known is null
            ? await ModuleEngine.Shared.RunAsync(plan, OptionsFor(plan, events) with { Timeout = limit }, cancellationToken).ConfigureAwait(false)
            : (await ModuleEngine.Shared.ReceiveAsync(known, wait: true, OptionsFor(known, limit, events), cancellationToken).ConfigureAwait(false))!);
    }

    // The other parameters concern the batch, not the request.
    private bool IsOfRequest(string parameter) =>
        parameter is nameof(Provider) or nameof(Model) or nameof(Option) or nameof(InpaintRequest.Synchronous)
        || GetType().GetProperty(parameter)?.DeclaringType is { } declared && (declared == typeof(RequestCommand) || declared.IsSubclassOf(typeof(RequestCommand))) && declared.IsAbstract && parameter is not (nameof(InputObject) or nameof(LogPath));

    /// <summary>The current input, when it did not come through the pipeline.</summary>
    private protected abstract string TargetOfInput { get; }

    /// <summary>The name of the current input in messages.</summary>
    private protected abstract string NameOfInput { get; }
}
