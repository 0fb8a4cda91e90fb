using NetVips;

namespace Inpaint.Imaging.Vips;

/// <summary>
/// The native library, loaded at the first picture. It is told to remember no pictures, to run nothing that its makers do not trust with strangers' files, and to keep
/// its warnings off the terminal.
/// </summary>
internal static class VipsLibrary
{
    // More threads than that bring nothing for one picture, and a batch works on several.
    private const int MaxThreads = 4;

    private static readonly Lazy<string?> LoadError = new(Start);

    // Called by the native library as long as the process lives.
    private static readonly Log.LogDelegate KeepQuiet = (_, _, message) => warning = message;

    [ThreadStatic]
    private static string? warning;

    /// <summary>Loads the library.</summary>
    /// <exception cref="InpaintException">ImageLibraryMissing.</exception>
    public static void EnsureLoaded()
    {
        if (LoadError.Value is { } obstacle)
        {
            throw new InpaintException(
                InpaintErrorId.ImageLibraryMissing,
                $"The pixels of pictures cannot be read here, because the image library libvips does not load on {Platform}: {obstacle}");
        }

        warning = null;
    }

    /// <summary>Empties the library's list of errors. A picture that was read in spite of an error leaves it there, for the next one that fails.</summary>
    public static void ClearErrors() => _ = new VipsException("The list is emptied by whoever takes it.");

    /// <summary>Whether the library has thrown an exception.</summary>
    public static bool IsOwn(Exception e) => e is VipsException;

    /// <summary>Why a picture cannot be read, from what the library threw.</summary>
    /// <returns>The reason, without a full stop.</returns>
    public static string ReasonOf(Exception e)
    {
        // The first line names a function; each of the others its format, before the reason.
        string[] lines = e.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        // libpng says what it has found as a warning, and then that it has failed.
        string reason = lines.Length > 1 && (warning is null || !lines[1].EndsWith("libpng read error", StringComparison.Ordinal)) ? lines[1] : warning ?? "the image library cannot decode it";
        int colon = reason.IndexOf(": ", StringComparison.Ordinal);
        reason = colon is > 0 and < 20 ? reason[(colon + 2)..] : reason;
        return reason.TrimEnd('.');
    }

    private static string Platform => System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier;

    private static string? Start()
    {
        if (!ModuleInitializer.VipsInitialized)
        {
            // Somebody else in this process may have tried before, where it was not to be found.
            ModuleInitializer.Initialize();
        }

        if (!ModuleInitializer.VipsInitialized)
        {
            // Of a library that is not found, the runtime lists all places where it is not.
            return ModuleInitializer.Exception?.GetBaseException().Message.Split('\n')[0].Trim() ?? "it gives no reason.";
        }

        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.LevelMask, KeepQuiet);
        Log.SetLogHandler("GLib", Enums.LogLevelFlags.LevelMask, KeepQuiet);
        Log.SetLogHandler("GLib-GObject", Enums.LogLevelFlags.LevelMask, KeepQuiet);
        Cache.Max = 0;
        NetVips.NetVips.BlockUntrusted = true;
        NetVips.NetVips.Concurrency = Math.Min(MaxThreads, Environment.ProcessorCount);
        return null;
    }
}
