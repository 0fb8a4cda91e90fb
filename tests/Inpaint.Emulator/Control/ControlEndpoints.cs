using System.Text.Json.Nodes;
using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator.Control;

/// <summary>The state of the emulator over HTTP, below <c>/_emulator</c>, for tests in other languages.</summary>
internal static class ControlEndpoints
{
    public static void Map(WebApplication application, EmulatorState state, SwitchableListener listener)
    {
        _ = listener;
        RouteGroupBuilder control = application.MapGroup("/_emulator");
        control.MapGet("/state", () => new JsonObject { ["paidJobs"] = state.PaidJobs });
    }
}
