using System.Globalization;
using System.Management.Automation;
using Inpaint.Engine;
using Inpaint.Journal;
using Inpaint.Loading;
using Inpaint.Planning;

namespace Inpaint.Pipeline;

/// <summary>The jobs of one command: each is planned, confirmed with its cost, checked against the ceiling and run, several at a time.</summary>
/// <param name="command">The command.</param>
/// <param name="key">The key, and the provider that it belongs to.</param>
/// <param name="resumption">The jobs to attach to; null when every request is paid for.</param>
/// <param name="maximum">The maximum cost of all jobs, in US dollars; null for no ceiling.</param>
/// <param name="assumed">The cost that is assumed for a job that cannot be estimated, in US dollars; null for none.</param>
internal sealed class PaidBatch(BackgroundCommand command, CommandKey key, JobResumption? resumption, decimal? maximum, decimal? assumed)
{
    private readonly ReadAhead input = new(command, TimeProvider.System);
    private readonly HashSet<string> warned = new(StringComparer.Ordinal);
    private readonly SpendCeiling ceiling = new(maximum, assumed);
    private CostTotal? notSent;
    private bool isConnected;

    // The command's name is known only when it runs.
    private BatchProgress Progress => field ??= new BatchProgress(command.MyInvocation.MyCommand.Name, command.CommandPipeline, ceiling, TimeProvider.System);

    private bool IsWhatIf => LanguagePrimitives.IsTrue(command.Preference("WhatIf", "WhatIfPreference"));

    private bool MayAsk =>
        command.MyInvocation.BoundParameters.TryGetValue("Confirm", out object? given) ? LanguagePrimitives.IsTrue(given) : LanguagePrimitives.ConvertTo<ConfirmImpact>(command.GetVariableValue("ConfirmPreference", ConfirmImpact.High)) is ConfirmImpact.Low or ConfirmImpact.Medium;

    /// <summary>How many items were read and not begun.</summary>
    public int ItemsNotBegun => input.NotBegun;

    /// <summary>The default for the number of simultaneous jobs at the current item's provider.</summary>
    public int JobsAtOnce { get; private set; } = 1;

    /// <summary>Starts an item as soon as the owner of the key is known and there is room.</summary>
    /// <exception cref="InpaintException">There is no such provider, none can be chosen, or the key belongs to another.</exception>
    public void Begin(InpaintRequest request, PaidItem item)
    {
        input.Arrive();
        InpaintProvider chosen = ModuleEngine.Shared.Providers.ProviderFor(request);
        JobsAtOnce = ModuleEngine.Shared.Providers.JobsAtOnce(chosen);
        string provider = chosen.Name;
        void Enqueue()
        {
            Progress.AddItem();
            input.Add(() => StartItem(request, item));
        }

        key.Begin(item.Mask is null ? provider : ProviderOf(item.Mask.Request), item.Mask is null ? Enqueue : () => key.Begin(provider, Enqueue));

        // Pictures in memory are not read ahead, because they would accumulate.
        input.Begin(mayWait: request.Image is null or { FilePath: not null } or { IsRemote: true });
    }

    /// <summary>Starts the items that were read ahead. Called when the input has ended.</summary>
    public void Complete()
    {
        Progress.CompleteInput();
        input.Complete();
    }

    private static string ProviderOf(InpaintRequest request) => ModuleEngine.Shared.Providers.ProviderFor(request).Name;

    /// <summary>Counts an item that is refused before it could be begun, and writes its error when the items before it have begun.</summary>
    /// <param name="item">Its name; null where it has none.</param>
    /// <param name="write">Writes the error.</param>
    public void Refuse(string? item, Action write)
    {
        Progress.AddItem();
        void RefuseNow()
        {
            Progress.Refuse(command, item, isQuiet: IsWhatIf);
            write();
        }

        input.InOrder(RefuseNow);
    }

