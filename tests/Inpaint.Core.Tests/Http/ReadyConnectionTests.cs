using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Inpaint.Emulator;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Inpaint.Tests.Emulator;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Http;

/// <summary>Connections that are opened before a submit needs them.</summary>
public sealed class ReadyConnectionTests(TlsEmulatorFixture tls) : IClassFixture<TlsEmulatorFixture>, IDisposable
{
    private readonly ManualTimeProvider time = new();
    private readonly ReadyConnections connections = new(new NoProxy(), TimeProvider.System, tls.Trusts);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private EmulatorServer Server => tls.Server;

    private Uri Target => Server.QueueUri;

    public void Dispose() => connections.Dispose();

    [Fact]
    public async Task One_connection_is_opened_for_each_request_that_is_certain()
    {
        connections.Open(Target, UpcomingSubmit.Certain);
        connections.Open(Target, UpcomingSubmit.Certain);

        await TakesAsync(connections, [true, true, false]);
    }

    [Fact]
    public async Task A_spare_connection_is_used_before_another_is_opened()
    {
        connections.Open(Target, UpcomingSubmit.Likely);
        connections.Open(Target, UpcomingSubmit.Likely);
        connections.Open(Target, UpcomingSubmit.Certain);

        await TakesAsync(connections, [true, true, false]);
    }

    [Fact]
    public async Task A_submit_uses_the_connection_that_was_opened_while_it_was_planned()
    {
        connections.Open(Target, UpcomingSubmit.Planned);
        connections.Open(Target, UpcomingSubmit.Certain);

        await TakesAsync(connections, [true, false]);
    }

    [Fact]
    public async Task None_is_opened_for_a_plan_while_one_is_left_of_an_earlier_job()
    {
        connections.Open(Target, UpcomingSubmit.Likely);
        connections.Open(Target, UpcomingSubmit.Planned);
        connections.Open(Target, UpcomingSubmit.Certain);

        await TakesAsync(connections, [true, false]);
    }

