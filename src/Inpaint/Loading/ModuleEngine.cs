using Inpaint.Engine;

namespace Inpaint.Loading;

/// <summary>The one engine of all commands in this process.</summary>
internal static class ModuleEngine
{
    private static readonly Lazy<InpaintEngine> Engine = new(Make);

    /// <summary>The engine, created at its first use.</summary>
    public static InpaintEngine Shared => Engine.Value;

    /// <summary>The engine; null until a command has used it.</summary>
    public static InpaintEngine? SharedIfMade => Engine.IsValueCreated ? Engine.Value : null;

    private static InpaintEngine Make()
    {
        InpaintEngineOptions? options = null;

        // Not by a copy of the defaults: copying the logger's field would load its library.
        options = new InpaintEngineOptions { SettingsFolder = () => options!.UserSettingsFolder(), ReadSecret = SecretReader.Read };
        return new InpaintEngine(options);
    }
}