    /// <summary>Says what became of all items, when they are done.</summary>
    public void End()
    {
        BatchTotal total = Progress.Total;
        if (IsWhatIf)
        {
            SayWhatWouldBe(total.Refused);
            return;
        }

        Progress.Summarize(command);
        if (total.Items > 0)
        {
            command.Jobs.Log?.Ended(total);
        }
    }

    private void SayWhatWouldBe(int refused)
    {
        if (notSent?.Items + refused > 1)
        {
            command.ShouldProcess(string.Create(CultureInfo.InvariantCulture, $"{notSent}{(refused == 0 ? "" : $"; {refused} refused")}."), verboseWarning: null, caption: null);
        }
    }

    private void StartItem(InpaintRequest request, PaidItem item)
    {
        Connect(item.Mask?.Request ?? request);
        TaskCompletionSource decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
        command.Start(item.Target, item.Name, (pipeline, cancellationToken) => RunItemAsync(request, item, decided, pipeline, cancellationToken));

        // Nothing can be confirmed or written while an upstream command produces the next item, so this item is submitted before it is read.
        command.WriteUntil(decided.Task);
    }

    /// <summary>Opens the connection of the first submit while it is planned, unless there may be no submit. Later ones have one that was opened while an earlier job ended.</summary>
    private void Connect(InpaintRequest request)
    {
        if (!isConnected && resumption is null && !IsWhatIf && !MayAsk)
        {
            isConnected = true;
            ModuleEngine.Shared.ConnectAhead(request, new RunOptions { ApiKey = key.For(ProviderOf(request)) });
        }
    }

