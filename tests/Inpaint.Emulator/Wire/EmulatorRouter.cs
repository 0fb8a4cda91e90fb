using Inpaint.Emulator.Cdn;
using Inpaint.Emulator.Fal;
using Inpaint.Emulator.FalGateway;
using Inpaint.Emulator.ModelsLab;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Webhooks;

namespace Inpaint.Emulator.Wire;

/// <summary>
/// Shares the paths of one server among the services. Each service has a prefix; the bare root is fal's queue, with fal's storage and platform API beside it, so that a client
/// can be pointed at the root alone.
/// </summary>
internal sealed class EmulatorRouter
{
    public const string Queue = "/queue";
    public const string Run = "/run";
    public const string Storage = "/rest";
    public const string Platform = "/platform";
    public const string Gateway = "/gateway";
    public const string ModelsLab = "/modelslab";
    public const string Hooks = "/hooks";

    private readonly Dictionary<string, IEmulatedService> services;

    public EmulatorRouter(PictureLoader loader, IReadOnlyDictionary<string, IEmulatedService> more)
    {
        FalQueue queue = new(new FalModel(loader));
        services = new(more, StringComparer.Ordinal)
        {
            [Queue] = queue,
            [Run] = new FalRun(queue),
            [Storage] = new FalStorage(),
            [Platform] = new FalPlatform(),
            [Gateway] = new GatewayService(queue),
            [ModelsLab] = new ModelsLabService(new ModelsLabModel(loader)),
            [Hooks] = new HookService(),
            [Exchange.CdnPrefix] = new CdnService(),
        };
    }

    /// <summary>Finds who answers a request, and the prefix that its URLs carry.</summary>
    public (WireRoute Route, string Prefix) Resolve(HttpRequest request)
    {
        string[] segments = (request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        string first = segments.Length == 0 ? "" : "/" + segments[0];
        if (services.TryGetValue(first, out IEmulatedService? service))
        {
            return (service.Resolve(request.Method, segments[1..]), first);
        }

        string atRoot = first switch { "/storage" => Storage, "/v1" => Platform, _ => Queue };
        return (services[atRoot].Resolve(request.Method, segments), "");
    }
}
