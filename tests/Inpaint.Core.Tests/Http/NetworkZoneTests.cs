using System.Net;
using System.Net.Sockets;
using Inpaint.Emulator;
using Inpaint.Http;
using Xunit;

namespace Inpaint.Tests.Http;

/// <summary>A service that is elsewhere must not make this machine talk to its own network, by whatever address or name.</summary>
public sealed class NetworkZoneTests : IAsyncLifetime
{
    private EmulatorServer server = null!;
    private string picture = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        server = await EmulatorServer.StartAsync();
        string id = server.State.Files.Add("dog.png", "image/png", new byte[] { 1, 2, 3 });
        picture = $":{server.BaseUri.Port}{server.CdnUri.AbsolutePath}/files/{id}/dog.png";
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Theory]
    [InlineData("127.0.0.1", NetworkZones.Loopback)]
    [InlineData("127.9.9.9", NetworkZones.Loopback)]
    [InlineData("0.0.0.0", NetworkZones.Loopback)]
    [InlineData("::1", NetworkZones.Loopback)]
    [InlineData("::", NetworkZones.Loopback)]
    [InlineData("::ffff:127.0.0.1", NetworkZones.Loopback)]
    [InlineData("64:ff9b::7f00:1", NetworkZones.Loopback)]
    [InlineData("2002:7f00:1::", NetworkZones.Loopback)]
    [InlineData("10.0.0.1", NetworkZones.Private)]
    [InlineData("172.16.0.1", NetworkZones.Private)]
    [InlineData("172.31.255.255", NetworkZones.Private)]
    [InlineData("192.168.1.1", NetworkZones.Private)]
    [InlineData("100.64.0.1", NetworkZones.Private)]
    [InlineData("::ffff:10.0.0.1", NetworkZones.Private)]
    [InlineData("fd12:3456::1", NetworkZones.Private)]
    [InlineData("fec0::1", NetworkZones.Private)]
    [InlineData("169.254.169.254", NetworkZones.LinkLocal)]
    [InlineData("fe80::1", NetworkZones.LinkLocal)]
    [InlineData("224.0.0.1", NetworkZones.LinkLocal)]
    [InlineData("255.255.255.255", NetworkZones.LinkLocal)]
    [InlineData("172.15.0.1", NetworkZones.None)]
    [InlineData("172.32.0.1", NetworkZones.None)]
    [InlineData("100.63.0.1", NetworkZones.None)]
    [InlineData("100.128.0.1", NetworkZones.None)]
    [InlineData("8.8.8.8", NetworkZones.None)]
    [InlineData("2001:4860:4860::8888", NetworkZones.None)]
    [InlineData("::ffff:8.8.8.8", NetworkZones.None)]
    public void An_IP_address_lies_in_its_network(string address, object zone) => Assert.Equal((NetworkZones)zone, NetworkZone.Of(IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://127.0.0.1/x.png")]
    [InlineData("https://2130706433/x.png")]
    [InlineData("https://0x7f.1/x.png")]
    [InlineData("https://[::ffff:127.0.0.1]/x.png")]
    [InlineData("https://localhost/x.png")]
    [InlineData("https://localhost./x.png")]
    [InlineData("https://a.localhost/x.png")]
    [InlineData("https://10.1.2.3/x.png")]
    [InlineData("https://192.168.0.1/x.png")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://[fe80::1]/x.png")]
    [InlineData("https://[fd00::1]/x.png")]
    public async Task A_place_in_a_network_of_ones_own_is_refused(string address)
    {
        using HttpClientSource http = new();
        foreach (AllowedNetworks home in new[] { AllowedNetworks.None, new AllowedNetworks(new Uri("https://8.8.8.8")) })
        {
            InpaintException e = await Assert.ThrowsAsync<InpaintException>(() => FetchAsync(http, address, home));
            Assert.Equal(InpaintErrorId.InsecureTransport, e.ErrorId);
        }
    }

    [Theory]
    [InlineData("http://127.0.0.1:9999")]
    [InlineData("https://10.0.0.7")]
    public async Task Another_network_than_the_services_own_is_refused_too(string home)
    {
        using HttpClientSource http = new();
        await Assert.ThrowsAsync<InpaintException>(() => FetchAsync(http, "https://169.254.169.254/x.png", new AllowedNetworks(new Uri(home))));
    }

    [Fact]
    public async Task A_name_is_judged_by_where_it_leads()
    {
        using HttpClientSource http = new(proxy: null, Resolve);
        InpaintException e = await Assert.ThrowsAsync<InpaintException>(() => FetchAsync(http, $"https://elsewhere.example{picture}", AllowedNetworks.None));
        Assert.Equal(InpaintErrorId.InsecureTransport, e.ErrorId);
        Assert.Contains("elsewhere.example (127.0.0.1)", e.Message, StringComparison.Ordinal);
        Assert.Empty(server.State.Requests.All);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9999")]
    [InlineData("https://home.example")]
    public async Task A_service_whose_own_URL_is_there_may_send_there(string home)
    {
        using HttpClientSource http = new(proxy: null, Resolve);
        await FetchAsync(http, $"http://127.0.0.1{picture}", new AllowedNetworks(new Uri(home)));

        // By name, too: what it leads to is what counts.
        HttpMessageInvoker client = await http.GetForAsync(new Uri("http://elsewhere.example"), new AllowedNetworks(new Uri(home)), Cancellation);
        using HttpRequestMessage request = new(HttpMethod.Get, $"http://elsewhere.example{picture}");
        using HttpResponseMessage response = await client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task A_home_that_cannot_be_found_allows_no_more_than_the_internet()
    {
        using HttpClientSource http = new(proxy: null, (_, _) => throw new SocketException((int)SocketError.HostNotFound));
        await Assert.ThrowsAsync<InpaintException>(() => FetchAsync(http, $"http://127.0.0.1{picture}", new AllowedNetworks(new Uri("https://home.example"))));
    }

    // Every name leads to this machine.
    private static Task<IPAddress[]> Resolve(string host, CancellationToken cancellationToken) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]);

    private static async Task FetchAsync(HttpClientSource http, string address, AllowedNetworks home)
    {
        using MemoryStream file = new();
        await new PictureDownloader(http, TimeProvider.System).DownloadAsync(address, home, file, SaveOptions.DefaultMaximumBytes, Cancellation);
    }
}