    /// <summary>
    /// Plans and runs an item. Items are planned one after the other, because a large photograph takes much memory while it is inspected, and because confirmation, the reservation
    /// of the cost and the submit follow the order of the input. Running jobs continue meanwhile, and their results are written.
    /// </summary>
    private async Task RunItemAsync(InpaintRequest request, PaidItem item, TaskCompletionSource decided, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        Func<Task>? work;
        try
        {
            RequestPlan plan = await PlanAsync(request, cancellationToken).ConfigureAwait(false);
            EnsureAsPlanned(plan, item);
            RequestPlan? first = item.Mask is null ? null : await PlanAsync(item.Mask.Request with { Image = plan.Request.Image }, cancellationToken).ConfigureAwait(false);
            work = await pipeline.AskAsync(_ => first is null ? Decide(plan, item, pipeline, cancellationToken) : DecideOnBoth(first, plan, item, pipeline, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        catch (InpaintException e)
        {
            pipeline.Post(c => Progress.Refuse(c, item.Name, isQuiet: IsWhatIf));
            command.Jobs.Failed(e, item.Target, item.Name);

            // Written before the next item is confirmed, so that -ErrorAction Stop can prevent its submit.
            await pipeline.WriteErrorAsync(e, item.Target, item.Name, cancellationToken).ConfigureAwait(false);
            return;
        }
        finally
        {
            decided.SetResult();
            pipeline.Post(_ => { });
        }

        if (work is null)
        {
            Progress.RemoveItem();
            return;
        }

        await work().ConfigureAwait(false);
    }

    private Task<RequestPlan> PlanAsync(InpaintRequest request, CancellationToken cancellationToken) =>
        ModuleEngine.Shared.PlanAsync(request, new RunOptions { ApiKey = key.For(ProviderOf(request)) }, cancellationToken);

    private static void EnsureAsPlanned(RequestPlan plan, PaidItem item)
    {
        if (item.Fingerprint is { } planned && planned != plan.Fingerprint)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"{plan.SourceName} is no longer what was planned: the picture, the mask or the settings of {plan.Provider.Name} have changed. Nothing was sent.")
            {
                Parameter = nameof(InpaintRequest.Image),
                RecommendedAction = "Plan it again with Get-InpaintPlan.",
            };
        }
    }

    /// <summary>Decides what to do with a planned item, on the pipeline's thread.</summary>
    /// <returns>The work; null for none.</returns>
    private Func<Task>? Decide(RequestPlan plan, PaidItem item, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        WriteWarnings(plan);
        if (resumption?.TryTake(plan, out InpaintJob? known) == true)
        {
            return command.ShouldProcess(PlanDescription.TargetOf(plan), $"Attach to the job {known.Id}, which was submitted for the same request") ? () => AttachAsync(known, plan, item, pipeline, cancellationToken) : null;
        }

        bool isResubmit = WarnOfUncertain(plan);
        if (!command.ShouldProcess(PlanDescription.TargetOf(plan), PlanDescription.ActionOf(plan, assumed) + (isResubmit ? "; an earlier submit of the same request never got a response and may have been accepted" : "")))
        {
            return NotSent(plan);
        }

        ceiling.Reserve(plan);
        return () => MakeAsync(plan, item, pipeline, cancellationToken);
    }

    /// <summary>Decides what to do with an item whose mask is found first: one confirmation covers both jobs.</summary>
    private Func<Task>? DecideOnBoth(RequestPlan first, RequestPlan plan, PaidItem item, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        WriteWarnings(first);
        WriteWarnings(plan);
        InpaintJob? known = null;
        bool isKnown = resumption?.TryTake(first, out known) == true;
        string finding = isKnown ? $"Attach to the job {known!.Id}, which has found the mask" : PlanDescription.ActionOf(first, assumed);
        if (!isKnown)
        {
            WarnOfUncertain(first);
        }

        string second = PlanDescription.ActionOf(plan, assumed);
        string together = !isKnown && first.EstimatedCost is { } one && plan.EstimatedCost is { } other && one.Currency == other.Currency ? $"; together {PlanDescription.Approximately(plan)} {one with { Amount = one.Amount + other.Amount }}" : "";
        if (!command.ShouldProcess($"{PlanDescription.TargetOf(first)}, then {plan.Provider.Name} {plan.Model}", $"{finding}; then {char.ToLowerInvariant(second[0])}{second[1..]}{together}"))
        {
            return NotSent(plan, isKnown ? null : first);
        }

        ReserveBoth(isKnown ? null : first, plan);
        return () => FindAndMakeAsync(first, known, plan, item, pipeline, cancellationToken);
    }

    private Func<Task>? NotSent(RequestPlan plan, RequestPlan? first = null)
    {
        notSent ??= new CostTotal(ceiling);
        notSent.Add(plan, first);
        return null;
    }

    private void ReserveBoth(RequestPlan? first, RequestPlan plan)
    {
        ceiling.Reserve(plan);
        try
        {
            if (first is not null)
            {
                ceiling.Reserve(first);
            }
        }
        catch (InpaintException)
        {
            ceiling.Settle(plan, 0);
            throw;
        }
    }

    private void WriteWarnings(RequestPlan plan)
    {
        foreach (string warning in plan.Warnings)
        {
            WarnOnce(warning);
        }

        foreach (string note in plan.Notes)
        {
            command.WriteVerbose(note);
        }
    }

    private bool WarnOfUncertain(RequestPlan plan)
    {
        InpaintJob? uncertain = null;
        bool isResubmit = resumption?.TryFindUncertain(plan, out uncertain) == true;
        if (isResubmit)
        {
            WarnOnce($"{plan.SourceName}: {plan.Provider.Name} never responded to an earlier submit of the same request ({uncertain!.JournalId}), so there is no job to attach to. It is submitted again, and may be paid for twice.");
        }

        return isResubmit;
    }

    // A warning about the provider would otherwise be repeated for each picture of a batch.
    private void WarnOnce(string warning)
    {
        if (warned.Add(warning))
        {
            command.WriteWarning(warning);
        }
    }

    /// <summary>Finds the mask and runs the job with it. Whatever happens to that job, the mask is kept, because it is paid for.</summary>
    private async Task FindAndMakeAsync(RequestPlan first, InpaintJob? known, RequestPlan plan, PaidItem item, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        PictureSource? mask = null;
        bool isReserved = true;
        bool isCounted = true;
        DateTimeOffset begun = Progress.Begin(isPaid: known is null);
        try
        {
            await TrackAsync(
                first,
                isPaid: known is null,
                begun,
                async events =>
                {
                    InpaintResult found = await item.Mask!.Find(first, known, events, cancellationToken).ConfigureAwait(false);
                    mask = await item.Mask.KeepAsync(found, plan.Request.Image!, cancellationToken).ConfigureAwait(false);
                    return found.Cost;
                },
                pipeline,
                isFirstOfTwo: true).ConfigureAwait(false);
            isCounted = false;
            RequestPlan complete = await PlanAsync(plan.Request with { Mask = mask, MaskRecipe = null }, cancellationToken).ConfigureAwait(false);
            Func<Task> work = await pipeline.AskAsync(
                _ =>
                {
                    WriteWarnings(complete);
                    isReserved = false;
                    ceiling.Settle(plan, 0);
                    return Next(complete, item, begun, pipeline, cancellationToken);
                },
                cancellationToken).ConfigureAwait(false);
            isCounted = true;
            await work().ConfigureAwait(false);
        }
        catch (InpaintException e) when (mask is not null)
        {
            throw e.WithMessage($"{e.Message} The mask that was found is kept: specify '{mask.FilePath}' as -Mask, or run the command again with -Resume, to avoid paying for it again.");
        }
        finally
        {
            if (!isCounted)
            {
                Progress.Fail(plan.SourceName, begun);
            }

            if (isReserved)
            {
                ceiling.Settle(plan, 0);
            }
        }
    }

    /// <summary>The second job of an item, which was confirmed together with the first.</summary>
    private Func<Task> Next(RequestPlan plan, PaidItem item, DateTimeOffset begun, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        if (resumption?.TryTake(plan, out InpaintJob? known) == true)
        {
            return () => AttachAsync(known, plan, item, pipeline, cancellationToken, begun);
        }

        WarnOfUncertain(plan);
        ceiling.Reserve(plan);
        return () => MakeAsync(plan, item, pipeline, cancellationToken, begun);
    }

    private Task AttachAsync(InpaintJob job, RequestPlan plan, PaidItem item, CommandPipeline pipeline, CancellationToken cancellationToken, DateTimeOffset? since = null) => TrackAsync(
        plan,
        isPaid: false,
        Progress.Begin(isPaid: false, since),
        async events =>
        {
            await item.Follow(job, plan, item, events, pipeline, cancellationToken).ConfigureAwait(false);
            return null;
        },
        pipeline);

    private Task MakeAsync(RequestPlan plan, PaidItem item, CommandPipeline pipeline, CancellationToken cancellationToken, DateTimeOffset? since = null) =>
        TrackAsync(plan, isPaid: true, Progress.Begin(isPaid: true, since), events => item.Submit(plan, item, events, pipeline, cancellationToken), pipeline);

    /// <summary>Shows the progress of a job, and replaces the reservation of its cost by the actual cost.</summary>
    private async Task TrackAsync(RequestPlan plan, bool isPaid, DateTimeOffset begun, Func<IProgress<JobEvent>, Task<InpaintCost?>> work, CommandPipeline pipeline, bool isFirstOfTwo = false)
    {
        string? outcome = null;
        using JobProgress own = new(pipeline, plan.SourceName, plan.Provider.Name, Progress);
        InpaintCost? cost = ceiling.EstimateOf(plan);
        try
        {
            cost = await work(own).ConfigureAwait(false) ?? cost;
            outcome = !isPaid ? $"{plan.Provider.Name}  attached" : cost is null ? plan.Provider.Name : $"{plan.Provider.Name}  {cost}";
        }
        catch (InpaintException e) when (e.Job is null)
        {
            // The job never reached the provider.
            cost = null;
            throw;
        }
        finally
        {
            if (isPaid)
            {
                ceiling.Settle(plan, cost?.Amount ?? 0);
            }

            if (isFirstOfTwo && outcome is not null)
            {
                Progress.Pause();
            }
            else
            {
                Progress.End(plan.SourceName, outcome, begun);
            }
        }
    }
}
