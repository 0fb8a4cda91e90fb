using Inpaint.Engine;
using Inpaint.Tests.Engine;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Jobs;

/// <summary>Answers that come too early or make no sense: they end nothing by themselves, and what was concluded from them is asked about again.</summary>
public sealed class EarlyAnswerTests : EngineTest
{
    private static readonly InpaintException NotThere = new(InpaintErrorId.ResultExpired, "404");

    [Theory]
    [InlineData(InpaintErrorId.ResultExpired)]
    [InlineData(InpaintErrorId.JobNotFound)]
    [InlineData(InpaintErrorId.ResponseInvalid)]
    [InlineData(InpaintErrorId.JobFailed)]
    public async Task A_result_that_is_not_there_yet_is_asked_for_again(InpaintErrorId early)
    {
        int asked = 0;
        Client.OnResult = (_, _) => ++asked < 4 ? throw new InpaintException(early, "odd") : Task.FromResult(FakeClient.Output("https://cdn.example/0.png"));

        Assert.Single((await Engine.RunAsync(Plan(), new RunOptions { Events = Listener }, cancellationToken: Cancellation)).Images);
        Assert.Equal(4, asked);
        Assert.Contains(Events, e => e.Text.Contains("retrying in", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(InpaintErrorId.AuthenticationFailed)]
    [InlineData(InpaintErrorId.AccountLocked)]
    [InlineData(InpaintErrorId.QuotaExceeded)]
    [InlineData(InpaintErrorId.ApiKeyMissing)]
    [InlineData(InpaintErrorId.InsecureTransport)]
    public async Task What_concerns_the_key_or_the_account_ends_the_wait_at_once_and_leaves_the_job(InpaintErrorId refusal)
    {
        Client.OnResult = (_, _) => throw new InpaintException(refusal, "no");
        InpaintException e = await FailsAsync(refusal, () => Engine.RunAsync(Plan(), cancellationToken: Cancellation));

        Assert.Equal(1, Client.CountOf("result"));
        Assert.Contains("is paid for", e.RecommendedAction, StringComparison.Ordinal);
        Client.OnResult = (_, _) => Task.FromResult(FakeClient.Output("https://cdn.example/0.png"));
        Assert.NotNull(await Restart().ReceiveAsync(Assert.Single(Restart().ListJobs()), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task The_same_response_over_a_minute_is_a_failure_that_is_asked_about_again()
    {
        ManualTimeProvider time = new();
        (Time, Schedule) = (time, new());
        Client.OnResult = (_, _) => throw NotThere;
        Task<InpaintResult> run = Engine.RunAsync(Plan(), cancellationToken: Cancellation);
        DateTimeOffset begin = time.GetUtcNow();
        while (!run.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Yield();
        }

        InpaintException e = await FailsAsync(InpaintErrorId.ResultExpired, () => run);
        Assert.InRange(time.GetUtcNow() - begin, Schedule.FailureTimeout, 4 * Schedule.FailureTimeout);
        Assert.InRange(Client.CountOf("result"), Schedule.MaxFailuresInARow, 2 * Schedule.MaxFailuresInARow);
        Assert.Equal((InpaintJobState.Failed, true), (e.Job!.State, e.Job.IsProvisional));
        Assert.Contains("is paid for", e.RecommendedAction, StringComparison.Ordinal);

        // It is still listed, and was wrongly concluded.
        InpaintJob listed = Assert.Single(Restart().ListJobs());
        Client.OnResult = (_, _) => Task.FromResult(FakeClient.Output("https://cdn.example/0.png"));
        InpaintResult result = (await Restart().ReceiveAsync(listed, wait: false, cancellationToken: Cancellation))!;
        Assert.Equal((InpaintJobState.Completed, null, false), (result.Job.State, result.Job.Error, result.Job.IsProvisional));
    }

    [Fact]
    public async Task What_is_not_there_long_afterwards_either_is_not_asked_for_a_third_time()
    {
        ManualTimeProvider time = new();
        Time = time;
        Schedule = Schedule with { QueryFailureTimeout = TimeSpan.Zero, MaxFailuresInARow = 1, FailureTimeout = TimeSpan.Zero };
        Client.OnResult = (_, _) => throw NotThere;
        InpaintJob job = await StartAsync();
        Task<InpaintResult?> wait = Engine.ReceiveAsync(job, cancellationToken: Cancellation);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await FailsAsync(InpaintErrorId.ResultExpired, () => wait)).Job!.IsProvisional);
        time.Advance(TimeSpan.FromHours(2));
        InpaintException e = await FailsAsync(InpaintErrorId.ResultExpired, () => Engine.ReceiveAsync(job, wait: false, cancellationToken: Cancellation));

        Assert.False(e.Job!.IsProvisional);
        Assert.Empty(Restart().ListJobs());
        int calls = Client.Calls.Count;
        await FailsAsync(InpaintErrorId.ResultExpired, () => Restart().ReceiveAsync(job, cancellationToken: Cancellation));
        Assert.Equal(calls, Client.Calls.Count);
    }

    [Fact]
    public async Task Who_only_looks_does_not_conclude_anything()
    {
        Client.OnResult = (_, _) => throw NotThere;
        InpaintJob job = await StartAsync();
        InpaintException e = await FailsAsync(InpaintErrorId.ResultExpired, () => Engine.GetStatusAsync(job, cancellationToken: Cancellation));

        Assert.Equal(InpaintJobState.Completed, e.Job!.State);
        Assert.True(Client.CountOf("result") > 1);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("receive")]
    [InlineData("wait")]
    [InlineData("stop")]
    public async Task Even_what_nobody_foresaw_carries_the_job(string way)
    {
        InpaintJob job = await StartAsync();
        Client.OnStatus = (_, _) => throw new InvalidOperationException("a bug");
        Client.OnCancel = (_, _) => throw new InvalidOperationException("a bug");
        InpaintException e = await FailsAsync(InpaintErrorId.UnexpectedError, () => way switch
        {
            "status" => Engine.GetStatusAsync(job, cancellationToken: Cancellation),
            "receive" => Engine.ReceiveAsync(job, wait: false, cancellationToken: Cancellation),
            "wait" => Engine.WaitAsync(job, cancellationToken: Cancellation),
            _ => Engine.StopAsync(job, cancellationToken: Cancellation),
        });

        Assert.Equal(job.Id, e.Job!.Id);
        Assert.Contains("is paid for", e.RecommendedAction, StringComparison.Ordinal);
    }
}
