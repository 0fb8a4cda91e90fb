using Inpaint.Engine;
using Inpaint.Imaging;
using Inpaint.Providers;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Engine;

public sealed class EngineCollectTests : EngineTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_makes_one_job_and_brings_its_result(bool streams)
    {
        Streams = streams;
        int looks = 0;
        Client.OnStream = (_, _) => FakeClient.Updates(InpaintJobState.InQueue, InpaintJobState.InProgress, InpaintJobState.Completed);
        Client.OnStatus = (_, _) => Task.FromResult(new JobUpdate { State = ++looks < 3 ? InpaintJobState.InProgress : InpaintJobState.Completed, InferenceSeconds = 3.42 });
        Client.OnResult = (_, _) => Task.FromResult(FakeClient.Output("https://cdn.example/0.png", "https://cdn.example/1.png"));
        InpaintResult result = await Engine.RunAsync(Plan(count: 2), new RunOptions { Events = Listener }, cancellationToken: Cancellation);

        Assert.Equal(1, Client.CountOf("submit"));
        Assert.Equal(1, Client.CountOf("result"));
        Assert.Equal([0, 1], result.Images.Select(i => i.Index));
        Assert.Equal(InpaintJobState.Completed, result.Job.State);
        Assert.Equal(("$0.018", true), (result.Cost!.ToString(), result.Cost.IsEstimate));
        Assert.Empty(Warnings);
    }

    [Fact]
    public async Task A_result_is_asked_for_once_and_kept()
    {
        InpaintJob job = await StartAsync();
        InpaintResult first = (await Engine.ReceiveAsync(job, cancellationToken: Cancellation))!;
        int calls = Client.Calls.Count;
        InpaintEngine next = Restart();
        InpaintResult second = (await next.ReceiveAsync(job, cancellationToken: Cancellation))!;
        InpaintResult third = (await next.ReceiveAsync(job, wait: false, cancellationToken: Cancellation))!;

        Assert.Equal(calls, Client.Calls.Count);
        Assert.Equivalent(first, second, strict: true);
        Assert.Equivalent(first, third, strict: true);
    }

    [Fact]
    public async Task A_kept_result_does_not_need_its_provider_any_longer()
    {
        InpaintEngine before = Restart();
        before.Providers.Set(new ProviderSettings { Name = "Mine", Kind = "Fal", BaseUri = new Uri("https://mine.example") });
        InpaintJob job = await before.StartAsync(before.Plan(Request("Mine")), cancellationToken: Cancellation);
        await before.ReceiveAsync(job, cancellationToken: Cancellation);
        InpaintEngine next = Restart();

        Assert.NotNull(await next.ReceiveAsync(job, cancellationToken: Cancellation));
        Assert.Equal(InpaintJobState.Completed, (await next.GetStatusAsync(job, cancellationToken: Cancellation)).State);
        Assert.Equal(StopOutcome.AlreadyCompleted, (await next.StopAsync(job, cancellationToken: Cancellation)).StopOutcome);
    }

    [Fact]
    public async Task After_a_new_start_what_is_unfinished_is_found_and_collected()
    {
        Client.OnStatus = (_, _) => Task.FromResult(new JobUpdate { State = InpaintJobState.InQueue, QueuePosition = 1 });
        InpaintJob[] started = [await StartAsync(), await StartAsync(), await StartAsync()];
        InpaintEngine next = Restart();
        InpaintJob[] found = [.. next.ListJobs()];
        Assert.Equal(started.Select(j => j.Id).Order(StringComparer.Ordinal), found.Select(j => j.Id).Order(StringComparer.Ordinal));
        Assert.Equal(1, (await next.GetStatusAsync(found[0], cancellationToken: Cancellation)).QueuePosition);
        Assert.Null(await next.ReceiveAsync(found[0], wait: false, cancellationToken: Cancellation));

        Client.OnStatus = (_, _) => Task.FromResult(new JobUpdate { State = InpaintJobState.Completed });
        foreach (InpaintJob job in found)
        {
            Assert.Single((await next.ReceiveAsync(job, cancellationToken: Cancellation))!.Images);
        }

        Assert.Equal(3, Client.CountOf("submit"));
        Assert.All(Restart().ListJobs(), job => Assert.Equal(InpaintJobState.Completed, job.State));
    }

    [Theory]
    [InlineData(InpaintErrorId.ContentPolicyViolation, InpaintJobState.Failed)]
    [InlineData(InpaintErrorId.JobFailed, InpaintJobState.Failed)]
    [InlineData(InpaintErrorId.ResultExpired, InpaintJobState.Failed)]
    [InlineData(InpaintErrorId.JobCancelled, InpaintJobState.Cancelled)]
    public async Task A_completed_job_whose_result_is_a_failure_has_failed(InpaintErrorId verdict, InpaintJobState state)
    {
        Client.OnResult = (_, _) => throw new InpaintException(verdict, "image_load_error: no") { HttpStatus = 422, IsVerdict = true };
        InpaintException e = await FailsAsync(verdict, () => Engine.RunAsync(Plan(), cancellationToken: Cancellation));

        Assert.Equal(state, e.Job!.State);
        InpaintJob written = Assert.Single(OnDisk());
        Assert.Equal((state, verdict), (written.State, written.ErrorId));
        Assert.Contains("image_load_error", written.Error, StringComparison.Ordinal);
        Assert.NotNull(written.CompletedAt);
        Assert.Empty(Restart().ListJobs());

        int calls = Client.Calls.Count;
        await FailsAsync(verdict, () => Restart().ReceiveAsync(written, cancellationToken: Cancellation));
        Assert.Equal(calls, Client.Calls.Count);
    }

    [Fact]
    public async Task A_verdict_stands_although_the_service_goes_on_to_call_the_job_completed()
    {
        Client.OnResult = (_, _) => throw new InpaintException(InpaintErrorId.JobFailed, "no") { IsVerdict = true };
        InpaintJob job = await StartAsync();
        await FailsAsync(InpaintErrorId.JobFailed, () => Engine.ReceiveAsync(job, cancellationToken: Cancellation));
        Client.OnStatus = (_, _) => Task.FromResult(new JobUpdate { State = InpaintJobState.Completed, Logs = [new InpaintLogEntry(null, "a line")] });
        InpaintJob told = await Engine.GetStatusAsync(job, includeLog: true, cancellationToken: Cancellation);

        Assert.Equal((InpaintJobState.Failed, "no"), (told.State, told.Error));
        Assert.Equal("a line", Assert.Single(told.Logs).Message);
        Assert.Equal(InpaintJobState.Failed, Assert.Single(OnDisk()).State);
    }

    [Fact]
    public async Task A_result_that_cannot_be_had_for_a_while_is_had_later()
    {
        Client.OnResult = (_, _) => throw new InpaintException(InpaintErrorId.ProviderUnavailable, "503") { IsTransient = true };
        InpaintException e = await FailsAsync(InpaintErrorId.ProviderUnavailable, () => Engine.RunAsync(Plan(), cancellationToken: Cancellation));

        Assert.Contains($"{e.Job!.Id} is paid for", e.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(InpaintJobState.Completed, Assert.Single(Restart().ListJobs()).State);
        Client.OnResult = (_, _) => Task.FromResult(FakeClient.Output("https://cdn.example/0.png"));
        Assert.NotNull(await Restart().ReceiveAsync(e.Job, cancellationToken: Cancellation));
        Assert.Equal(1, Client.CountOf("submit"));
    }

    [Fact]
    public async Task Who_loses_sight_of_a_job_is_not_told_to_run_the_line_again()
    {
        Client.OnStatus = (_, _) => throw new InpaintException(InpaintErrorId.ProviderUnavailable, "no route");
        InpaintException e = await FailsAsync(InpaintErrorId.ProviderUnavailable, () => Engine.RunAsync(Plan(), cancellationToken: Cancellation));

        Assert.Contains("collect its result", e.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(Assert.Single(OnDisk()).Id, e.Job!.Id);
        Assert.Equal(0, Client.CountOf("cancel"));
    }

    [Fact]
    public async Task A_flagged_picture_is_marked_and_warned_about()
    {
        Client.OnResult = (_, _) => Task.FromResult(new ProviderOutput
        {
            Pictures = [new OutputPicture { Url = "https://cdn.example/0.png", IsFlagged = true }, new OutputPicture { Url = "https://cdn.example/1.png" }],
        });
        InpaintResult result = await Engine.RunAsync(Plan(count: 2), new RunOptions { Events = Listener }, cancellationToken: Cancellation);

        Assert.Equal([true, false], result.HasNsfwConcepts);
        Assert.Contains("1 of 2", Assert.Single(Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://cdn.example/0.png")]
    [InlineData("C:\\pictures\\0.png")]
    [InlineData("../0.png")]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_picture_is_only_ever_fetched_from_the_web(string? url)
    {
        Client.OnResult = (_, _) => Task.FromResult(new ProviderOutput { Pictures = [new OutputPicture { Url = url }] });
        InpaintJob job = await StartAsync();

        Assert.NotNull((await FailsAsync(InpaintErrorId.ResponseInvalid, () => Engine.ReceiveAsync(job, cancellationToken: Cancellation))).Job);
    }

    [Fact]
    public async Task The_units_that_the_provider_bills_settle_the_cost()
    {
        Client.OnResult = (_, _) => Task.FromResult(FakeClient.Output("https://cdn.example/0.png") with { BillableUnits = 0.5m });
        InpaintResult result = await Engine.RunAsync(Plan(), cancellationToken: Cancellation);

        Assert.Equal(new InpaintCost(0.5m * 0.035m, "USD", IsEstimate: false), result.Cost);
        Assert.Equal(result.Cost, Assert.Single(OnDisk()).Cost);
    }

    [Fact]
    public async Task A_journal_that_breaks_while_waiting_costs_a_warning_and_not_the_result()
    {
        Client.OnStatus = (_, _) =>
        {
            if (Directory.Exists(State.At("jobs")))
            {
                BreakJournal();
            }

            return Task.FromResult(new JobUpdate { State = InpaintJobState.Completed });
        };
        InpaintResult result = await Engine.RunAsync(Plan(), new RunOptions { Events = Listener }, cancellationToken: Cancellation);

        Assert.Single(result.Images);
        Assert.Contains(Warnings, w => w.Contains(result.Job.Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Log_lines_are_told_once_each()
    {
        int looks = 0;
        Client.OnStatus = (_, _) => Task.FromResult(new JobUpdate
        {
            State = ++looks < 4 ? InpaintJobState.InProgress : InpaintJobState.Completed,
            Logs = [.. Enumerable.Range(looks, 3).Select(n => new InpaintLogEntry($"t{n}", $"denoising {n}"))],
        });
        await Engine.RunAsync(Plan(), new RunOptions { Events = Listener }, cancellationToken: Cancellation);

        Assert.Equal(Enumerable.Range(1, 6).Select(n => $"denoising {n}"), Events.Where(e => e.Kind == JobEventKind.Log).Select(e => e.Text));
        Assert.Empty(Assert.Single(OnDisk()).Logs);
    }

    [Fact]
    public async Task A_job_known_by_its_id_alone_can_be_collected()
    {
        InpaintJob job = Engine.FindJob("acf05732-0000", "Fal");
        Assert.Empty(OnDisk());
        InpaintResult result = (await Engine.ReceiveAsync(job, cancellationToken: Cancellation))!;

        Assert.Equal("acf05732-0000", result.Job.Id);
        Assert.Equal("acf05732-0000", Assert.Single(OnDisk()).Id);
        Assert.Equal(0, Client.CountOf("submit"));
    }

    [Fact]
    public void An_id_nobody_knows_is_said_to_be_so()
    {
        Assert.Equal(InpaintErrorId.JobNotFound, Assert.Throws<InpaintException>(() => Engine.FindJob("nobody")).ErrorId);
        Assert.Equal(InpaintErrorId.ProviderNotFound, Assert.Throws<InpaintException>(() => Engine.FindJob("nobody", "Nowhere")).ErrorId);
        Assert.Equal(InpaintErrorId.JobNotFound, Assert.Throws<InpaintException>(() => Engine.Forget(new InpaintJob { Id = "x", JournalId = "x" })).ErrorId);
    }

    [Fact]
    public async Task A_forgotten_job_and_its_pictures_are_gone()
    {
        Client.OnResult = (_, _) => Task.FromResult(new ProviderOutput { Pictures = [new OutputPicture { Content = TestPictures.Png(4, 4) }] });
        InpaintResult result = await Engine.RunAsync(Plan(), cancellationToken: Cancellation);
        Assert.Contains(State.Files(), f => f.StartsWith("pictures", StringComparison.Ordinal));
        Engine.Forget(result.Job);

        Assert.Empty(OnDisk());
        Assert.DoesNotContain(State.Files(), f => f.StartsWith("pictures", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_URL_in_a_journal_file_deletes_nothing_outside_the_state_folder()
    {
        using TemporaryFolder elsewhere = new();
        string precious = elsewhere.Write("pictures/job/precious.png", TestPictures.Png(4, 4));
        InpaintResult result = await Engine.RunAsync(Plan(), cancellationToken: Cancellation);
        string file = Directory.GetFiles(State.At("jobs", "open"))[0];
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, Cancellation)).Replace("https://cdn.example/0.png", new Uri(precious).AbsoluteUri, StringComparison.Ordinal), Cancellation);
        Engine.Forget(result.Job);

        Assert.True(File.Exists(precious));
    }

    [Fact]
    public async Task A_wait_that_lasts_too_long_leaves_the_job_running()
    {
        ManualTimeProvider time = new();
        Time = time;
        Client.OnStatus = (_, _) => Task.FromResult(new JobUpdate { State = InpaintJobState.InProgress });
        InpaintJob job = await StartAsync();
        Task<InpaintJob> wait = Engine.WaitAsync(job, new RunOptions { Timeout = TimeSpan.FromSeconds(30) }, cancellationToken: Cancellation);
        time.Advance(TimeSpan.FromSeconds(31));
        InpaintException e = await FailsAsync(InpaintErrorId.JobTimedOut, () => wait);

        Assert.Contains("continues", e.Message, StringComparison.Ordinal);
        Assert.Equal(InpaintJobState.InProgress, e.Job!.State);
        Assert.Equal(0, Client.CountOf("cancel"));
    }

    [Fact]
    public async Task A_limit_longer_than_any_timer_is_none()
    {
        InpaintJob job = await StartAsync();

        Assert.True((await Engine.WaitAsync(job, new RunOptions { Timeout = TimeSpan.MaxValue }, cancellationToken: Cancellation)).IsFinished);
    }
}
