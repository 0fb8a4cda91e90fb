using Inpaint.Files;
using Xunit;

namespace Inpaint.Tests.Files;

public class UserFoldersTests
{
    private static readonly string Elsewhere = Path.Combine(Path.GetTempPath(), "elsewhere");

    private readonly Dictionary<string, string> environment = new(StringComparer.Ordinal);

    [Fact]
    public void A_variable_of_our_own_names_each_folder()
    {
        environment["INPAINT_HOME"] = Elsewhere;
        environment["INPAINT_CONFIG"] = "relative";
        Assert.Equal((Elsewhere, Path.GetFullPath("relative")), (State, Settings));
    }

    [Fact]
    public void Otherwise_the_platform_says_where_such_files_are_kept()
    {
        environment["INPAINT_HOME"] = "";
        string profile = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        (string, string) expected = OperatingSystem.IsWindows()
            ? (Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "Inpaint"), Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "Inpaint"))
            : OperatingSystem.IsMacOS() ? (Path.Combine(profile, "Library", "Application Support", "Inpaint"), Path.Combine(profile, "Library", "Application Support", "Inpaint"))
            : (Path.Combine(profile, ".local", "state", "inpaint"), Path.Combine(profile, ".config", "inpaint"));
        Assert.Equal(expected, (State, Settings));
    }

    [Fact]
    public void On_Linux_the_variables_of_the_desktop_count_when_they_are_absolute()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has them.");
        environment["XDG_STATE_HOME"] = environment["XDG_CONFIG_HOME"] = Elsewhere;
        Assert.Equal((Path.Combine(Elsewhere, "inpaint"), Path.Combine(Elsewhere, "inpaint")), (State, Settings));
        (string State, string Settings) absolute = (State, Settings);
        environment["XDG_STATE_HOME"] = environment["XDG_CONFIG_HOME"] = "relative";
        Assert.NotEqual(absolute, (State, Settings));
        Assert.DoesNotContain("relative", State + Settings, StringComparison.Ordinal);
    }

    private string State => UserFolders.State(environment.GetValueOrDefault);

    private string Settings => UserFolders.Settings(environment.GetValueOrDefault);
}
