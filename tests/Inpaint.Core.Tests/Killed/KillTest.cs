using Inpaint.Emulator;
using Inpaint.Emulator.Fal;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Inpaint.Engine;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Journal;
using Inpaint.Providers.Fal;
using Inpaint.Tests.Jobs;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Killed;

/// <summary>The ways on which a job can go to a provider and come back.</summary>
public enum Way
{
    /// <summary>fal's queue, pictures by address, status by server-sent events.</summary>
    FalQueue,

    /// <summary>fal's queue, with the pictures inside the result.</summary>
    FalInline,

    /// <summary>fal's direct call, with the pictures inside its answer.</summary>
    FalDirect,

    /// <summary>A gateway, status by question.</summary>
    Gateway,

    /// <summary>ModelsLab, status by question.</summary>
    ModelsLab,

    /// <summary>The embedded provider.</summary>
    Local,
}

/// <summary>
/// Processes that are killed, and what must be true afterwards: every job that was paid for is known, and collected whole by somebody else, or is called uncertain where
/// nobody can know better. Short here; INPAINT_LONG=1 makes it hundreds of kills.
/// </summary>
public abstract class KillTest : IAsyncLifetime
{
    private CancellationTokenSource patience = new();

    /// <summary>Far beyond what a round takes; only a hang gets there.</summary>
    private static readonly TimeSpan LongestRound = TimeSpan.FromMinutes(8);

    internal static bool IsLong { get; } = Environment.GetEnvironmentVariable("INPAINT_LONG") == "1";

    /// <summary>Ends a round that hangs.</summary>
    internal CancellationToken Patience => patience.Token;

    internal EmulatorServer Server { get; private set; } = null!;

    internal EmulatorState State => Server.State;

    internal TemporaryFolder Folder { get; } = new();

