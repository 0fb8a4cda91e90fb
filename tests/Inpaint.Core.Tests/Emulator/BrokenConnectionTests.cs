using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Inpaint.Emulator;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Wire;
using Xunit;

namespace Inpaint.Tests.Emulator;

/// <summary>A connection that breaks in the middle of a request, by the client or by the server, is nothing that is wrong with the emulator.</summary>
public sealed class BrokenConnectionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task It_is_not_reported(bool isEncrypted, bool isEndedByServer)
    {
        using X509Certificate2 certificate = EmulatorCertificate.Create();
        EmulatorServer server = await EmulatorServer.StartAsync(new EmulatorOptions { Certificate = isEncrypted ? certificate : null });
        server.State.Faults.When(request => request.Operation == WireOperation.Submit, _ => Fault.HugeBody());
        using SocketsHttpHandler handler = new() { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, shown, _, _) => shown!.Equals(certificate) } };
        using HttpClient http = new(handler) { BaseAddress = server.BaseUri };
        http.DefaultRequestHeaders.Authorization = new("Key", "test-id:test-secret");
        for (int round = 0; round < 3; round++)
        {
            const int requests = 10;
            using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            Task[] endless = [.. Enumerable.Range(0, requests).Select(number => SendAsync(http, uploads: number % 2 == 0, stop.Token))];
            await server.State.Connections.WaitForAsync(connections => connections.RequestsInFlight >= requests, Cancellation);

            if (isEndedByServer)
            {
                await server.GoOfflineAsync();
                await server.GoOnlineAsync();
            }

            await stop.CancelAsync();
            await Task.WhenAll(endless);
        }

        // That throws what was reported.
        await server.DisposeAsync();
    }

    private static async Task SendAsync(HttpClient http, bool uploads, CancellationToken cancellationToken)
    {
        try
        {
            using HttpContent body = uploads ? new Endless() : new StringContent("{}");
            using HttpRequestMessage request = new(HttpMethod.Post, "fal-ai/flux-lora/inpainting") { Content = body };
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            await response.Content.CopyToAsync(Stream.Null, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            // As intended.
        }
    }

    private sealed class Endless : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            while (true)
            {
                await stream.WriteAsync(new byte[1000]);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
