using System.ComponentModel;
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
    private PaidBatch batch = null!;

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
        Resumption = Resume ? InpaintEngine.Shared.FindResumable(WriteWarning) : null;
        batch = new PaidBatch(this, Key, Resumption, MaximumCost, AssumedCost);
    }

    private protected override void ProcessItem()
    {
        PaidItem item = new(InputObject ?? (object?)TargetOfInput, NameOfInput, Limit) { Submit = SubmitAsync, Follow = FollowAsync };
        try
        {
            batch.Begin(CreateRequest() with { BringsKey = ApiKey is not null }, item);
        }
        catch (InpaintException e)
        {
            WriteFailure(e, item.Target, item.Name);
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
}
