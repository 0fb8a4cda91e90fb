using System.Collections.Concurrent;
using Inpaint.Emulator;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Wire;
using Inpaint.Engine;
using Inpaint.Http;
using Inpaint.Imaging.Masks;
using Inpaint.Jobs;
using Inpaint.Journal;
using Inpaint.Planning;
using Inpaint.Providers.Fal;
using Inpaint.Providers.FalGateway;
using Inpaint.Providers.Local;
using Inpaint.Providers.ModelsLab;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Providers.Fal;
using Xunit;

namespace Inpaint.Tests.Keys;

/// <summary>
/// A service that writes the caller's key into everything it says, at every step of a job and in every spelling: whatever comes of it, the key is in no event, exception, object or
/// file, and goes to no other host. A part of all combinations is drawn by seed; INPAINT_LONG=1 tries them all.
/// </summary>
public sealed class CanaryKeyTests : IAsyncLifetime
{
    private const int Drawn = 40;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("INPAINT_LONG") == "1";

    private readonly ConcurrentQueue<JobEvent> events = new();
    private readonly TemporaryFolder state = new();
    private readonly TemporaryFolder output = new();
    private EmulatorServer server = null!;
    private InpaintEngine engine = null!;

    public static TheoryData<string> Services => ["Fal", "FalGateway", "ModelsLab"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await EmulatorServer.StartAsync();
        engine = new InpaintEngine(
            new InpaintEngineOptions { StateFolder = state.Path, Environment = _ => null },
            new WatchSchedule { MinInterval = TimeSpan.FromMilliseconds(1), PollsPerSecond = 1000, MaxFailuresInARow = 2, FailureTimeout = TimeSpan.Zero, QueryFailureTimeout = TimeSpan.Zero, CapacityTimeout = TimeSpan.Zero },
            [
                FalClient.Descriptor with { Create = services => new FalClient(services, FalClientTest.Quick, new FalUploadOptions { InlineLimit = 0 }) },
                FalGatewayClient.Descriptor with { Create = services => new FalGatewayClient(services, FalClientTest.Quick) },
                ModelsLabClient.Descriptor with { Create = services => new ModelsLabClient(services, FalClientTest.Quick, new ModelsLabSubmitOptions { ResubmitPause = TimeSpan.Zero }) },
                LocalClient.Descriptor,
            ]);
    }

