namespace Inpaint.Emulator.Wire;

/// <summary>The emulated services, each under its own path prefix.</summary>
public enum WireService
{
    /// <summary>A path that no service owns.</summary>
    None,

    /// <summary>fal: queue, synchronous runs, storage, platform API.</summary>
    Fal,

    /// <summary>The file host of all services: uploads and outputs, without keys.</summary>
    Cdn,

    /// <summary>A gateway that re-sells fal.</summary>
    FalGateway,

    /// <summary>ModelsLab.</summary>
    ModelsLab,
}
