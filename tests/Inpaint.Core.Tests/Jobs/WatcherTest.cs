using Inpaint.Jobs;
using Inpaint.Providers;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Jobs;

/// <summary>A watcher with a fake client and a clock that stands still: what the tests of watching share.</summary>
public abstract class WatcherTest : IDisposable
{
    internal ManualTimeProvider Time { get; } = new();

    internal FakeClient Client { get; } = new();

    internal List<JobUpdate> Updates { get; } = [];

    internal WatchSchedule Schedule { get; } = new();

    internal static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal JobWatcher Watcher => field ??= new JobWatcher(Client, Time, Schedule);

    public void Dispose()
    {
        Watcher.Dispose();
        GC.SuppressFinalize(this);
    }

    internal static InpaintJob Job(DateTimeOffset? submittedAt = null) => new() { Id = Guid.NewGuid().ToString(), Provider = "Fal", SubmittedAt = submittedAt };

    internal Task<JobUpdate> Wait(bool canStream = false) => WaitUntil(Cancellation, canStream);

    internal Task<JobUpdate> WaitUntil(CancellationToken stop, bool canStream = false) => Watcher.WaitAsync(Job(), canStream, eta: null, Updates.Add, stop);
}
