namespace Inpaint.Files;

/// <summary>The user's folders for what outlives the process, which need not exist: an environment variable of our own names each, else the platform says where such files are kept.</summary>
internal static class UserFolders
{
    /// <summary>The folder of the journal and of unsaved pictures: <c>INPAINT_HOME</c>, else <c>LOCALAPPDATA</c> on Windows, <c>Library/Application Support</c> on macOS, <c>XDG_STATE_HOME</c> or <c>~/.local/state</c> elsewhere.</summary>
    /// <param name="environment">Reads environment variables.</param>
    public static string State(Func<string, string?> environment) =>
        Find(environment, "INPAINT_HOME", Environment.SpecialFolder.LocalApplicationData, "XDG_STATE_HOME", Path.Combine(".local", "state"));

    /// <summary>The folder of the settings: <c>INPAINT_CONFIG</c>, else <c>APPDATA</c> on Windows, <c>Library/Application Support</c> on macOS, <c>XDG_CONFIG_HOME</c> or <c>~/.config</c> elsewhere.</summary>
    /// <param name="environment">Reads environment variables.</param>
    public static string Settings(Func<string, string?> environment) =>
        Find(environment, "INPAINT_CONFIG", Environment.SpecialFolder.ApplicationData, "XDG_CONFIG_HOME", ".config");

    private static string Find(Func<string, string?> environment, string variable, Environment.SpecialFolder onWindows, string xdgVariable, string xdgDefault)
    {
        if (environment(variable) is { Length: > 0 } chosen)
        {
            return Path.GetFullPath(chosen);
        }

        if (OperatingSystem.IsWindows())
        {
            return Path.Combine(Environment.GetFolderPath(onWindows), "Inpaint");
        }

        string profile = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsMacOS())
        {
            return Path.Combine(profile, "Library", "Application Support", "Inpaint");
        }

        // The specification has relative paths ignored.
        return Path.Combine(environment(xdgVariable) is { } xdg && Path.IsPathRooted(xdg) ? xdg : Path.Combine(profile, xdgDefault), "inpaint");
    }
}