    [Fact]
    public async Task Submits_use_them_and_each_has_one_of_its_own()
    {
        // A server of its own: on the shared one, a connection of an earlier test may be accepted meanwhile.
        await using EmulatorServer own = await EmulatorServer.StartAsync(new EmulatorOptions { Certificate = tls.Certificate });
        using HttpClientSource source = new(time: TimeProvider.System, validate: tls.Trusts);
        for (int i = 0; i < 3; i++)
        {
            source.ConnectAhead(own.QueueUri, UpcomingSubmit.Certain);
            using HttpRequestMessage message = new(HttpMethod.Post, new Uri(own.HooksUri + "/x")) { Content = new StringContent("{}") };
            using HttpResponseMessage response = await source.Get(HttpPurpose.Submit).SendAsync(message, Cancellation);
            Assert.Equal((HttpStatusCode.OK, HttpVersion.Version11), (response.StatusCode, response.Version));
        }

        Assert.Equal(3, own.State.Connections.Accepted);
        Assert.Equal(3, own.State.Requests.All.Select(request => request.ConnectionId).Distinct().Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_not_used_within_seconds_is_closed(bool isReady)
    {
        using ReadyConnections timed = new(new NoProxy(), time, tls.Trusts);
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        timed.Open(new Uri($"https://{listener.LocalEndpoint}/"), UpcomingSubmit.Likely);
        await using Stream accepted = await AcceptAsync(listener, isReady);
        time.Advance(ReadyConnections.MaximumAge);

        Assert.True(await IsClosedAsync(accepted));
        await TakesAsync(timed, [false], ((IPEndPoint)listener.LocalEndpoint).Port);
    }

    [Fact]
    public async Task A_machine_that_slept_uses_none_of_before()
    {
        MovedClock clock = new();
        using ReadyConnections slept = new(new NoProxy(), clock, tls.Trusts);
        slept.Open(Target, UpcomingSubmit.Certain);
        clock.Offset = TimeSpan.FromHours(8);

        await TakesAsync(slept, [false]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task All_are_closed_with_the_engine(bool isReady)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        connections.Open(new Uri($"https://{listener.LocalEndpoint}/"), UpcomingSubmit.Likely);
        await using Stream accepted = await AcceptAsync(listener, isReady);
        connections.Dispose();

        Assert.True(await IsClosedAsync(accepted));
        connections.Open(Target, UpcomingSubmit.Certain);
        await TakesAsync(connections, [false]);
    }

    [Fact]
    public async Task One_that_the_server_has_closed_is_not_used()
    {
        connections.Open(Target, UpcomingSubmit.Likely);
        connections.Open(Target, UpcomingSubmit.Likely);
        await TakesAsync(connections, [true]);
        await Server.GoOfflineAsync();
        await Server.GoOnlineAsync();

        await TakesAsync(connections, [false]);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/", false)]
    [InlineData("https://127.0.0.1:{0}/", true)]
    public async Task None_is_opened_where_TLS_is_not_spoken_or_a_proxy_stands_between(string url, bool isProxied)
    {
        using ReadyConnections others = new(isProxied ? new WebProxy("http://127.0.0.1:1") : new NoProxy(), TimeProvider.System, tls.Trusts);
        others.Open(new Uri(string.Format(System.Globalization.CultureInfo.InvariantCulture, url, Target.Port)), UpcomingSubmit.Certain);

        await TakesAsync(others, [false]);
    }

    [Fact]
    public async Task A_host_that_the_proxy_s_exceptions_name_is_called_directly()
    {
        using ReadyConnections direct = new(new WebProxy("http://127.0.0.1:1", BypassOnLocal: false, [@"127\.0\.0\.1"]), TimeProvider.System, tls.Trusts);
        direct.Open(Target, UpcomingSubmit.Certain);

        await TakesAsync(direct, [true]);
    }

    [Fact]
    public async Task One_whose_certificate_is_not_trusted_is_not_used()
    {
        using ReadyConnections distrustful = new(new NoProxy(), TimeProvider.System, validate: null);
        distrustful.Open(Target, UpcomingSubmit.Certain);

        await TakesAsync(distrustful, [false]);
    }

    [Fact]
    public async Task Other_hosts_and_ports_get_none_of_them()
    {
        await using EmulatorServer other = await EmulatorServer.StartAsync(new EmulatorOptions { Certificate = tls.Certificate });
        connections.Open(Target, UpcomingSubmit.Certain);

        await TakesAsync(connections, [false], other.BaseUri.Port);
        await TakesAsync(connections, [true]);
    }

    /// <summary>Takes connections, and asserts of each whether it had been opened ahead: those have negotiated TLS.</summary>
    private async Task TakesAsync(ReadyConnections from, bool[] areReady, int? port = null)
    {
        foreach (bool isReady in areReady)
        {
            await using Stream stream = await from.TakeAsync(new DnsEndPoint("127.0.0.1", port ?? Target.Port), Cancellation);
            Assert.Equal(isReady, stream is SslStream { IsAuthenticated: true });
        }
    }

    /// <summary>Accepts a connection, and finishes its handshake or leaves it without an answer.</summary>
    private async Task<Stream> AcceptAsync(TcpListener listener, bool isReady)
    {
        NetworkStream accepted = new(await listener.AcceptSocketAsync(Cancellation), ownsSocket: true);
        if (!isReady)
        {
            return accepted;
        }

        SslStream secured = new(accepted);
        await secured.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = tls.Certificate }, Cancellation);
        return secured;
    }

    private static async Task<bool> IsClosedAsync(Stream accepted)
    {
        try
        {
            while (await accepted.ReadAsync(new byte[4096], Cancellation) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Reset, which is closed as well.
        }

        return true;
    }

    private sealed class NoProxy : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination) => null;

        public bool IsBypassed(Uri host) => true;
    }

    private sealed class MovedClock : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}
