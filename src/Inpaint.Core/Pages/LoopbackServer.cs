using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Inpaint.Pages;

/// <summary>
/// Serves one page to a browser on this machine: on 127.0.0.1 only, at a URL that cannot be guessed. A request is accepted only for this server's own host
/// (against DNS rebinding), and only from this server's own page where the browser states an origin.
/// </summary>
internal sealed class LoopbackServer : IDisposable
{
    private const int TokenBytes = 16;
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(1);

    private readonly HttpListener listener;
    private readonly byte[] token;
    private readonly string authority;
    private readonly HashSet<Task> open = [];

    private LoopbackServer(HttpListener listener, int port)
    {
        this.listener = listener;
        authority = $"127.0.0.1:{port}";
        string secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        token = Encoding.ASCII.GetBytes(secret);
        Url = new Uri($"http://{authority}/{secret}/");
    }

    /// <summary>The page's URL, with the secret.</summary>
    public Uri Url { get; }

    /// <summary>Starts listening.</summary>
    /// <param name="port">The port; 0 for any free one.</param>
    /// <exception cref="InpaintException">InvalidParameter: the port is taken.</exception>
    public static LoopbackServer Start(int port)
    {
        // Another process may take a free port before this one listens on it.
        for (int attempt = 1; ; attempt++)
        {
            int number = port == 0 ? FindFreePort() : port;
            HttpListener candidate = new();
            candidate.Prefixes.Add($"http://127.0.0.1:{number}/");
            try
            {
                candidate.Start();
                return new LoopbackServer(candidate, number);
            }
            catch (Exception e) when (e is HttpListenerException or SocketException)
            {
                candidate.Close();
                if (port != 0 || attempt == 8)
                {
                    throw new InpaintException(InpaintErrorId.InvalidParameter, $"Port {number} of 127.0.0.1 cannot be used: {e.Message}", e)
                    {
                        Parameter = nameof(MaskEditRequest.Port),
                        RecommendedAction = "Specify another port, or none to use any free port.",
                    };
                }
            }
        }
    }

    /// <summary>Serves requests until it is cancelled, and then waits a moment for those in progress.</summary>
    /// <param name="handle">Handles one request; its second argument is the path after the secret.</param>
    public async Task RunAsync(Func<HttpListenerContext, string, Task> handle, CancellationToken cancellationToken)
    {
        TaskCompletionSource stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = cancellationToken.Register(stop.SetResult);
        while (true)
        {
            Task<HttpListenerContext> next = listener.GetContextAsync();
            if (await Task.WhenAny(next, stop.Task).ConfigureAwait(false) != next)
            {
                break;
            }

            Task responding = RespondAsync(await next.ConfigureAwait(false), handle);
            lock (open)
            {
                open.Add(responding);
            }

            _ = responding.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        Task[] left;
        lock (open)
        {
            left = [.. open];
        }

        await Task.WhenAny(Task.WhenAll(left), Task.Delay(ShutdownTimeout, CancellationToken.None)).ConfigureAwait(false);
    }

    /// <summary>Sends a response.</summary>
    public static async Task SendAsync(HttpListenerResponse response, HttpStatusCode status, string contentType, ReadOnlyMemory<byte> content)
    {
        response.StatusCode = (int)status;
        response.ContentType = contentType;
        response.ContentLength64 = content.Length;
        await response.OutputStream.WriteAsync(content, CancellationToken.None).ConfigureAwait(false);
        response.Close();
    }

    /// <summary>Sends a text.</summary>
    public static Task SendAsync(HttpListenerResponse response, HttpStatusCode status, string text) => SendAsync(response, status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));

    /// <inheritdoc/>
    public void Dispose() => listener.Abort();

    private static int FindFreePort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private void Forget(Task responding)
    {
        lock (open)
        {
            open.Remove(responding);
        }
    }

    private async Task RespondAsync(HttpListenerContext context, Func<HttpListenerContext, string, Task> handle)
    {
        HttpListenerRequest request = context.Request;
        HttpListenerResponse response = context.Response;
        try
        {
            response.Headers["Cache-Control"] = "no-store";
            response.Headers["X-Content-Type-Options"] = "nosniff";
            response.Headers["Referrer-Policy"] = "same-origin";
            response.Headers["Cross-Origin-Resource-Policy"] = "same-origin";
            string[] path = (request.Url?.AbsolutePath ?? "/").Split('/', 3);
            if (!IsFromHere(request) || path.Length < 3 || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(path[1]), token))
            {
                await SendAsync(response, HttpStatusCode.Forbidden, "Only the page that was opened for this session is served.").ConfigureAwait(false);
                return;
            }

            await handle(context, path[2]).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The browser has disconnected, or the session is over.
            response.Abort();
        }
    }

    /// <summary>Browsers send the origin with every request that changes something; only URLs that are typed or opened have none.</summary>
    private bool IsFromHere(HttpListenerRequest request)
    {
        string? origin = request.Headers["Origin"];
        bool isOriginHere = origin is null ? request.HttpMethod == "GET" : origin == $"http://{authority}";
        return isOriginHere && request.UserHostName == authority && request.Headers["Sec-Fetch-Site"] is null or "none" or "same-origin";
    }
}
