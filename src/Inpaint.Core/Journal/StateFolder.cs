namespace Inpaint.Journal;

/// <summary>Where the module keeps what must outlive the process.</summary>
internal static class StateFolder
{
    /// <summary>The environment variable that moves it.</summary>
    public const string Variable = "INPAINT_HOME";

    /// <summary>Finds the folder; does not make it.</summary>
    /// <param name="environment">Reads environment variables.</param>
    /// <returns>A full path: <c>INPAINT_HOME</c>, else the platform's place for state (<c>LOCALAPPDATA</c> on Windows, <c>Library/Application Support</c> on macOS, <c>XDG_STATE_HOME</c> or <c>~/.local/state</c> elsewhere).</returns>
    public static string Find(Func<string, string?> environment)
    {
        if (environment(Variable) is { Length: > 0 } home)
        {
            return Path.GetFullPath(home);
        }

        string profile = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsWindows())
        {
            return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "Inpaint");
        }

        if (OperatingSystem.IsMacOS())
        {
            return Path.Combine(profile, "Library", "Application Support", "Inpaint");
        }

        string? state = environment("XDG_STATE_HOME");
        return Path.Combine(string.IsNullOrEmpty(state) ? Path.Combine(profile, ".local", "state") : state, "inpaint");
    }
}
