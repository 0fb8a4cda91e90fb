using System.Diagnostics;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Inpaint.Benchmarks.Batches;

/// <summary>The emulated fal as a program of its own, so that its work is nobody's cost, with jobs that take a fixed time and all give the same stored picture.</summary>
internal sealed class EmulatorProcess : IDisposable
{
    private readonly Process process;
    private readonly HttpClient http;
    private readonly DelayedRelay? relay;
    private JsonNode? result;

    private EmulatorProcess(Process process, Uri address, string? certificateFile, TimeSpan roundTrip)
    {
        this.process = process;
        relay = roundTrip == TimeSpan.Zero ? null : new DelayedRelay(address, roundTrip);
        SocketsHttpHandler handler = new();
        if (certificateFile is not null)
        {
            using X509Certificate2 trusted = X509Certificate2.CreateFromPem(File.ReadAllText(certificateFile));
            string known = trusted.Thumbprint;
            handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => shown is X509Certificate2 { Thumbprint: var thumbprint } && thumbprint == known;
        }

        http = new HttpClient(handler) { BaseAddress = relay?.Address ?? address };
    }

    public string Address => http.BaseAddress!.GetLeftPart(UriPartial.Authority);

    /// <summary>Starts the emulator.</summary>
    /// <param name="certificateFile">Where its certificate is to be written if it shall speak TLS; null for plain HTTP.</param>
    /// <param name="roundTrip">How far away it is.</param>
    public static EmulatorProcess Start(string? certificateFile = null, TimeSpan roundTrip = default)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Inpaint.Emulator.dll");
        Process started = Process.Start(new ProcessStartInfo("dotnet", certificateFile is null ? [program] : [program, "--tls", certificateFile]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        string line = started.StandardOutput.ReadLine() ?? "";
        return new EmulatorProcess(started, new Uri(line[(line.LastIndexOf(' ') + 1)..]), certificateFile, roundTrip);
    }

    /// <summary>Forgets all jobs and requests, and has the next jobs take the given time.</summary>
    public async Task ResetAsync(TimeSpan duration, string picture, string mask)
    {
        if (result is null)
        {
            JsonObject input = new() { ["prompt"] = "a ball", ["image_url"] = DataUri(picture), ["mask_url"] = DataUri(mask) };
            using HttpRequestMessage run = new(HttpMethod.Post, "run/fal-ai/flux-lora/inpainting") { Content = JsonContent.Create(input) };
            run.Headers.TryAddWithoutValidation("Authorization", "Key test-id:test-secret");
            using HttpResponseMessage answer = await http.SendAsync(run);
            answer.EnsureSuccessStatusCode();
            result = await answer.Content.ReadFromJsonAsync<JsonNode>();
        }

        await PostAsync("requests", body: null, HttpMethod.Delete);
        await PostAsync("jobs", body: null, HttpMethod.Delete);
        await PostAsync("scripts", new JsonObject
        {
            ["steps"] = new JsonArray(new JsonObject { ["phase"] = "inProgress" }),
            ["stepSeconds"] = duration.TotalSeconds,
            ["result"] = new JsonObject { ["status"] = 200, ["body"] = result!.ToJsonString() },
            ["default"] = true,
        });
    }

    /// <summary>When each job was accepted, by its id.</summary>
    public async Task<Dictionary<string, DateTimeOffset>> JobsAsync() => (await GetAsync("jobs"))!.AsArray().ToDictionary(job => (string)job!["id"]!, job => (DateTimeOffset)job!["submittedAt"]!, StringComparer.Ordinal);

    /// <summary>How many requests have come.</summary>
    public async Task<int> CountRequestsAsync() => (int)(await GetAsync("state"))!["requests"]!;

    /// <inheritdoc/>
    public void Dispose()
    {
        http.Dispose();
        relay?.Dispose();
        process.StandardInput.Dispose();
        process.WaitForExit();
        process.Dispose();
    }

    private static string DataUri(string path) => "data:image/png;base64," + Convert.ToBase64String(File.ReadAllBytes(path));

    private Task<JsonNode?> GetAsync(string what) => http.GetFromJsonAsync<JsonNode>($"_emulator/{what}");

    private async Task PostAsync(string what, JsonObject? body, HttpMethod? method = null)
    {
        using HttpRequestMessage request = new(method ?? HttpMethod.Post, $"_emulator/{what}") { Content = body is null ? null : JsonContent.Create(body) };
        using HttpResponseMessage answer = await http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }
}
