using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Inpaint.Tests.Emulator;
using Inpaint.Tests.Imaging;
using Xunit;

namespace Inpaint.Tests.Pages;

/// <summary>A real browser, driven by playwright-core, which is installed once for all its tests.</summary>
public sealed class BrowserFixture
{
    private static readonly string? Program = OtherProgram.Find(["chromium", "chromium-browser", "google-chrome"], "--version", "Chrom");

    private readonly NpmPackage driver = new("playwright-core", Path.Combine(SourceFolder(), "browser"), "browser");
    private readonly Lazy<Task<string?>> obstacle;

    public BrowserFixture() => obstacle = new(driver.InstallAsync);

    /// <summary>See <see cref="Requirement.Browser"/>.</summary>
    internal static string? Missing => Program is null ? "Chromium is not installed" : OfficialClientFixture.IsNodeInstalled ? null : "node and npm are not installed";

    /// <summary>Plays one scenario of browser.mjs and reads what it prints.</summary>
    internal async Task<JsonObject> RunAsync(string scenario, Uri address)
    {
        if (await obstacle.Value is { } reason)
        {
            Assert.Skip(reason);
        }

        return JsonNode.Parse(await driver.RunScriptAsync("browser.mjs", [scenario, address.AbsoluteUri], ("BROWSER_PATH", Program!)))!.AsObject();
    }

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
