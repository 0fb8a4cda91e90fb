namespace Inpaint.Journal;

/// <summary>The folder for everything that must outlive the process.</summary>
internal static class StateFolder
{
    /// <summary>The environment variable that overrides it.</summary>
    public const string Variable = "INPAINT_HOME";

    /// <summary>Finds the folder, without creating it: <c>INPAINT_HOME</c>, else the platform's folder for state (<c>LOCALAPPDATA</c> on Windows, <c>Library/Application Support</c> on macOS, <c>XDG_STATE_HOME</c> or <c>~/.local/state</c> elsewhere).</summary>
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
