using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Inpaint.Tests.Imaging;

namespace Inpaint.Tests.Emulator;

/// <summary>fal's own npm client, installed once for all its tests into a folder of build output.</summary>
public sealed class OfficialClientFixture
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private readonly string target = Path.Combine(AppContext.BaseDirectory, "official-client");
    private readonly Lazy<Task<string?>> obstacle;

    public OfficialClientFixture() => obstacle = new(InstallAsync);

    /// <summary>See <see cref="Requirement.Node"/>.</summary>
    internal static bool IsNodeInstalled { get; } = OtherProgram.Find(["node"], "--version", "v") is not null;

    private static string Source => Path.Combine(SourceFolder(), "..", "..", "Inpaint.Emulator", "client");

    /// <summary>Why the client cannot run here; null when it can.</summary>
    public Task<string?> ObstacleAsync() => obstacle.Value;

    /// <summary>Runs one scenario of client.mjs and reads what it prints.</summary>
    public async Task<JsonObject> RunAsync(string scenario, Uri server, string image, string mask)
    {
        string[] arguments = [Path.Combine(Source, "client.mjs"), scenario, server.GetLeftPart(UriPartial.Authority)];
        (int code, string output, string error) = await RunAsync("node", arguments, ("IMAGE", image), ("MASK", mask));
        return code == 0
            ? JsonNode.Parse(output)!.AsObject()
            : throw new InvalidOperationException($"The client ended with {code}: {error}{output}");
    }

    private async Task<string?> InstallAsync()
    {
        Directory.CreateDirectory(target);
        File.Copy(Path.Combine(Source, "package.json"), Path.Combine(target, "package.json"), overwrite: true);
        try
        {
            bool windows = OperatingSystem.IsWindows();
            string[] install = ["install", "--no-package-lock", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1", "--fetch-timeout=20000"];
            (int code, _, string error) = await RunAsync(windows ? "cmd" : "npm", windows ? ["/c", "npm", .. install] : install);
            return code == 0 || Directory.Exists(Path.Combine(target, "node_modules", "@fal-ai", "client"))
                ? null
                : $"npm could not install @fal-ai/client: {error.Split('\n').FirstOrDefault(line => line.StartsWith("npm error", StringComparison.Ordinal), error)}";
        }
        catch (Win32Exception missing)
        {
            return $"npm is needed: {missing.Message}";
        }
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string program, string[] arguments, params (string Name, string Value)[] environment)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = target, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        using CancellationTokenSource patience = new(Patience);
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
