using System.Collections.Concurrent;
using Inpaint.Emulator.Recording;
using Inpaint.Engine;
using Inpaint.Imaging.Masks;
using Inpaint.Jobs;
using Inpaint.Journal;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Providers.Fal;
using Inpaint.Tests.Jobs;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Inpaint.Tests.Engine;

/// <summary>An engine over a folder of its own, whose "Fal" is a service of the test's making: what the engine's tests share.</summary>
public abstract class EngineTest : IDisposable
{
    private readonly List<InpaintEngine> engines = [];
    private readonly Changes changes = new();

    internal TemporaryFolder State { get; } = new();

    internal FakeClient Client { get; } = new();

    internal ConcurrentQueue<JobEvent> Events { get; } = new();

    internal static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The clock of engines made from here on.</summary>
    internal TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>The log of engines made from here on.</summary>
    internal ILogger? Log { get; set; }

    /// <summary>Whether the service tells changes by itself.</summary>
    internal bool Streams { get; set; }

    /// <summary>How patient engines made from here on are.</summary>
    internal WatchSchedule Schedule { get; set; } = new()
    {
        MinInterval = TimeSpan.FromMilliseconds(1),
        PollsPerSecond = 1000,
        FailureTimeout = TimeSpan.FromMilliseconds(20),
        QueryFailureTimeout = TimeSpan.FromMilliseconds(2),
    };

    internal InpaintEngine Engine => engines.Count > 0 ? engines[0] : Restart();

    internal IProgress<JobEvent> Listener => new Recorder(this);

    internal IEnumerable<string> Warnings => Events.Where(e => e.Kind == JobEventKind.Warning).Select(e => e.Text);

    public void Dispose()
    {
        foreach (InpaintEngine engine in engines)
        {
            engine.Dispose();
        }

        State.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Another engine over the same folder, as after a new start.</summary>
    internal InpaintEngine Restart(string? stateFolder = null)
    {
        IReadOnlyList<ProviderCapabilities> capabilities = [.. FalCapabilities.All.Select(c => c with { StreamsStatus = Streams })];
        ProviderDescriptor[] kinds = [FalClient.Descriptor with { Capabilities = capabilities, Create = _ => Client, ForModel = null, KnownModels = null }, .. ProviderCatalogue.Kinds.Where(k => k.Kind != "Fal")];
        InpaintEngine engine = new(
            new InpaintEngineOptions { StateFolder = stateFolder ?? State.Path, TimeProvider = Time, Environment = _ => null, Logger = Log },
            Schedule,
            kinds);
        engines.Add(engine);
        return engine;
    }

    internal static InpaintRequest Request(string provider = "Fal", int? count = null) => new()
    {
        Provider = provider,
        Prompt = "an empty bench",
        Image = PictureSource.FromBytes(TestPictures.Png(32, 24), "dog.png"),
        Mask = PictureSource.FromBytes(TestPictures.RightHalfMask(32, 24), "dog_mask.png"),
        Count = count,
    };

    internal RequestPlan Plan(int? count = null) => Engine.Plan(Request(count: count));

    internal Task<InpaintJob> StartAsync() => Engine.StartAsync(Plan(), new RunOptions { Events = Listener }, cancellationToken: Cancellation);

    /// <summary>What the journal's files say, read anew.</summary>
    internal IReadOnlyList<InpaintJob> OnDisk() => [.. Restart().ListJobs(all: true)];

    internal JobJournal Journal() => new(() => State.Path, Time);

    internal static async Task<InpaintException> FailsAsync(InpaintErrorId expected, Func<Task> action)
    {
        InpaintException e = await Assert.ThrowsAsync<InpaintException>(action);
        Assert.True(expected == e.ErrorId, $"{e.ErrorId}: {e.Message}");
        return e;
    }

    /// <summary>Makes the journal unwritable whoever runs the test: a file stands where its folder should.</summary>
    internal void BreakJournal()
    {
        Directory.Delete(State.At("jobs"), recursive: true);
        File.WriteAllText(State.At("jobs"), "");
    }

    /// <summary>Waits for the listener to be told something.</summary>
    internal Task WaitForEventAsync(string text) => changes.WaitForAsync(() => Events.Any(e => e.Text.Contains(text, StringComparison.Ordinal)), Cancellation);

    private sealed class Recorder(EngineTest test) : IProgress<JobEvent>
    {
        public void Report(JobEvent value)
        {
            test.Events.Enqueue(value);
            test.changes.Announce();
        }
    }
}
