using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;
using System.Security;
using Inpaint.Binding;
using Inpaint.Engine;
using Inpaint.Journal;
using Inpaint.Pipeline;
using Inpaint.Planning;

namespace Inpaint;

/// <summary>What all commands share that make jobs: the confirmation of what a job costs, and the throttled batch.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class SubmitCommand : RequestCommand
{
    private readonly HashSet<string> warned = new(StringComparer.Ordinal);
    private BatchProgress batch = null!;
    private SpendCeiling ceiling = null!;

    /// <summary>The key, when it is not the one set with Set-InpaintProvider or found in the environment.</summary>
    [Parameter]
    [SecureStringTransformation]
    public SecureString? ApiKey { get; set; }

    /// <summary>How many jobs may be under way at once.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = 4;

    /// <summary>What all jobs of this command together may cost at most, in US dollars.</summary>
    [Parameter]
    [Cell(typeof(decimal), Minimum = 0, Maximum = int.MaxValue)]
    public decimal? MaximumCost { get; set; }

    /// <summary>What a job counts for that cannot be estimated beforehand, in US dollars.</summary>
    [Parameter]
    [Cell(typeof(decimal), Minimum = 0, Maximum = int.MaxValue)]
    public decimal? AssumedCost { get; set; }

    /// <summary>How often a call that was refused is repeated at most; when not given, room at a busy provider is waited for.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? MaximumRetryCount { get; set; }

    /// <summary>The pause before a call is repeated, in seconds, unless the provider asks for another one.</summary>
    [Parameter]
    [ValidateRange(1, TimeLimit.MaximumSeconds)]
    public int? RetryIntervalSec { get; set; }

    /// <summary>Attaches to a job that was made for the same request before, instead of paying for another.</summary>
    [Parameter]
    public SwitchParameter Resume { get; set; }

    private protected override int ConcurrencyLimit => ThrottleLimit;

    /// <summary>The key, and whose it is.</summary>
    private protected CommandKey Key { get; private set; } = null!;

    /// <summary>The jobs to attach to; null when every request is to be paid for.</summary>
    private protected JobResumption? Resumption { get; private set; }

    /// <summary>How often calls are repeated; null for the usual way.</summary>
    private protected RetryLimits? Retry => MaximumRetryCount is null && RetryIntervalSec is null
        ? null
        : new RetryLimits(MaximumRetryCount, RetryIntervalSec is int seconds ? TimeSpan.FromSeconds(seconds) : null);

    /// <summary>How long the present item's job may take; null for no limit.</summary>
    private protected virtual TimeSpan? Limit => null;

    /// <summary>Makes the job, and writes what it brings. Goes on in the background, where the parameters are those of a later item already.</summary>
    /// <returns>What it cost, in US dollars.</returns>
    private protected abstract Task<InpaintCost?> SubmitAsync(RequestPlan plan, TimeSpan? limit, IProgress<JobEvent> events, CommandPipeline pipeline, CancellationToken cancellationToken);

    /// <summary>Brings what a job brings that was made before, under the columns of the present row.</summary>
    private protected virtual async Task FollowAsync(InpaintJob job, RequestPlan plan, TimeSpan? limit, IProgress<JobEvent> events, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        InpaintResult result = (await InpaintEngine.Shared.ReceiveAsync(job, wait: true, limit, events, Key.For(job.Provider), cancellationToken).ConfigureAwait(false))!;
        await pipeline.WriteObjectAsync(result.WithColumns(plan.Request.Columns), cancellationToken).ConfigureAwait(false);
    }

    private protected override void Begin()
    {
        Key = TakeKey(ApiKey, IsNamed(nameof(Provider)) ? Provider : null);
        ceiling = new SpendCeiling(MaximumCost, AssumedCost);
        batch = new BatchProgress(MyInvocation.MyCommand.Name, ceiling);
        Resumption = Resume ? InpaintEngine.Shared.FindResumable(WriteWarning) : null;
    }

    private protected override void ProcessItem()
    {
        object? target = InputObject ?? (object?)TargetOfInput;
        string name = NameOfInput;
        try
        {
            InpaintRequest request = CreateRequest() with { BringsKey = ApiKey is not null };
            Item item = new(target, name, Limit);
            string provider = InpaintEngine.Shared.Providers.Choose(request).Provider.Name;
            Key.Begin(provider, () => StartItem(request, provider, item));
        }
        catch (InpaintException e)
        {
            WriteFailure(e, target, name);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        SettleKey(Key);
        base.EndProcessing();
    }

    /// <summary>The present input, when it did not come through the pipeline.</summary>
    private protected abstract string TargetOfInput { get; }

    /// <summary>What the present input is called in messages.</summary>
    private protected abstract string NameOfInput { get; }

    private void StartItem(InpaintRequest request, string provider, Item item)
    {
        TaskCompletionSource decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Start(item.Target, item.Name, (pipeline, cancellationToken) => RunItemAsync(request, provider, item, decided, pipeline, cancellationToken));

        // A command before this one may take long to bring the next item, and nothing is asked or written meanwhile: this item is on its way by then.
        WriteUntil(decided.Task);
    }

    /// <summary>
    /// Items are planned one after the other, because a large photograph takes much memory while it is looked at, and because questions are asked, money is set aside and
    /// jobs are begun in the order of the input. Those that are under way go on meanwhile, and their results come out.
    /// </summary>
    private async Task RunItemAsync(InpaintRequest request, string provider, Item item, TaskCompletionSource decided, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        Func<Task>? work;
        try
        {
            RequestPlan plan = await InpaintEngine.Shared.PlanAsync(request, Key.For(provider), cancellationToken).ConfigureAwait(false);
            work = await pipeline.AskAsync(_ => Decide(plan, item.Limit, pipeline, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (InpaintException e)
        {
            // Out before the next item is decided on, which -ErrorAction Stop may keep from being paid for.
            await pipeline.WriteErrorAsync(ErrorRecords.From(e, item.Target, item.Name), cancellationToken).ConfigureAwait(false);
            return;
        }
        finally
        {
            decided.SetResult();
            pipeline.Post(_ => { });
        }

        if (work is not null)
        {
            await work().ConfigureAwait(false);
        }
    }

    /// <summary>Decides on the pipeline's thread what becomes of a planned item.</summary>
    /// <returns>The work to be done; null for none.</returns>
    private Func<Task>? Decide(RequestPlan plan, TimeSpan? limit, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        foreach (string warning in plan.Warnings)
        {
            WarnOnce(warning);
        }

        foreach (string note in plan.Notes)
        {
            WriteVerbose(note);
        }

        if (Resumption?.TryTake(plan, out InpaintJob? known) == true)
        {
            return ShouldProcess(TargetOf(plan), $"Attach to the job {known.Id}, which was made for the same request") ? () => AttachAsync(known, plan, limit, pipeline, cancellationToken) : null;
        }

        InpaintJob? uncertain = null;
        bool isAnew = Resumption?.TryFindUncertain(plan, out uncertain) == true;
        if (isAnew)
        {
            WarnOnce($"{plan.SourceName}: {plan.Provider.Name} never answered an earlier submit of the same request ({uncertain!.JournalId}), so there is no job to attach to. It is submitted anew, and may be paid for twice.");
        }

        if (!ShouldProcess(TargetOf(plan), ActionOf(plan) + (isAnew ? "; an earlier submit of the same request was never answered and may have been taken" : "")))
        {
            return null;
        }

        ceiling.Reserve(plan);
        return () => MakeAsync(plan, limit, pipeline, cancellationToken);
    }

    private static string TargetOf(RequestPlan plan) =>
        plan.Capabilities.IsPaid ? $"{plan.SourceName} -> {plan.Provider.Name} {plan.Model}" : $"{plan.SourceName} -> {plan.Provider.Name}";

    private string ActionOf(RequestPlan plan)
    {
        string pictures = plan.Count == 1 ? "1 image" : string.Create(CultureInfo.InvariantCulture, $"{plan.Count} images");
        string size = plan.Megapixels is double megapixels
            ? string.Create(CultureInfo.InvariantCulture, $" of {(megapixels < 0.01 ? "less than 0.01" : megapixels.ToString("0.00", CultureInfo.InvariantCulture))} megapixels{(plan.Count == 1 ? "" : " each")}")
            : "";
        if (plan.CroppedFrom is PictureHeader whole)
        {
            size += string.Create(CultureInfo.InvariantCulture, $", cropped from {whole.Megapixels:0.00}");
        }

        if (!plan.Capabilities.IsPaid)
        {
            return $"Run a job: {pictures}{size}";
        }

        return $"Submit a paid job: {pictures}{size}, {CostOf(plan)}";
    }

    private string CostOf(RequestPlan plan)
    {
        if (plan.EstimatedCost is not InpaintCost estimate)
        {
            string unknown = plan.Capabilities.Price is { IsKnownBeforehand: false } price ? $"at {price}, how many is not known beforehand" : "at a price not known beforehand";
            return AssumedCost is decimal assumed ? $"{unknown}; {new InpaintCost(assumed)} is assumed" : unknown;
        }

        string source = estimate.PriceStatedAt is { } stated ? $" by {plan.Provider.Name}'s price of {stated.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}" : "";
        return $"about {estimate}{source}{(estimate.Saved is decimal saved ? $" (saves {estimate with { Amount = saved }})" : "")}";
    }

    // What concerns the provider and not the picture would otherwise be said once for each picture of a batch.
    private void WarnOnce(string warning)
    {
        if (warned.Add(warning))
        {
            WriteWarning(warning);
        }
    }

    private async Task AttachAsync(InpaintJob job, RequestPlan plan, TimeSpan? limit, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        batch.Begin(pipeline);
        using JobProgress progress = new(pipeline, plan.SourceName, plan.Provider.Name, batch);
        try
        {
            await FollowAsync(job, plan, limit, progress, pipeline, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            batch.End(pipeline);
        }
    }

    private async Task MakeAsync(RequestPlan plan, TimeSpan? limit, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        batch.Begin(pipeline);
        using JobProgress progress = new(pipeline, plan.SourceName, plan.Provider.Name, batch);
        InpaintCost? cost = ceiling.EstimateOf(plan);
        try
        {
            cost = await SubmitAsync(plan, limit, progress, pipeline, cancellationToken).ConfigureAwait(false) ?? cost;
        }
        catch (InpaintException e) when (e.Job is null)
        {
            // The provider has never had it.
            cost = null;
            throw;
        }
        finally
        {
            ceiling.Settle(plan, cost?.Amount ?? 0);
            batch.End(pipeline);
        }
    }

    /// <summary>An input.</summary>
    /// <param name="Target">What its errors are about.</param>
    /// <param name="Name">What it is called in messages.</param>
    /// <param name="Limit">How long its job may take; null for no limit.</param>
    private sealed record Item(object? Target, string Name, TimeSpan? Limit);
}
