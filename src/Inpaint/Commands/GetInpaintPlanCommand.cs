using System.Globalization;
using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Engine;
using Inpaint.Loading;
using Inpaint.Pipeline;
using Inpaint.Planning;

namespace Inpaint;

/// <summary>Reports for each input what would be sent and what it would cost, or why it cannot be sent. Nothing is sent or paid for.</summary>
[Cmdlet(VerbsCommon.Get, "InpaintPlan", HelpUri = HelpLinks.Commands + "Get-InpaintPlan.md", DefaultParameterSetName = ImageSet)]
[OutputType(typeof(InpaintPlan))]
public sealed class GetInpaintPlanCommand : RepaintCommand
{
    private SpendCeiling ceiling = null!;
    private CostTotal total = null!;
    private int failed;

    /// <summary>Requests a direct response instead of the queue, where the provider has both.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(SwitchParameter))]
    public SwitchParameter Synchronous { get; set; }

    // Plans are written in the order of the input, and a large photograph takes much memory while it is inspected.
    private protected override int ConcurrencyLimit => 1;

    private protected override void Begin()
    {
        base.Begin();
        ceiling = new SpendCeiling(MaximumCost, AssumedCost);
        total = new CostTotal(ceiling);
    }

    private protected override InpaintRequest CreateRequest() => base.CreateRequest() with { Synchronous = Given(nameof(Synchronous), Synchronous.IsPresent) };

    private protected override void Begin(InpaintRequest request, PaidItem item)
    {
        void Begin() => Start(item.Target, item.Name, (pipeline, cancellationToken) => PlanAsync(request, item, pipeline, cancellationToken));
        string provider = ProviderOf(request);
        Key.Begin(item.Mask is null ? provider : ProviderOf(item.Mask.Request), item.Mask is null ? Begin : () => Key.Begin(provider, Begin));
    }

    private protected override Task<InpaintCost?> SubmitAsync(RequestPlan plan, PaidItem item, IProgress<JobEvent> events, CommandPipeline pipeline, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("A plan is not submitted.");

    /// <summary>A row that cannot be requested becomes a plan with an error.</summary>
    internal override void WriteFailure(Exception exception, object? target, string? name = null)
    {
        if (target is null || exception is not InpaintException)
        {
            base.WriteFailure(exception, target, name);
            return;
        }

        Drain();
        WriteObject(PlanOf(exception, target, name));
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        base.EndProcessing();
        if (total.Items + failed < 2)
        {
            return;
        }

        string errors = string.Create(CultureInfo.InvariantCulture, $"{failed} cannot be sent; see their Error");
        string text = failed == 0 ? $"{total}." : total.Jobs == 0 ? $"All {errors}." : $"{total}; {errors}.";
        WriteInformation(new HostInformationMessage { Message = text }, ["PSHOST"]);
    }

    private static string ProviderOf(InpaintRequest request) => ModuleEngine.Shared.Providers.ProviderFor(request).Name;

    private Task<RequestPlan> PlanAsync(InpaintRequest request, CancellationToken cancellationToken) =>
        ModuleEngine.Shared.PlanAsync(request, new RunOptions { ApiKey = Key.For(ProviderOf(request)) }, cancellationToken);

    private async Task PlanAsync(InpaintRequest request, PaidItem item, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        InpaintPlan planned;
        try
        {
            RequestPlan plan = await PlanAsync(request, cancellationToken).ConfigureAwait(false);
            RequestPlan? first = item.Mask is null ? null : await PlanAsync(item.Mask.Request with { Image = plan.Request.Image }, cancellationToken).ConfigureAwait(false);
            planned = await pipeline.AskAsync(_ => first is null ? Describe(plan, request, item) : DescribeBoth(first, plan, request, item), cancellationToken).ConfigureAwait(false);
        }
        catch (InpaintException e)
        {
            planned = await pipeline.AskAsync(_ => PlanOf(e, item.Target, item.Name), cancellationToken).ConfigureAwait(false);
        }

        await pipeline.WriteObjectAsync(planned, cancellationToken).ConfigureAwait(false);
    }

    private InpaintPlan Describe(RequestPlan plan, InpaintRequest request, PaidItem item, RequestPlan? first = null)
    {
        if (Resumption?.TryTake(plan, out InpaintJob? known) == true)
        {
            string note = $"The job {known.Id} was submitted for the same request: with -Resume, it is not paid for again.";
            return new InpaintPlan(item.Target, plan, request, cost: null) { Warnings = new ReadableList<string>([.. plan.Warnings, note]) };
        }

        ceiling.Reserve(plan);
        total.Add(plan, first);
        Jobs.Planned(plan, ceiling.EstimateOf(plan));
        return new InpaintPlan(item.Target, plan, request, ceiling.EstimateOf(plan)) { Limit = item.Limit };
    }

    /// <summary>Describes a job whose mask is found by another job first; the cost is that of both.</summary>
    private InpaintPlan DescribeBoth(RequestPlan first, RequestPlan plan, InpaintRequest request, PaidItem item)
    {
        bool isKnown = Resumption?.TryTake(first, out _) == true;
        if (!isKnown)
        {
            ceiling.Reserve(first);
        }

        InpaintPlan second = Describe(plan, request, item, isKnown ? null : first);
        InpaintCost? finding = isKnown ? null : ceiling.EstimateOf(first);
        InpaintCost? both = finding is null ? second.Cost : second.Cost is null ? finding : second.Cost with { Amount = second.Cost.Amount + finding.Amount };
        return new InpaintPlan(item.Target, plan, request, both) { MaskStep = item.Mask, Limit = item.Limit, Warnings = new ReadableList<string>([.. first.Warnings, .. second.Warnings]) };
    }

    private InpaintPlan PlanOf(Exception exception, object? target, string? name)
    {
        failed++;
        Jobs.Failed(exception, target, name);
        ErrorRecord record = ErrorRecords.From(this, exception, target, name);
        InpaintException failure = (InpaintException)record.Exception;
        return new InpaintPlan(target, name ?? NameOfPicture(nameof(Image)) ?? "")
        {
            Provider = failure.Provider,
            Error = failure.Message,
            ErrorId = failure.ErrorId,
            RecommendedAction = record.ErrorDetails.RecommendedAction,
            Failure = failure,
        };
    }
}