    public async ValueTask DisposeAsync()
    {
        engine.Dispose();
        await server.DisposeAsync();
        state.Dispose();
        output.Dispose();
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task A_service_that_echoes_the_key_leaks_it_nowhere(string kind)
    {
        Use(kind, BaseOf(kind));
        (WireOperation Operation, string Name, Fault Fault)[] all =
            [.. EchoFaults.All(server.CdnUri).SelectMany(f => OperationsOf(kind).Select(o => (o, f.Name, f.Fault)))];
        Random random = new(Array.IndexOf(["Local", "Fal", "FalGateway", "ModelsLab"], kind));
        int struck = 0;
        int failed = 0;
        foreach ((WireOperation operation, string name, Fault fault) in IsLong ? all : random.GetItems(all, Drawn))
        {
            server.State.Reset();
            AllowKey();
            // Once, so that a repeated call goes on; or beyond all repeats, but not for ever, because a job that stays in its queue is no failure.
            server.State.Faults.When(request => request.Operation == operation, fault, random.Next(2) == 0 ? 1 : 20);
            string where = $"{kind} {operation} {name}";
            failed += await UseAllAsync(where) ? 0 : 1;
            struck += server.State.Requests.All.Any(request => request.Fault is not null) ? 1 : 0;
            Assert.True(server.State.KeyLeaks.Count == 0, $"{where}: the key went to {string.Join(' ', server.State.KeyLeaks.Select(r => r.Path))}");
        }

        // Most of what is drawn must have happened, and much of it must have hurt.
        int tried = IsLong ? all.Length : Drawn;
        TestContext.Current.SendDiagnosticMessage("{0}: {1} faults tried, {2} met, {3} failed a call", kind, tried, struck, failed);
        Assert.InRange(struck, tried * 2 / 3, tried);
        Assert.InRange(failed, tried / 3, tried);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task A_service_in_good_health_gets_the_key_with_every_call_of_its_own(string kind)
    {
        Use(kind, BaseOf(kind));

        Assert.True(await UseAllAsync($"{kind} in good health"));
        Assert.All(server.State.Requests.All, request => Assert.Equal(request.Service != WireService.Cdn, request.Headers.ContainsKey("Authorization") || request.Carries(Canary.Key)));
    }

    [Theory]
    [InlineData("Fal", "HTTP/1.1 200 CANARY\r\nCANARY\r\n\r\n")]
    [InlineData("Fal", "CANARY\r\n\r\n")]
    [InlineData("FalGateway", "HTTP/1.1 CANARY\r\n\r\n")]
    [InlineData("FalGateway", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nCANARY\r\n")]
    [InlineData("ModelsLab", "HTTP/9.CANARY 200 OK\r\n\r\n")]
    [InlineData("ModelsLab", "HTTP/1.1 200 OK\r\nContent-Length: CANARY\r\n\r\n{}")]
    [InlineData("ModelsLab", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 41\r\n\r\nCANARY")]
    public async Task A_response_that_is_no_HTTP_is_not_quoted(string kind, string answer)
    {
        await using RawServer raw = new(answer.Replace("CANARY", Canary.Key, StringComparison.Ordinal));
        Use(kind, raw.Uri);

        Assert.False(await UseAllAsync($"{kind} {answer}"));
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task A_service_without_TLS_gets_nothing(string kind)
    {
        Use(kind, new UriBuilder(BaseOf(kind)) { Scheme = Uri.UriSchemeHttps }.Uri);

        Assert.False(await UseAllAsync($"{kind} over TLS"));
        Assert.Empty(server.State.Requests.All);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task A_closed_port_is_named_without_the_key(string kind)
    {
        Use(kind, EmulatorServer.FindClosedAddress());

        Assert.False(await UseAllAsync($"{kind} refused"));
    }

    private static WireOperation[] OperationsOf(string kind) => kind switch
    {
        "Fal" => [WireOperation.UploadInitiate, WireOperation.UploadPut, WireOperation.Submit, WireOperation.Status, WireOperation.StatusStream, WireOperation.Result, WireOperation.Cancel],
        "FalGateway" => [WireOperation.Submit, WireOperation.Result, WireOperation.Cancel],
        _ => [WireOperation.UploadPut, WireOperation.Submit, WireOperation.Status, WireOperation.Account],
    };

    private Uri BaseOf(string kind) => kind switch
    {
        "Fal" => server.QueueUri,
        "FalGateway" => server.GatewayUri,
        _ => server.ModelsLabUri,
    };

    private void Use(string kind, Uri address)
    {
        bool isFal = kind == "Fal" && address == server.QueueUri;
        engine.Providers.Set(new ProviderSettings
        {
            Name = "Service",
            Kind = kind,
            BaseUri = address,
            Endpoints = isFal ? server.FalEndpoints : new Dictionary<string, Uri>(),
            ApiKey = FalClientTest.Secure(Canary.Key),
        });
        AllowKey();
    }

    private void AllowKey()
    {
        server.State.FalKeys.Add(Canary.Key);
        server.State.Gateway.Keys.Add(Canary.Key);
        server.State.ModelsLab.Keys.Add(Canary.Key);
        server.State.ModelsLab.Eta = TimeSpan.Zero;
        server.State.ModelsLab.DuplicateWindow = TimeSpan.Zero;
    }

    /// <summary>Does with the service what can be done, and looks at everything that comes of it.</summary>
    /// <returns>Whether all of it succeeded.</returns>
    private async Task<bool> UseAllAsync(string where)
    {
        bool isWell = true;
        InpaintJob? job = null;
        isWell &= await TryAsync(where, () => engine.CheckAccessAsync(engine.Providers.Get("Service"), cancellationToken: Cancellation));
        isWell &= await TryAsync(where, async () =>
        {
            InpaintResult result = await engine.RunAsync(Plan(), new RunOptions { Events = new Recorder(events) }, cancellationToken: Cancellation);
            Canary.AssertAbsentFrom($"{where}: the result", result);
            foreach (InpaintImage image in result.Images.Where(image => !image.Url.Contains(SecretRedactor.Mark, StringComparison.Ordinal)))
            {
                Canary.AssertAbsentFrom($"{where}: the file", await engine.SaveAsync(image, new SaveOptions { Folder = output.Path, Metadata = MetadataMode.Sidecar }, Cancellation));
            }
        });
        isWell &= await TryAsync(where, async () =>
        {
            job = await engine.StartAsync(Plan(), new RunOptions { Events = new Recorder(events) }, cancellationToken: Cancellation);
            job = await engine.GetStatusAsync(job, includeLog: true, cancellationToken: Cancellation);
            Canary.AssertAbsentFrom($"{where}: the job", job);
        });
        if (job is not null)
        {
            isWell &= await TryAsync(where, async () => Canary.AssertAbsentFrom($"{where}: the received result", await engine.ReceiveAsync(job, wait: false, cancellationToken: Cancellation)));
            isWell &= await TryAsync(where, async () => Canary.AssertAbsentFrom($"{where}: the stopped job", await engine.StopAsync(job, cancellationToken: Cancellation)));
        }

        foreach (JobEvent e in events)
        {
            Canary.AssertAbsentFrom($"{where}: an event", e);
        }

        Canary.AssertAbsentFrom($"{where}: the providers", engine.Providers.List());
        Canary.AssertAbsentBelow(state.Path);
        Canary.AssertAbsentBelow(output.Path);
        events.Clear();
        foreach (InpaintJob known in engine.ListJobs(all: true).ToArray())
        {
            engine.Forget(known);
        }

        return isWell;
    }

    private static async Task<bool> TryAsync(string where, Func<Task> action)
    {
        try
        {
            await action();
            return true;
        }
        catch (InpaintException e)
        {
            Canary.AssertAbsentFrom($"{where}: the exception", e);
            return false;
        }
    }

    private RequestPlan Plan() => engine.Plan(new InpaintRequest
    {
        Provider = "Service",
        Prompt = "an empty bench",
        Image = PictureSource.FromBytes(TestPictures.Png(64, 64), "dog.png"),
        Mask = PictureSource.FromBytes(TestPictures.RightHalfMask(64, 64), "dog_mask.png"),
        Size = ImageSize.Parse("256x256"),
    });

    private sealed class Recorder(ConcurrentQueue<JobEvent> events) : IProgress<JobEvent>
    {
        public void Report(JobEvent value) => events.Enqueue(value);
    }
}
