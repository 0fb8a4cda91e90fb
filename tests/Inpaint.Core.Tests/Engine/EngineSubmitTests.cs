using Inpaint.Engine;
using Inpaint.Imaging;
using Inpaint.Jobs;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Engine;

public sealed class EngineSubmitTests : EngineTest
{
    [Fact]
    public async Task The_intent_is_on_disk_before_anything_is_asked_for()
    {
        InpaintJob? seen = null;
        Client.OnSubmit = _ =>
        {
            seen = Assert.Single(OnDisk());
            return Task.FromResult(new Acceptance { Id = "72a35804" });
        };
        await StartAsync();

        Assert.Equal(InpaintJobState.Submitting, seen!.State);
        Assert.Equal("an empty bench", seen.Prompt);
        Assert.Equal(seen.JournalId, seen.Id);
        Assert.NotNull(seen.Fingerprint);
    }

    [Fact]
    public async Task The_id_is_on_disk_when_the_start_returns()
    {
        Client.OnSubmit = _ => Task.FromResult(new Acceptance
        {
            Id = "72a35804",
            QueuePosition = 2,
            ProviderData = new Dictionary<string, string>(StringComparer.Ordinal) { ["responseUrl"] = "https://queue.fal.run/r" },
        });
        InpaintJob job = await StartAsync();
        InpaintJob written = Assert.Single(OnDisk());

        Assert.Equal("72a35804", job.Id);
        Assert.Equivalent(job, written, strict: true);
        Assert.Equal(2, written.QueuePosition);
        Assert.Equal("https://queue.fal.run/r", written.ProviderData["responseUrl"]);
    }

    [Fact]
    public async Task Pictures_are_handed_over_before_an_intent_is_written()
    {
        int intents = -1;
        Client.OnPrepare = (_, _) =>
        {
            intents = OnDisk().Count;
            throw new InpaintException(InpaintErrorId.ProviderUnavailable, "the upload failed");
        };
        await FailsAsync(InpaintErrorId.ProviderUnavailable, StartAsync);

        Assert.Equal(0, intents);
        Assert.Empty(OnDisk());
        Assert.Equal(0, Client.CountOf("submit"));
    }

    [Fact]
    public async Task An_unknown_outcome_is_remembered_and_never_tried_again()
    {
        Client.OnSubmit = _ => throw new InpaintException(InpaintErrorId.SubmissionUncertain, "reset after the body") { Provider = "Fal", HttpStatus = 502, ResponseBody = "<html>" };
        InpaintException e = await FailsAsync(InpaintErrorId.SubmissionUncertain, () => Engine.RunAsync(Plan(), cancellationToken: Cancellation));

        Assert.Equal(1, Client.CountOf("submit"));
        Assert.Equal((502, "<html>"), (e.HttpStatus, e.ResponseBody));
        InpaintJob written = Assert.Single(Restart().ListJobs());
        Assert.Equal(InpaintJobState.Uncertain, written.State);
        Assert.Equal(e.Job!.JournalId, written.JournalId);
        Assert.Equal("reset after the body", written.Error);

        Assert.Equal(InpaintJobState.Uncertain, (await Engine.GetStatusAsync(written, cancellationToken: Cancellation)).State);
        foreach (Func<Task> use in new Func<Task>[]
        {
            () => Engine.ReceiveAsync(written, cancellationToken: Cancellation),
            () => Engine.ReceiveAsync(written, wait: false, cancellationToken: Cancellation),
            () => Engine.WaitAsync(written, cancellationToken: Cancellation),
            () => Engine.StopAsync(written, cancellationToken: Cancellation),
        })
        {
            Assert.NotNull((await FailsAsync(InpaintErrorId.SubmissionUncertain, use)).Job);
        }

        Assert.Equal(["prepare", "submit"], Client.Calls);
    }

    [Theory]
    [InlineData(typeof(FormatException))]
    [InlineData(typeof(HttpRequestException))]
    [InlineData(typeof(TaskCanceledException))]
    public async Task A_fault_nobody_foresaw_counts_as_an_unknown_outcome(Type fault)
    {
        Client.OnSubmit = _ => throw (Exception)Activator.CreateInstance(fault)!;
        InpaintException e = await FailsAsync(InpaintErrorId.SubmissionUncertain, StartAsync);

        Assert.IsType(fault, e.InnerException);
        Assert.Equal(InpaintJobState.Uncertain, Assert.Single(OnDisk()).State);
    }

    [Theory]
    [InlineData(InpaintErrorId.ProviderUnavailable)]
    [InlineData(InpaintErrorId.AuthenticationFailed)]
    [InlineData(InpaintErrorId.ContentPolicyViolation)]
    public async Task A_refusal_leaves_nothing_behind(InpaintErrorId refusal)
    {
        Client.OnSubmit = _ => throw new InpaintException(refusal, "no");
        await FailsAsync(refusal, StartAsync);

        Assert.Empty(OnDisk());
    }

