using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Inpaint.Emulator;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Engine;
using Inpaint.Http;
using Inpaint.Tests.Emulator;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Providers;
using Xunit;

namespace Inpaint.Tests.Engine;

/// <summary>Submits over TLS, on connections that were opened ahead: whatever becomes of those, a job is submitted at most once.</summary>
public sealed class SubmitConnectionTests : IAsyncLifetime
{
    // A server for each test, because connections are counted.
    private readonly TlsEmulatorFixture tls = new();
    private readonly TemporaryFolder folder = new();
    private InpaintEngine? engine;

    public static TheoryData<string> Kinds => [.. ProviderUnderTest.ReadAll().Select(provider => provider.Name)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private EmulatorState State => tls.Server.State;

    public ValueTask InitializeAsync() => tls.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        engine?.Dispose();
        await tls.DisposeAsync();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_next_submit_uses_the_connection_that_was_opened_with_the_one_before(string provider)
    {
        Use(provider, time: new AgelessTime());
        for (int i = 0; i < 3; i++)
        {
            await StartAsync(provider, i);
        }

        IReadOnlyList<RecordedRequest> submits = State.Requests.Of(WireOperation.Submit);
        Assert.Equal(3, submits.Select(submit => submit.ConnectionId).Distinct().Count());
        Assert.Equal(3, State.PaidJobs);

        // All connections were used but one, which waits for the next submit.
        Assert.InRange(State.Connections.Accepted - State.Requests.All.Select(request => request.ConnectionId).Distinct().Count(), 0, 1);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task The_first_submit_uses_the_connection_that_was_opened_while_it_was_planned(string provider)
    {
        Use(provider, time: new AgelessTime());
        engine!.ConnectAhead(Request(provider, 1));
        await State.Connections.WaitForAsync(connections => connections.Accepted > 0, Cancellation);

        Assert.Empty(State.Requests.All);
        await StartAsync(provider, 1);

        // All connections were used but one, which waits for the next submit.
        Assert.InRange(State.Connections.Accepted - State.Requests.All.Select(request => request.ConnectionId).Distinct().Count(), 0, 1);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_connection_that_the_server_has_closed_meanwhile_costs_nothing(string provider)
    {
        Use(provider);
        await StartAsync(provider, 1);
        await tls.Server.GoOfflineAsync();
        await tls.Server.GoOnlineAsync();
        await StartAsync(provider, 2);

        Assert.Equal((2, 2), (State.PaidJobs, State.Requests.Count(WireOperation.Submit)));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_submit_that_breaks_off_is_uncertain_and_sent_once(string provider)
    {
        Use(provider);
        await StartAsync(provider, 1);
        foreach (Fault fault in new[] { Fault.ResetBeforeRead(), Fault.ResetAfterAccept() })
        {
            State.Requests.Clear();
            State.Faults.Enqueue(WireOperation.Submit, fault);
            InpaintException e = await Assert.ThrowsAsync<InpaintException>(() => StartAsync(provider, 2));

            Assert.Equal((InpaintErrorId.SubmissionUncertain, 1), (e.ErrorId, State.Requests.Count(WireOperation.Submit)));
        }
    }

    [Fact]
    public async Task A_server_that_ends_every_handshake_gets_no_request_and_no_job_is_uncertain()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int accepted = 0;
        Task serving = Task.Run(async () =>
        {
            while (true)
            {
                using Socket client = await listener.AcceptSocketAsync(Cancellation);
                accepted++;
                await client.ReceiveAsync(new byte[4096], Cancellation);
            }
        }, Cancellation);
        Use("Fal", new Uri($"https://{listener.LocalEndpoint}/"));
        InpaintException e = await Assert.ThrowsAsync<InpaintException>(() => StartAsync("Fal", 1, new RetryLimits(0, TimeSpan.FromSeconds(1))));

        Assert.Equal(InpaintErrorId.ProviderUnavailable, e.ErrorId);
        Assert.InRange(accepted, 2, 3);
        Assert.Empty(engine!.ListJobs(all: true));
        listener.Stop();
        await Assert.ThrowsAnyAsync<Exception>(() => serving);
    }

    [Fact]
    public async Task Without_a_key_no_connection_is_opened()
    {
        Use("Fal", key: "");
        InpaintException e = await Assert.ThrowsAsync<InpaintException>(() => StartAsync("Fal", 1));

        Assert.Equal((InpaintErrorId.ApiKeyMissing, 0), (e.ErrorId, State.Connections.Accepted));
    }

    private void Use(string name, Uri? baseUri = null, string? key = null, TimeProvider? time = null)
    {
        ProviderUnderTest provider = ProviderUnderTest.ReadAll().Single(candidate => candidate.Name == name);
        RemoteCertificateValidationCallback trusts = tls.Trusts;
        engine = new InpaintEngine(new InpaintEngineOptions { StateFolder = folder.Path, Environment = _ => null, TimeProvider = time ?? TimeProvider.System, ValidateCertificate = trusts });
        ProviderSettings settings = provider.Settings(tls.Server);

        // The look at a price is cancelled when the job is accepted, and may leave a connection on which nothing was asked: it goes elsewhere.
        Dictionary<string, Uri> endpoints = settings.Endpoints.ToDictionary(endpoint => endpoint.Key, endpoint => endpoint.Key == "Platform" ? EmulatorServer.FindClosedAddress() : endpoint.Value);
        engine.Providers.Set(settings with { BaseUri = baseUri ?? settings.BaseUri, Endpoints = endpoints });
        if (key is not null)
        {
            engine.ForgetKeys();
        }
    }

    private Task<InpaintJob> StartAsync(string provider, int seed, RetryLimits? retry = null) =>
        engine!.StartAsync(engine.Plan(Request(provider, seed)), new RunOptions { Retry = retry }, Cancellation);

    private static InpaintRequest Request(string provider, int seed) => new()
    {
        Provider = provider,
        Prompt = "an empty bench",
        Image = PictureSource.FromBytes(TestPictures.Png(64, 64), "dog.png"),
        Mask = PictureSource.FromBytes(TestPictures.RightHalfMask(64, 64), "dog_mask.png"),
        Seed = seed,
    };

    /// <summary>A clock on which no connection becomes too old to be used, however busy the machine is.</summary>
    private sealed class AgelessTime : TimeProvider
    {
        private readonly DateTimeOffset now = System.GetUtcNow();

        public override DateTimeOffset GetUtcNow() => now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime == ReadyConnections.MaximumAge ? Timeout.InfiniteTimeSpan : dueTime, period);
    }
}