    public async ValueTask InitializeAsync()
    {
        Server = await EmulatorServer.StartAsync();
        Folder.Write("dog.png", TestPictures.Png(32, 24));
        Folder.Write("dog_mask.png", TestPictures.RightHalfMask(32, 24));
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Folder.Dispose();
        patience.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Begins a round with a service that has forgotten everything and folders of the round's own.</summary>
    internal Orders Begin(Way way, string round)
    {
        patience.Dispose();
        patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(LongestRound);
        State.Reset();
        State.ModelsLab.Eta = TimeSpan.FromSeconds(0.1);
        State.ModelsLab.QueueLimit = int.MaxValue;
        if (way is Way.Gateway or Way.ModelsLab)
        {
            State.Jobs.DefaultScript = JobScript.Reads(queued: 0, running: 1);
        }

        Orders orders = new()
        {
            State = Folder.At(round, "state"),
            Output = Folder.At(round, "out"),
            Image = Folder.At("dog.png"),
            Mask = Folder.At("dog_mask.png"),
            Synchronous = way == Way.FalDirect,
            InlineResult = way is Way.FalInline or Way.FalDirect,
        };
        return way switch
        {
            Way.Local => orders,
            Way.Gateway => orders with { Kind = "FalGateway", BaseUri = Server.GatewayUri, Key = "test-token" },
            Way.ModelsLab => orders with { Kind = "ModelsLab", BaseUri = Server.ModelsLabUri, Key = "test-key" },
            _ => orders with { Kind = "Fal", BaseUri = Server.QueueUri, Endpoints = Server.FalEndpoints, Key = "test-id:test-secret" },
        };
    }

    /// <summary>Holds what is left by killed processes against what the service took, then has it collected and holds that against it.</summary>
    /// <param name="orders">The orders of the killed ones.</param>
    /// <param name="said">What they said.</param>
    /// <param name="successor">How it is collected: 0 by an engine here, 1 by a new process that collects, 2 by the same line run again to resume, and 0 for what that leaves.</param>
    /// <returns>How many jobs were paid for, and how many of these nobody can vouch for.</returns>
    internal async Task<(int Paid, int Uncertain)> AuditAsync(Orders orders, IReadOnlyList<string> said, int successor)
    {
        string story = string.Join(Environment.NewLine, said);
        await QuietAsync();
        int paid = State.PaidJobs;
        Assert.True(paid == AskedFor(), $"{paid} jobs of {AskedFor()} requests.{Environment.NewLine}{story}");

        IReadOnlyList<InpaintJob> known = List(orders);
        InpaintJob[] uncertain = [.. known.Where(j => j.State == InpaintJobState.Uncertain)];
        string[] unknown = [.. State.Jobs.All.Select(j => j.Id).Except(known.Select(j => j.Id), StringComparer.Ordinal)];
        Assert.True(unknown.Length <= uncertain.Length, $"Lost: {string.Join(", ", unknown)}.{Environment.NewLine}{story}");
        Assert.DoesNotContain(known, j => j.State == InpaintJobState.Submitting);

        // An id was on disk before anybody was told of it, so that this one cannot be uncertain.
        foreach (string line in said.Where(l => l.StartsWith("event accepted by ", StringComparison.Ordinal)))
        {
            Assert.Contains(known, j => line.EndsWith(" as " + j.Id, StringComparison.Ordinal));
        }

        if (successor == 1)
        {
            IReadOnlyList<string> collected = await VictimProcess.RunAsync(orders with { Deed = Deed.Collect, HangAt = 0 });
            Assert.Equal(uncertain.Length, collected.Count(l => l.StartsWith("failed SubmissionUncertain", StringComparison.Ordinal)));
            Assert.DoesNotContain(collected, l => l.StartsWith("warning", StringComparison.Ordinal));
        }
        else if (successor == 2)
        {
            IReadOnlyList<string> resumed = await VictimProcess.RunAsync(orders with { Resume = true, HangAt = 0 });
            Assert.DoesNotContain(resumed, l => l.StartsWith("warning", StringComparison.Ordinal));
            if (orders.Kind is not null)
            {
                // What is known is attached to; what is not known is asked for, once.
                int attached = Math.Min(known.Count - uncertain.Length, orders.Jobs);
                Assert.True(State.PaidJobs == paid + orders.Jobs - attached, $"{State.PaidJobs} jobs after {paid}, of which {attached} were attached to.{Environment.NewLine}{story}{Environment.NewLine}{string.Join(Environment.NewLine, resumed)}");
                paid = State.PaidJobs;
            }
        }

        await CollectAsync(orders, uncertain.Length);
        Assert.Equal(paid, State.PaidJobs);
        Assert.Equal(paid, AskedFor());
        CheckOutput(orders);
        return (paid, uncertain.Length);
    }

    /// <summary>Waits until the service is done with what a killed process may have sent.</summary>
    internal Task QuietAsync() => State.Connections.WaitForAsync(connections => connections is { Open: 0, RequestsInFlight: 0 }, Patience);

    internal static IReadOnlyList<InpaintJob> List(Orders orders)
    {
        using InpaintEngine engine = NewEngine(orders);
        return [.. engine.ListJobs(all: true, warning => Assert.Fail(warning))];
    }

    /// <summary>Under a final name there are whole pictures only; what was not finished is hidden and will be swept.</summary>
    /// <returns>The whole ones.</returns>
    internal IReadOnlyList<string> CheckOutput(Orders orders)
    {
        List<string> whole = [];
        foreach (string file in Directory.Exists(orders.Output) ? Directory.GetFiles(orders.Output) : [])
        {
            string name = Path.GetFileName(file);
            if (name.StartsWith('.'))
            {
                Assert.Matches(@"^\.inpaint-[0-9a-f]{32}\.tmp$", name);
                continue;
            }

            using FileStream stream = File.OpenRead(file);
            Assert.NotEmpty(Pictures.Decode(stream, name, cancellationToken: Patience).Data);
            whole.Add(name);
        }

        return whole;
    }

    private static InpaintEngine NewEngine(Orders orders)
    {
        InpaintEngine engine = new(new InpaintEngineOptions { StateFolder = orders.State, Environment = _ => null });
        if (orders.Kind is { } kind)
        {
            System.Security.SecureString key = new();
            foreach (char letter in orders.Key!)
            {
                key.AppendChar(letter);
            }

            engine.Providers.Set(new ProviderSettings { Name = "Test", Kind = kind, BaseUri = orders.BaseUri, Endpoints = orders.Endpoints, ApiKey = key });
        }

        return engine;
    }

    /// <summary>How many paid requests came in whole.</summary>
    private int AskedFor() => State.Requests.All.Count(r => r.Operation is WireOperation.Submit or WireOperation.Run && r.Body.Length > 0);

    private async Task CollectAsync(Orders orders, int uncertain)
    {
        using InpaintEngine engine = NewEngine(orders);
        foreach (InpaintJob job in engine.ListJobs(all: false, warning => Assert.Fail(warning)).ToArray())
        {
            if (job.State == InpaintJobState.Uncertain)
            {
                InpaintException e = await Assert.ThrowsAsync<InpaintException>(() => engine.ReceiveAsync(job, cancellationToken: Patience));
                Assert.Equal(InpaintErrorId.SubmissionUncertain, e.ErrorId);
                Assert.NotEmpty(e.RecommendedAction);
                continue;
            }

            try
            {
                foreach (InpaintImage image in (await engine.ReceiveAsync(job, cancellationToken: Patience))!.Images)
                {
                    await engine.SaveAsync(image, new SaveOptions { Folder = orders.Output }, Patience);
                }
            }
            catch (InpaintException e) when (orders.Kind is null && e.ErrorId == InpaintErrorId.JobFailed)
            {
                // What ran inside the killed process has ended with it; it cost nothing.
                Assert.Contains("Run it again", e.Message, StringComparison.Ordinal);
            }
        }

        List<string> damaged = [];
        Assert.Equal(uncertain, engine.ListJobs(all: false, damaged.Add).Count());
        Assert.Empty(damaged);
    }
}
