using System.Globalization;
using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Engine;
using Inpaint.Loading;
using Inpaint.Pipeline;
using Inpaint.Planning;

namespace Inpaint;

/// <summary>Says of each input what would be sent and what it would cost, or why it cannot be sent. Nothing is sent or paid for.</summary>
[Cmdlet(VerbsCommon.Get, "InpaintPlan", HelpUri = HelpLinks.Commands + "Get-InpaintPlan.md", DefaultParameterSetName = ImageSet)]
[OutputType(typeof(InpaintPlan))]
public sealed class GetInpaintPlanCommand : RepaintCommand
{
    private SpendCeiling ceiling = null!;
    private CostTotal total = null!;
    private int failed;

    /// <summary>Asks for the direct answer instead of the queue, where the provider has both.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Cell(typeof(SwitchParameter))]
    public SwitchParameter Synchronous { get; set; }

    // Plans come out in the order of the input, and a large photograph takes much memory while it is looked at.
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
        string provider = ModuleEngine.Shared.Providers.ProviderFor(request).Name;
        Key.Begin(provider, () => Start(item.Target, item.Name, (pipeline, cancellationToken) => PlanAsync(request, provider, item, pipeline, cancellationToken)));
    }

    private protected override Task<InpaintCost?> SubmitAsync(RequestPlan plan, PaidItem item, IProgress<JobEvent> events, CommandPipeline pipeline, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("A plan is not submitted.");

    /// <summary>A row that cannot be requested is a finding like any other.</summary>
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
        if (total.Jobs + failed < 2)
        {
            return;
        }

        string errors = string.Create(CultureInfo.InvariantCulture, $"{failed} cannot be sent, as their Error says");
        string text = failed == 0 ? $"{total}." : total.Jobs == 0 ? $"All {errors}." : $"{total}; {errors}.";
        WriteInformation(new HostInformationMessage { Message = text }, ["PSHOST"]);
    }

    private async Task PlanAsync(InpaintRequest request, string provider, PaidItem item, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        InpaintPlan planned;
        try
        {
            RequestPlan plan = await ModuleEngine.Shared.PlanAsync(request, new RunOptions { ApiKey = Key.For(provider) }, cancellationToken).ConfigureAwait(false);
            planned = await pipeline.AskAsync(_ => Describe(plan, request, item), cancellationToken).ConfigureAwait(false);
        }
        catch (InpaintException e)
        {
            planned = await pipeline.AskAsync(_ => PlanOf(e, item.Target, item.Name), cancellationToken).ConfigureAwait(false);
        }

        await pipeline.WriteObjectAsync(planned, cancellationToken).ConfigureAwait(false);
    }

    private InpaintPlan Describe(RequestPlan plan, InpaintRequest request, PaidItem item)
    {
        if (Resumption?.TryTake(plan, out InpaintJob? known) == true)
        {
            string note = $"The job {known.Id} was made for the same request: with -Resume nothing is paid for again.";
            return new InpaintPlan(item.Target, plan, request, cost: null) { Warnings = new ReadableList<string>([.. plan.Warnings, note]) };
        }

        ceiling.Reserve(plan);
        total.Add(plan);
        Jobs.Planned(plan, ceiling.EstimateOf(plan));
        return new InpaintPlan(item.Target, plan, request, ceiling.EstimateOf(plan));
    }

    private InpaintPlan PlanOf(Exception exception, object? target, string? name)
    {
        failed++;
        Jobs.Failed(exception, target, name);
        ErrorRecord record = ErrorRecords.From(exception, target, name);
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
