using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator.Webhooks;

/// <summary>An address of the caller's own: records whatever is sent to it and says thanks.</summary>
internal sealed class HookService : IEmulatedService
{
    public WireRoute Resolve(string method, string[] segments) => WireRoute.To(WireService.None, WireOperation.Webhook, _ => new Answer());
}
