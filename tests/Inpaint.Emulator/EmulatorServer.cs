using System.Net;
using Inpaint.Emulator.Control;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Wire;
using Inpaint.Providers.Fal;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Inpaint.Emulator;

/// <summary>The providers on loopback: one HTTP server that speaks their protocols, makes pictures and goes wrong on request.</summary>
public sealed class EmulatorServer : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly PictureLoader loader;
    private readonly EmulatorPipeline pipeline;
    private readonly SwitchableListener listener;

    private EmulatorServer(WebApplication application, EmulatorState state, PictureLoader loader, EmulatorPipeline pipeline, SwitchableListener listener)
    {
        this.application = application;
        this.loader = loader;
        this.pipeline = pipeline;
        this.listener = listener;
        State = state;
        BaseUri = new(application.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
    }

    /// <summary>The root, which is fal's queue with its storage and platform API beside it.</summary>
    public Uri BaseUri { get; }

    /// <summary>Stands for https://queue.fal.run.</summary>
    public Uri QueueUri => new(BaseUri, EmulatorRouter.Queue);

    /// <summary>Stands for https://fal.run.</summary>
    public Uri SyncUri => new(BaseUri, EmulatorRouter.Run);

    /// <summary>Stands for https://rest.fal.ai.</summary>
    public Uri StorageUri => new(BaseUri, EmulatorRouter.Storage);

    /// <summary>Stands for https://api.fal.ai/v1.</summary>
    public Uri PlatformUri => new(BaseUri, EmulatorRouter.Platform + "/v1");

    /// <summary>fal's endpoints beside the queue, by the names that the engine has for them.</summary>
    public IReadOnlyDictionary<string, Uri> FalEndpoints => new Dictionary<string, Uri> { ["Sync"] = SyncUri, ["Storage"] = StorageUri, ["Platform"] = PlatformUri };

    /// <summary>Stands for https://api.chainhub.tech and its like.</summary>
    public Uri GatewayUri => new(BaseUri, EmulatorRouter.Gateway);

    /// <summary>Stands for https://modelslab.com/api/v6.</summary>
    public Uri ModelsLabUri => new(BaseUri, EmulatorRouter.ModelsLab + "/api/v6");

    /// <summary>Stands for https://v3.fal.media, and the file hosts of the others.</summary>
    public Uri CdnUri => new(BaseUri, Exchange.CdnPrefix);

    /// <summary>An address of the caller's own, to which webhooks may go; anything below it is recorded and answered with 200.</summary>
    public Uri HooksUri => new(BaseUri, EmulatorRouter.Hooks);

    /// <summary>What a test sets and asserts on.</summary>
    public EmulatorState State { get; }

    /// <summary>Starts a server.</summary>
    /// <param name="options">Port and clock.</param>
    /// <returns>The server, ready to be asked.</returns>
    public static async Task<EmulatorServer> StartAsync(EmulatorOptions? options = null)
    {
        options ??= new();
        EmulatorState state = new(options.TimeProvider);
        PictureLoader pictures = new(state.Files);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, options.Port, listen =>
            {
                if (options.Certificate is { } certificate)
                {
                    listen.UseHttps(certificate);
                }
            });
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
        });
        // Nothing is buffered on the way out, so that what a fault lets through has reached the client's system before the connection is reset.
        builder.WebHost.UseSockets(sockets => sockets.MaxWriteBufferSize = 1);
        builder.Services.AddSingleton(services => new SwitchableListener(
            new SocketTransportFactory(services.GetRequiredService<IOptions<SocketTransportOptions>>(), services.GetRequiredService<ILoggerFactory>()),
            state.Connections));
        builder.Services.AddSingleton<IConnectionListenerFactory>(services => services.GetRequiredService<SwitchableListener>());

        WebApplication web = builder.Build();
        SwitchableListener switchable = web.Services.GetRequiredService<SwitchableListener>();
        EmulatorPipeline answering = new(state, new EmulatorRouter(pictures, options.MoreServices), duration => GoOfflineAsync(state, switchable, duration));
        ControlEndpoints.Map(web, state);
        web.MapFallback("{**path}", answering.HandleAsync);
        await web.StartAsync();
        return new(web, state, pictures, answering, switchable);
    }

    /// <summary>Stops listening and resets all connections; new ones are refused.</summary>
    /// <returns>A task that ends when the port is closed.</returns>
    public Task GoOfflineAsync() => GoOfflineAsync(State, listener, null);

    /// <summary>Listens again on the same port.</summary>
    /// <returns>A task that ends when connections are accepted.</returns>
    public Task GoOnlineAsync() => GoOnlineAsync(State, listener);

    /// <summary>A base address of loopback where nothing listens: connections to it are refused.</summary>
    /// <returns>The address.</returns>
    public static Uri FindClosedAddress() => new($"http://127.0.0.1:{LoopbackPort.FindClosed()}");

    /// <summary>Waits until the server is told to stop.</summary>
    /// <returns>A task that ends with the server.</returns>
    public Task WaitForShutdownAsync() => application.WaitForShutdownAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        State.Faults.Clear();
        State.Webhooks.Dispose();
        // Held streams would otherwise keep the server from stopping until its patience ends.
        await listener.GoOfflineAsync();
        await application.StopAsync();
        await application.DisposeAsync();
        loader.Dispose();
        pipeline.Dispose();
        if (State.Malfunctions.Count > 0)
        {
            throw new AggregateException("The emulator itself broke.", State.Malfunctions);
        }
    }

    private static async Task GoOfflineAsync(EmulatorState state, SwitchableListener listener, TimeSpan? duration)
    {
        await listener.GoOfflineAsync();
        state.Faults.SetOffline(true);
        if (duration is { } span)
        {
            await Task.Delay(span, state.Time);
            await GoOnlineAsync(state, listener);
        }
    }

    private static async Task GoOnlineAsync(EmulatorState state, SwitchableListener listener)
    {
        await listener.GoOnlineAsync();
        state.Faults.SetOffline(false);
    }
}
