using System.Net;
using System.Net.Sockets;
using Inpaint.Emulator;
using Inpaint.Http;
using Xunit;

namespace Inpaint.Tests.Http;

/// <summary>Where requests go when the environment names a proxy.</summary>
public sealed class HttpClientSourceTests : IAsyncLifetime
{
    private readonly TcpListener proxy = new(IPAddress.Loopback, 0);
    private HttpClientSource source = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        proxy.Start();
        source = new HttpClientSource(new WebProxy($"http://127.0.0.1:{((IPEndPoint)proxy.LocalEndpoint).Port}"));
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        source.Dispose();
        proxy.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task This_machine_is_asked_without_a_proxy()
    {
        await using EmulatorServer server = await EmulatorServer.StartAsync();
        foreach (HttpPurpose purpose in Enum.GetValues<HttpPurpose>())
        {
            foreach (string host in new[] { "127.0.0.1", "localhost" })
            {
                Uri address = new($"http://{host}:{server.BaseUri.Port}{server.HooksUri.AbsolutePath}/x");
                Assert.Equal(HttpStatusCode.OK, await GetAsync(purpose, address));
            }
        }

        Assert.False(proxy.Pending());
    }

    [Fact]
    public async Task Others_are_asked_by_way_of_it()
    {
        Task<HttpStatusCode> call = GetAsync(HttpPurpose.Transfer, new Uri("http://pictures.invalid/dog.png"));
        using TcpClient connection = await proxy.AcceptTcpClientAsync(Cancellation);
        byte[] head = new byte[4096];
        int read = await connection.GetStream().ReadAtLeastAsync(head, 32, throwOnEndOfStream: false, Cancellation);
        Assert.StartsWith("GET http://pictures.invalid/dog.png ", System.Text.Encoding.ASCII.GetString(head, 0, read), StringComparison.Ordinal);
        await connection.GetStream().WriteAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(), Cancellation);
        Assert.Equal(HttpStatusCode.NoContent, await call);
    }

    private async Task<HttpStatusCode> GetAsync(HttpPurpose purpose, Uri address)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        using HttpResponseMessage response = await source.Get(purpose).SendAsync(request, Cancellation);
        return response.StatusCode;
    }
}
