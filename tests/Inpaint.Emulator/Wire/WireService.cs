namespace Inpaint.Emulator.Wire;

/// <summary>The emulated services, each under its own path prefix.</summary>
public enum WireService
{
    /// <summary>None: an address of the caller's own, to which webhooks go.</summary>
    None,

    /// <summary>fal: queue, synchronous runs, storage, platform API.</summary>
    Fal,

    /// <summary>The file host of all services: uploads and outputs, without keys.</summary>
    Cdn,

    /// <summary>A gateway that re-sells fal.</summary>
    FalGateway,

    /// <summary>ModelsLab.</summary>
    ModelsLab,

    /// <summary>A service that <see cref="EmulatorOptions"/> adds.</summary>
    Other,
}