    [Fact]
    public async Task Without_a_journal_nothing_is_asked_for()
    {
        string inTheWay = State.Write("file", []);
        InpaintEngine engine = Restart(inTheWay);
        await FailsAsync(InpaintErrorId.StateUnavailable, () => engine.RunAsync(engine.Plan(Request()), cancellationToken: Cancellation));

        Assert.Equal(0, Client.CountOf("submit"));
    }

    [Fact]
    public async Task A_journal_that_breaks_after_the_acceptance_costs_a_warning_with_the_id_and_not_the_job()
    {
        Client.OnSubmit = _ =>
        {
            BreakJournal();
            return Task.FromResult(new Acceptance { Id = "72a35804" });
        };
        InpaintResult result = await Engine.RunAsync(Plan(), new RunOptions { Events = Listener }, cancellationToken: Cancellation);

        Assert.Single(result.Images);
        Assert.Contains(Warnings, w => w.Contains("72a35804", StringComparison.Ordinal) && w.Contains("note this id", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_journal_that_breaks_hides_neither_an_unknown_outcome_nor_a_refusal()
    {
        Client.OnSubmit = _ =>
        {
            BreakJournal();
            throw new InpaintException(InpaintErrorId.SubmissionUncertain, "reset");
        };
        Assert.NotNull((await FailsAsync(InpaintErrorId.SubmissionUncertain, StartAsync)).Job);

        File.Delete(State.At("jobs"));
        Client.OnSubmit = _ =>
        {
            BreakJournal();
            throw new InpaintException(InpaintErrorId.QuotaExceeded, "no credit");
        };
        await FailsAsync(InpaintErrorId.QuotaExceeded, StartAsync);
    }

    [Fact]
    public async Task A_stop_before_the_submit_makes_no_job()
    {
        using CancellationTokenSource stop = new();
        Client.OnPrepare = (_, _) => stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Engine.StartAsync(Plan(), cancellationToken: stop.Token));

        Assert.Equal(["prepare"], Client.Calls);
        Assert.Empty(OnDisk());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stop_during_the_submit_waits_for_the_id_and_cancels_with_it(bool run)
    {
        using CancellationTokenSource stop = new();
        TaskCompletionSource<Acceptance> answer = new();
        TaskCompletionSource entered = new();
        Client.OnSubmit = _ =>
        {
            entered.SetResult();
            return answer.Task;
        };
        string? cancelled = null;
        Client.OnCancel = (job, _) =>
        {
            cancelled = job.Id;
            return Task.FromResult(StopOutcome.CancellationRequested);
        };
        RequestPlan plan = Plan();
        Task ending = run ? Engine.RunAsync(plan, cancellationToken: stop.Token) : Engine.StartAsync(plan, cancellationToken: stop.Token);
        await entered.Task;
        await stop.CancelAsync();
        Assert.False(ending.IsCompleted);
        answer.SetResult(new Acceptance { Id = "72a35804" });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ending);
        Assert.Equal("72a35804", cancelled);
        InpaintJob written = Assert.Single(OnDisk());
        Assert.Equal(("72a35804", StopOutcome.CancellationRequested), (written.Id, written.StopOutcome));
        Assert.Equal(0, Client.CountOf("status") + Client.CountOf("stream"));
    }

    [Fact]
    public async Task A_submit_that_is_not_answered_within_the_grace_is_cut_and_remembered()
    {
        ManualTimeProvider time = new();
        Time = time;
        using CancellationTokenSource stop = new();
        TaskCompletionSource entered = new();
        Client.OnSubmit = async token =>
        {
            entered.SetResult();
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }
            catch (OperationCanceledException)
            {
                throw new InpaintException(InpaintErrorId.SubmissionUncertain, "cut while the answer was awaited");
            }

            return new Acceptance { Id = "" };
        };
        Task<InpaintJob> start = Engine.StartAsync(Plan(), cancellationToken: stop.Token);
        await entered.Task;
        await stop.CancelAsync();
        time.Advance(StopDeadline.GracePeriod / 2);
        Assert.False(start.IsCompleted);
        time.Advance(StopDeadline.GracePeriod);

        await FailsAsync(InpaintErrorId.SubmissionUncertain, () => start);
        Assert.Equal(InpaintJobState.Uncertain, Assert.Single(OnDisk()).State);
    }

    [Fact]
    public async Task A_response_that_holds_the_result_needs_no_further_call()
    {
        Client.OnSubmit = _ => Task.FromResult(new Acceptance { Id = "direct", Output = FakeClient.Output("https://cdn.example/0.png") });
        InpaintResult result = await Engine.RunAsync(Plan(), cancellationToken: Cancellation);

        Assert.Equal(["prepare", "submit"], Client.Calls);
        Assert.Equal(InpaintJobState.Completed, result.Job.State);
        Assert.Equal(196619188014358660, result.Seed);
        Assert.Equal(0.009m, Math.Round(result.Cost!.Amount, 3));
    }

    [Fact]
    public async Task Pictures_that_came_inside_the_response_but_cannot_be_kept_are_reported_with_their_job()
    {
        State.Write("pictures", []);
        Client.OnSubmit = _ => Task.FromResult(new Acceptance
        {
            Id = "direct",
            Output = new ProviderOutput { Pictures = [new OutputPicture { Content = TestPictures.Png(4, 4) }] },
        });
        InpaintException e = await FailsAsync(InpaintErrorId.StateUnavailable, StartAsync);

        Assert.Equal("direct", e.Job!.Id);
        Assert.Equal(("direct", InpaintJobState.Completed), (Assert.Single(OnDisk()).Id, OnDisk()[0].State));
    }

    [Fact]
    public async Task An_intent_whose_process_was_killed_is_listed_as_uncertain()
    {
        Client.OnSubmit = _ => new TaskCompletionSource<Acceptance>().Task;
        _ = StartAsync();
        InpaintEngine next = Restart();
        InpaintJob intent = Assert.Single(next.ListJobs());
        Assert.Equal(InpaintJobState.Submitting, intent.State);
        InpaintException early = await FailsAsync(InpaintErrorId.SubmissionUncertain, () => next.ReceiveAsync(intent, wait: false, cancellationToken: Cancellation));
        Assert.Contains("wait for the job", early.RecommendedAction, StringComparison.Ordinal);
        PretendThatItsProcessEnded(intent);

        InpaintJob job = Assert.Single(next.ListJobs());
        Assert.Equal(InpaintJobState.Uncertain, job.State);
        Assert.Equal(InpaintJobState.Uncertain, (await next.GetStatusAsync(job, cancellationToken: Cancellation)).State);
        Assert.Equal(InpaintJobState.Uncertain, next.FindJob(job.JournalId).State);
        InpaintException e = await FailsAsync(InpaintErrorId.SubmissionUncertain, () => next.ReceiveAsync(job, cancellationToken: Cancellation));
        Assert.Contains("fal.ai/dashboard/requests", e.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_waits_for_a_job_that_is_just_being_submitted_elsewhere_gets_it()
    {
        TaskCompletionSource<Acceptance> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Client.OnSubmit = _ => answer.Task;
        Task<InpaintJob> start = StartAsync();
        InpaintEngine next = Restart();
        Task<InpaintResult?> receive = next.ReceiveAsync(Assert.Single(next.ListJobs()), cancellationToken: Cancellation);
        answer.SetResult(new Acceptance { Id = "one" });
        await start;

        Assert.Equal("one", (await receive)!.Job.Id);
    }

    [Fact]
    public async Task Who_waits_for_a_job_that_is_refused_elsewhere_is_told_that_there_is_none()
    {
        TaskCompletionSource<Acceptance> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Client.OnSubmit = _ => answer.Task;
        Task<InpaintJob> start = StartAsync();
        InpaintEngine next = Restart();
        Task<InpaintResult?> receive = next.ReceiveAsync(Assert.Single(next.ListJobs()), cancellationToken: Cancellation);
        answer.SetException(new InpaintException(InpaintErrorId.QuotaExceeded, "no credit"));

        await FailsAsync(InpaintErrorId.QuotaExceeded, () => start);
        await FailsAsync(InpaintErrorId.JobNotFound, () => receive);
    }

    [Fact]
    public async Task The_services_eta_reaches_the_first_look()
    {
        ManualTimeProvider time = new();
        Time = time;
        DateTimeOffset? looked = null;
        DateTimeOffset start = time.GetUtcNow();
        Client.OnSubmit = _ => Task.FromResult(new Acceptance { Id = "a", Eta = TimeSpan.FromSeconds(20) });
        Client.OnStatus = (_, _) =>
        {
            looked ??= time.GetUtcNow();
            return Task.FromResult(new JobUpdate { State = InpaintJobState.Completed });
        };
        Task<InpaintResult> run = Engine.RunAsync(Plan(), cancellationToken: Cancellation);
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Null(looked);
        time.Advance(TimeSpan.FromSeconds(2));
        await run;

        Assert.Equal(TimeSpan.FromSeconds(5), looked - start);
    }

    /// <summary>Gives the process that is named in the job's file another start, as if its number had been used again.</summary>
    private void PretendThatItsProcessEnded(InpaintJob job)
    {
        string path = State.At("jobs", "open", job.JournalId + ".json");
        string text = File.ReadAllText(path);
        int start = text.IndexOf('"', text.IndexOf("\"startedAt\":", StringComparison.Ordinal) + "\"startedAt\":".Length) + 1;
        File.WriteAllText(path, string.Concat(text.AsSpan(0, start), "2020-01-01T00:00:00+00:00", text.AsSpan(text.IndexOf('"', start))));
    }
}
