using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Inpaint.Tests.Keys;

/// <summary>A server on loopback that answers every connection with the same bytes, whatever is asked: for answers that no HTTP server would write.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource disposal = new();
    private readonly Task serving;

    public RawServer(string answer)
    {
        listener.Start();
        serving = ServeAsync(Encoding.Latin1.GetBytes(answer));
    }

    public Uri Uri => new($"http://{listener.LocalEndpoint}");

    public async ValueTask DisposeAsync()
    {
        await disposal.CancelAsync();
        await serving;
        listener.Dispose();
        disposal.Dispose();
    }

    private async Task ServeAsync(byte[] answer)
    {
        while (true)
        {
            try
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(disposal.Token);
                NetworkStream stream = client.GetStream();
                byte[] request = new byte[64 << 10];
                _ = await stream.ReadAsync(request, disposal.Token);
                await stream.WriteAsync(answer, disposal.Token);
            }
            catch (IOException)
            {
                // The caller has gone: the next one may stay.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
