using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Inpaint.Imaging;
using Inpaint.Planning;
using Inpaint.Providers;

namespace Inpaint.Tests.Jobs;

/// <summary>A service of the test's making: each call does what the test says, and is noted.</summary>
internal sealed class FakeClient : IProviderClient
{
    private readonly ConcurrentQueue<string> calls = new();

    /// <summary>The names of the calls made, in order.</summary>
    public IReadOnlyList<string> Calls => [.. calls];

    public Func<RequestPlan, CancellationToken, Task> OnPrepare { get; set; } = (_, _) => Task.CompletedTask;

    public Func<CancellationToken, Task<Acceptance>> OnSubmit { get; set; } = _ => Task.FromResult(new Acceptance { Id = "job-" + Guid.NewGuid().ToString("N") });

    public Func<InpaintJob, CancellationToken, Task<JobUpdate>> OnStatus { get; set; } = (_, _) => Task.FromResult(new JobUpdate { State = InpaintJobState.Completed });

    public Func<InpaintJob, CancellationToken, IAsyncEnumerable<JobUpdate>> OnStream { get; set; } = (_, _) => Updates();

    public Func<InpaintJob, CancellationToken, Task<ProviderOutput>> OnResult { get; set; } = (_, _) => Task.FromResult(Output("https://cdn.example/0.png"));

    public Func<InpaintJob, CancellationToken, Task<StopOutcome>> OnCancel { get; set; } = (_, _) => Task.FromResult(StopOutcome.Cancelled);

    public static ProviderOutput Output(params string[] urls) => new()
    {
        Pictures = [.. urls.Select(url => new OutputPicture { Url = url, ContentType = "image/png", Width = 512, Height = 512 })],
        Seed = 196619188014358660,
        Timings = new Dictionary<string, double>(StringComparer.Ordinal) { ["inference"] = 3.5 },
    };

    public static async IAsyncEnumerable<JobUpdate> Updates(params InpaintJobState[] states)
    {
        foreach (InpaintJobState state in states)
        {
            yield return new JobUpdate { State = state };
        }

        await Task.CompletedTask;
    }

    /// <summary>A stream that says nothing until it is cancelled.</summary>
    public static async IAsyncEnumerable<JobUpdate> Silence([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        yield break;
    }

    public int CountOf(string call) => calls.Count(c => c == call);

    public async Task<PreparedSubmission> PrepareAsync(RequestPlan plan, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        calls.Enqueue("prepare");
        await OnPrepare(plan, cancellationToken);
        return new FakeSubmission();
    }

    public Task<Acceptance> SubmitAsync(PreparedSubmission submission, CancellationToken cancellationToken)
    {
        calls.Enqueue("submit");
        return OnSubmit(cancellationToken);
    }

    public Task<JobUpdate> GetStatusAsync(InpaintJob job, bool includeLog, CancellationToken cancellationToken)
    {
        calls.Enqueue("status");
        return OnStatus(job, cancellationToken);
    }

    public async Task FollowStatusAsync(InpaintJob job, Func<JobUpdate, bool> onUpdate, CancellationToken cancellationToken)
    {
        calls.Enqueue("stream");
        await foreach (JobUpdate update in OnStream(job, cancellationToken).ConfigureAwait(false))
        {
            if (!onUpdate(update))
            {
                return;
            }
        }
    }

    public Task<ProviderOutput> GetResultAsync(InpaintJob job, CancellationToken cancellationToken)
    {
        calls.Enqueue("result");
        return OnResult(job, cancellationToken);
    }

    public Task<StopOutcome> CancelAsync(InpaintJob job, CancellationToken cancellationToken)
    {
        calls.Enqueue("cancel");
        return OnCancel(job, cancellationToken);
    }

    public Task CheckAccessAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private sealed record FakeSubmission : PreparedSubmission;
}
