using Inpaint.Emulator;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Engine;
using Inpaint.Imaging.Masks;
using Inpaint.Jobs;
using Inpaint.Journal;
using Inpaint.Providers;
using Inpaint.Providers.Fal;
using Inpaint.Providers.FalGateway;
using Inpaint.Providers.ModelsLab;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Providers;
using Inpaint.Tests.Providers.Fal;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Faults;

/// <summary>
/// Whole jobs, from the picture to the file, through the engine and over real HTTP, while anything fails at random and the user stops at random. A new engine,
/// as of a new process, then holds the journal against what the service took. Each round repeats by its seed.
/// </summary>
public sealed class RandomFaultTests : IClassFixture<ProviderTableFixture>, IDisposable
{
    /// <summary>Far beyond what any round takes; only a hang gets there.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // 375 sequences over the five lanes; INPAINT_LONG=1 makes 6,250.
    private static readonly int Rounds = Environment.GetEnvironmentVariable("INPAINT_LONG") == "1" ? 1_250 : 75;

    /// <summary>What may strike anywhere.</summary>
    private static readonly Func<Fault>[] Anywhere =
    [
        Fault.ResetBeforeRead,
        Fault.ResetAfterAccept,
        Fault.CloseBeforeHandling,
        Fault.CloseAfterAccept,
        () => Fault.TooManyRequests(),
        () => Fault.TooManyRequests(TimeSpan.Zero),
        () => Fault.TooManyRequests(DateTimeOffset.UnixEpoch),
        () => Fault.Respond(429, """{"status":"error","message":"Rate limit exceeded","retry_after":0}"""),
        () => Fault.Respond(500, "Internal Server Error", "text/plain"),
        () => Fault.Respond(500, "Internal Server Error", "text/plain").AfterAccept(),
        () => Fault.Html(502),
        () => Fault.Html(502).AfterAccept(),
        () => Fault.Respond(503, "busy", "text/plain"),
        () => Fault.Html(504).AfterAccept(),
        () => Fault.SlowBody(TimeSpan.Zero, 64),
        () => Fault.Truncate(),
        Fault.MalformedBody,
        Fault.EmptyBody,
        () => Fault.Html(200),
        () => Fault.Html(200).AfterAccept(),
        () => Fault.WrongContentType(),
        () => Fault.UnknownStatus(),
        () => Fault.HugeBody(1 << 20),
        () => Fault.Redirect(new Uri("https://elsewhere.invalid/")),
        () => Fault.Redirect(new Uri("https://elsewhere.invalid/"), 307),
        () => Fault.EndStream(),
    ];

    /// <summary>A service's own last word on a job; it is believed, so that it may strike only where no job is lost by that.</summary>
    private static readonly Func<Fault>[] BeforeAJob = [Fault.UserTimeout, Fault.Expired];

    private readonly EmulatorServer server;
    private readonly TemporaryFolder folder = new();

