using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Inpaint.Tests.Imaging;

namespace Inpaint.Tests.Emulator;

/// <summary>fal's own npm client, installed once for all its tests.</summary>
public sealed class OfficialClientFixture
{
    private readonly NpmPackage client = new("@fal-ai/client", Path.Combine(SourceFolder(), "..", "..", "Inpaint.Emulator", "client"), "official-client");
    private readonly Lazy<Task<string?>> obstacle;

    public OfficialClientFixture() => obstacle = new(client.InstallAsync);

    /// <summary>See <see cref="Requirement.Node"/>.</summary>
    internal static bool IsNodeInstalled { get; } = OtherProgram.Find(["node"], "--version", "v") is not null;

    /// <summary>Why the client cannot run here; null when it can.</summary>
    public Task<string?> ObstacleAsync() => obstacle.Value;

    /// <summary>Runs one scenario of client.mjs and reads what it prints.</summary>
    public async Task<JsonObject> RunAsync(string scenario, Uri server, string image, string mask) =>
        JsonNode.Parse(await client.RunScriptAsync("client.mjs", [scenario, server.GetLeftPart(UriPartial.Authority)], ("IMAGE", image), ("MASK", mask)))!.AsObject();

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
