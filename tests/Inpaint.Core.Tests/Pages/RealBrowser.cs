using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Inpaint.Tests.Emulator;
using Inpaint.Tests.Imaging;
using Xunit;

namespace Inpaint.Tests.Pages;

/// <summary>A real browser, driven by playwright-core, which is installed once for all tests.</summary>
internal static class RealBrowser
{
    private static readonly string? Program = OtherProgram.Find(["chromium", "chromium-browser", "google-chrome"], "--version", "Chrom");

    // Shared, because test classes run side by side.
    private static readonly NpmPackage Driver = new("playwright-core", Path.Combine(SourceFolder(), "browser"), "browser");
    private static readonly Lazy<Task<string?>> LoadError = new(Driver.InstallAsync);

    /// <summary>See <see cref="Requirement.Browser"/>.</summary>
    public static string? Missing => Program is null ? "Chromium is not installed" : OfficialClientFixture.IsNodeInstalled ? null : "node and npm are not installed";

    /// <summary>Plays one scenario of browser.mjs and reads what it prints.</summary>
    public static async Task<JsonObject> RunAsync(string scenario, Uri address)
    {
        if (await LoadError.Value is { } reason)
        {
            Assert.Skip(reason);
        }

        return JsonNode.Parse(await Driver.RunScriptAsync("browser.mjs", [scenario, address.AbsoluteUri], ("BROWSER", Program!)))!.AsObject();
    }

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