    public RandomFaultTests(ProviderTableFixture fixture) => server = fixture.Server;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private EmulatorState State => server.State;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("Fal", "queue")]
    [InlineData("Fal", "direct")]
    [InlineData("Fal", "previews")]
    [InlineData("ChainHub", "queue")]
    [InlineData("ModelsLab", "queue")]
    public async Task No_job_is_paid_twice_or_lost_and_nothing_hangs(string provider, string way)
    {
        Dictionary<string, int> endings = new(StringComparer.Ordinal);
        for (int round = 0; round < Rounds; round++)
        {
            string ending = await RoundAsync(provider, way, round);
            endings[ending] = endings.GetValueOrDefault(ending) + 1;
        }

        string told = string.Join(", ", endings.OrderByDescending(e => e.Value).Select(e => $"{e.Key} {e.Value}"));
        TestContext.Current.SendDiagnosticMessage($"{provider}, {way}: {told}");

        // The dice must have reached what is to be tried.
        Assert.True(endings.GetValueOrDefault("saved") >= Rounds / 10, told);
        Assert.True(endings.GetValueOrDefault("stopped") >= Rounds / 25, told);
        Assert.True(endings.GetValueOrDefault(nameof(InpaintErrorId.SubmissionUncertain)) >= Rounds / 25, told);
    }

    private async Task<string> RoundAsync(string provider, string way, int round)
    {
        Random random = new(SeedOf(provider, way) + round);
        State.Reset();
        State.ModelsLab.DuplicateWindow = TimeSpan.Zero;
        State.Gateway.KnowsCancel = random.Next(2) == 0;
        State.Jobs.DefaultScript = JobScript.Reads(random.Next(3), random.Next(3));
        using CancellationTokenSource stop = new();
        using IDisposable rule = State.Faults.When(_ => true, Dice(random, way, stop));
        string story = $"{provider}, {way}, round {round}";
        string target = folder.At($"{round}");
        string ending;
        using (InpaintEngine engine = Start(random.Next(2) == 0))
        {
            ending = await RunAsync(engine, Request(provider, way, round, target), target, stop.Token);
        }

        Assert.True(State.PaidJobs <= 1, $"{story}: {State.PaidJobs} jobs were paid for");
        Assert.True(State.Requests.All.Count(MayHaveMadeAJob) <= 1, $"{story}: asked again after bytes may have arrived");
        State.Faults.Clear();
        await AuditAsync(story, ending, target);
        Assert.Empty(State.KeyLeaks);
        return ending;
    }

    private static int SeedOf(string provider, string way) => (provider.Length * 2 + (way switch { "direct" => 1, "previews" => 2, _ => 0 })) * 1_000_000;

    private static bool MayHaveMadeAJob(RecordedRequest request) =>
        IsPaid(request) && request.Status is not (429 or 503);

    private static bool IsPaid(RecordedRequest request) => request.Operation is WireOperation.Submit or WireOperation.Run or WireOperation.RunStream;

    /// <summary>Up to six faults, each where its die falls; and in a part of the rounds a stop at some request, whose answer may be withheld.</summary>
    private static Func<RecordedRequest, Fault> Dice(Random random, string way, CancellationTokenSource stop)
    {
        int faults = random.Next(7);

        // A stream of previews is one request, and what is repeated of it.
        int stopAt = random.Next(4) == 0 ? random.Next(1, way == "previews" ? 3 : 9) : int.MaxValue;
        int requests = 0;
        return request =>
        {
            lock (random)
            {
                if (++requests == stopAt)
                {
                    _ = stop.CancelAsync();
                    return random.Next(5) == 0 ? Fault.HoldHeaders() : Fault.Pass;
                }

                if (faults == 0 || random.Next(3) > 0)
                {
                    return Fault.Pass;
                }

                faults--;
                bool isBefore = IsPaid(request) && random.Next(8) == 0;
                Func<Fault>[] kinds = isBefore ? BeforeAJob : Anywhere;
                return kinds[random.Next(kinds.Length)]();
            }
        };
    }

    private static async Task<string> RunAsync(InpaintEngine engine, InpaintRequest request, string target, CancellationToken stop)
    {
        try
        {
            InpaintResult result = await engine.RunAsync(engine.Plan(request), cancellationToken: stop).WaitAsync(Patience, Cancellation);
            await engine.SaveAsync(Assert.Single(result.Images), new SaveOptions { Folder = target }, stop).WaitAsync(Patience, Cancellation);
            return "saved";
        }
        catch (InpaintException e)
        {
            return e.ErrorId.ToString();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return "stopped";
        }
    }

    /// <summary>The next morning, with a service in good health: all that was paid for is in the journal, and all that can be collected becomes a whole file.</summary>
    private async Task AuditAsync(string story, string ending, string target)
    {
        using InpaintEngine next = Start(uploads: false);
        InpaintJob[] known = [.. next.ListJobs(all: true)];
        EmulatedJob? paid = State.PaidJobs == 0 ? null : State.Jobs.Last;
        Assert.True(known.Length <= 1 && (paid is null || known.Length == 1), $"{story}, {ending}: {State.PaidJobs} jobs paid for, in the journal: {string.Join(", ", known.Select(j => $"{j.Id} {j.State}"))}");
        foreach (InpaintJob job in known)
        {
            if (job.State == InpaintJobState.Uncertain)
            {
                Assert.True(ending == nameof(InpaintErrorId.SubmissionUncertain), $"{story}, {ending}: {job}");
            }
            else
            {
                Assert.True(job.Id == paid?.Id, $"{story}, {ending}: {job.Id} {job.State}");
                await CollectAsync(next, job, paid!, target, $"{story}, {ending}, {job.State}");
            }

            next.Forget(job);
        }

        Assert.True(new[] { target, PreviewsOf(target) }.Where(Directory.Exists).SelectMany(Directory.EnumerateFiles).All(f => Path.GetExtension(f) is ".png" or ".jpg"), $"{story}: half a file");
    }

    private static async Task CollectAsync(InpaintEngine engine, InpaintJob job, EmulatedJob paid, string target, string story)
    {
        try
        {
            InpaintResult? result = await engine.ReceiveAsync(job, cancellationToken: Cancellation).WaitAsync(Patience, Cancellation);
            SavedImage saved = await engine.SaveAsync(Assert.Single(result!.Images), new SaveOptions { Folder = target }, Cancellation).WaitAsync(Patience, Cancellation);
            Assert.True(new FileInfo(saved.Path).Length > 0, story);
        }
        catch (InpaintException e)
        {
            Assert.True(paid.IsCancelled && e.ErrorId == InpaintErrorId.JobCancelled, $"{story}: {e.ErrorId}, {e.Message}");
        }
    }

    private static string PreviewsOf(string target) => target + "-previews";

    private static InpaintRequest Request(string provider, string way, int round, string target)
    {
        InpaintRequest request = new() { Provider = provider, Prompt = "an empty bench", Seed = round };
        return way == "previews"
            ? request with { Operation = InpaintOperation.TextToImage, Size = ImageSize.FromPixels(64, 48), PreviewFolder = PreviewsOf(target) }
            : request with { Synchronous = way == "direct", Image = FalClientTest.Picture(256, 256), Mask = FalClientTest.Mask(256, 256) };
    }

    private InpaintEngine Start(bool uploads)
    {
        ProviderDescriptor[] kinds =
        [
            new(ProviderKind.Fal, FalCapabilities.All, services => new FalClient(services, uploads: new FalUploadOptions { InlineLimit = uploads ? 0 : 1_000_000 })),
            new(ProviderKind.FalGateway, FalGatewayCapabilities.All, services => new FalGatewayClient(services)),
            new(ProviderKind.ModelsLab, ModelsLabCapabilities.All, services => new ModelsLabClient(services, submitOptions: new ModelsLabSubmitOptions { ResubmitPause = TimeSpan.Zero })),
            .. ProviderCatalogue.Kinds.Where(k => k.Kind == ProviderKind.Local),
        ];
        WatchSchedule schedule = new() { ShortestPause = TimeSpan.FromMilliseconds(1), LongestPause = TimeSpan.FromMilliseconds(20), LooksPerSecond = 1000 };
        InpaintEngine engine = new(new InpaintEngineOptions { StateFolder = folder.At("state"), TimeProvider = new HurriedTimeProvider(), Environment = _ => null }, schedule, kinds);
        engine.Providers.Set(new ProviderSettings { Name = "Fal", BaseUri = server.QueueUri, Endpoints = server.FalEndpoints, ApiKey = FalClientTest.Secure("test-id:test-secret") });
        engine.Providers.Set(new ProviderSettings { Name = "ChainHub", BaseUri = server.GatewayUri, ApiKey = FalClientTest.Secure("test-token") });
        engine.Providers.Set(new ProviderSettings { Name = "ModelsLab", BaseUri = server.ModelsLabUri, ApiKey = FalClientTest.Secure("test-key") });
        return engine;
    }
}
