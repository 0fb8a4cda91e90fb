using NetVips;

namespace Inpaint.Imaging.Vips;

/// <summary>
/// The native library, loaded at the first picture. Its cache is off, loaders that its authors do not trust with untrusted files are blocked, and its warnings are kept off
/// the terminal.
/// </summary>
internal static class VipsLibrary
{
    // More threads do not speed up a single picture, and a batch works on several.
    private const int MaxThreads = 4;

    private static readonly Lazy<string?> LoadError = new(Start);

    // Kept alive, because the native library calls it until the process ends.
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

    /// <summary>Clears the library's list of errors: a picture that was read in spite of an error leaves it there, where the next failure would report it.</summary>
    public static void ClearErrors() => _ = new VipsException("Reading the list clears it.");

    /// <summary>Whether an exception is one of the library's.</summary>
    public static bool IsOwn(Exception e) => e is VipsException;

    /// <summary>Extracts from the library's exception why a picture cannot be read.</summary>
    /// <returns>The reason, without a full stop.</returns>
    public static string ReasonOf(Exception e)
    {
        // The first line names a function; the others have the name of the loader before the reason.
        string[] lines = e.Message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

        // libpng reports the reason as a warning, and then only that it has failed.
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
            // Other code in this process may have tried before the library could be found.
            ModuleInitializer.Initialize();
        }

        if (!ModuleInitializer.VipsInitialized)
        {
            // When it is not found, the following lines list all places that were searched.
            return ModuleInitializer.Exception?.GetBaseException().Message.Split('\n')[0].Trim() ?? "no reason was given.";
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
