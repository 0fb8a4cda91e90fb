using System.Text.Json.Nodes;
using Inpaint.Emulator.Jobs;
using Xunit;

namespace Inpaint.Tests.Emulator;

public sealed class ControlTests : EmulatorTest
{
    [Theory]
    [InlineData("""{"kind":"respond","status":418,"headers":{"X-A":"b"},"body":"{}"}""", 418)]
    [InlineData("""{"kind":"tooManyRequests","retryAfterSeconds":2}""", 429)]
    [InlineData("""{"kind":"html"}""", 502)]
    [InlineData("""{"kind":"redirect","location":"http://elsewhere.example/","status":308}""", 308)]
    [InlineData("""{"kind":"expired"}""", 404)]
    [InlineData("""{"kind":"userTimeout"}""", 504)]
    [InlineData("""{"kind":"pass"}""", 202)]
    [InlineData("""{"kind":"slowHeaders","seconds":0.001}""", 202)]
    [InlineData("""{"kind":"slowBody","seconds":0.0001,"bytes":100}""", 202)]
    [InlineData("""{"kind":"malformedBody"}""", 202)]
    [InlineData("""{"kind":"emptyBody"}""", 202)]
    [InlineData("""{"kind":"wrongContentType","contentType":"text/html"}""", 202)]
    [InlineData("""{"kind":"hugeBody","bytes":100000}""", 202)]
    [InlineData("""{"kind":"unknownStatus"}""", 202)]
    [InlineData("""{"kind":"resetBeforeRead"}""", null)]
    [InlineData("""{"kind":"resetAfterAccept"}""", null)]
    [InlineData("""{"kind":"truncate","bytes":1}""", null)]
    public async Task Every_fault_can_be_set_over_HTTP(string fault, int? status)
    {
        string job = await SubmitAsync();
        await ControlAsync(HttpMethod.Post, "faults", $$"""{"operation":"status","faults":[{{fault}}]}""");
        using HttpClient plain = new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = Server.BaseUri };
        plain.DefaultRequestHeaders.Authorization = Http.DefaultRequestHeaders.Authorization;

        int? seen = null;
        Exception? error = await Record.ExceptionAsync(async () =>
        {
            using HttpResponseMessage response = await plain.GetAsync($"{job}/status", Cancellation);
            seen = (int)response.StatusCode;
        });

        Assert.Equal(status, seen);
        Assert.Equal(status is null, error is HttpRequestException);
    }

    [Fact]
    public async Task A_mistake_is_explained()
    {
        using HttpResponseMessage response = await Http.PostAsync("_emulator/faults", Body(JsonNode.Parse("""{"operation":"status","faults":[{"kind":"nonsense"}]}""")!), Cancellation);

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("nonsense", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unlimited_fault_applies_until_cleared()
    {
        string job = await SubmitAsync();
        await ControlAsync(HttpMethod.Post, "faults", """{"operation":"status","always":true,"pathContains":"/requests/","faults":[{"kind":"expired"}]}""");

        Assert.Equal(404, (int)(await GetAsync($"{job}/status")).Response.StatusCode);
        Assert.Equal(404, (int)(await GetAsync($"{job}/status")).Response.StatusCode);
        await ControlAsync(HttpMethod.Delete, "faults");
        Assert.Equal(202, (int)(await GetAsync($"{job}/status")).Response.StatusCode);
    }

    [Fact]
    public async Task Scripts_jobs_and_settings_are_within_reach()
    {
        await ControlAsync(HttpMethod.Post, "scripts", """{"steps":[{"phase":"inQueue","position":4,"held":true},{"phase":"inProgress","logs":["a"],"status":"PONDERING"}],"submittedPosition":7}""");
        (_, JsonObject submitted) = await PostAsync(InpaintingPath, Input());
        string job = $"fal-ai/flux-lora/requests/{submitted["request_id"]}";

        Assert.Equal(7, submitted["queue_position"]!.GetValue<int>());
        Assert.Equal(4, (await GetAsync($"{job}/status")).Json["queue_position"]!.GetValue<int>());
        await ControlAsync(HttpMethod.Post, "jobs/last/release");
        await GetAsync($"{job}/status");
        Assert.Equal("PONDERING", (await GetAsync($"{job}/status")).Json["status"]!.GetValue<string>());
        await ControlAsync(HttpMethod.Post, $"jobs/{submitted["request_id"]}/complete");
        Assert.Equal(JobPhase.Completed, State.Jobs.Last.Phase);

        await ControlAsync(HttpMethod.Put, "settings", """{"falLock":"TOP_UP","falKeys":["a:b"],"sizeMultiple":8}""");
        Assert.Equal(("TOP_UP", "a:b", 8), (State.FalLock, State.FalKeys.Single(), State.SizeMultiple));
        await ControlAsync(HttpMethod.Put, "settings", """{"gateway":{"knowsCancel":true,"keys":["x"]},"modelsLab":{"outputs":"bareBase64","duplicateWindowSeconds":30}}""");
        Assert.Equal((true, "x", TimeSpan.FromSeconds(30)), (State.Gateway.KnowsCancel, State.Gateway.Keys.Single(), State.ModelsLab.DuplicateWindow));
        await ControlAsync(HttpMethod.Post, "reset");
        Assert.Equal((null, "test-id:test-secret", 0), (State.FalLock, State.FalKeys.Single(), State.PaidJobs));
    }

    [Fact]
    public async Task Records_and_counts_are_within_reach_and_not_counted_themselves()
    {
        string job = await SubmitAsync();
        await GetAsync($"{job}/status?logs=1");

        JsonNode state = JsonNode.Parse(await Http.GetStringAsync("_emulator/state", Cancellation))!;
        JsonArray requests = JsonNode.Parse(await Http.GetStringAsync("_emulator/requests?operation=submit", Cancellation))!.AsArray();
        JsonNode listed = Assert.Single(JsonNode.Parse(await Http.GetStringAsync("_emulator/jobs", Cancellation))!.AsArray())!;

        Assert.Equal((1, 2), (state["paidJobs"]!.GetValue<int>(), state["requests"]!.GetValue<int>()));
        Assert.Equal("Key test-id:test-secret", Assert.Single(requests)!["headers"]!["Authorization"]!.GetValue<string>());
        Assert.Contains("an empty bench", requests[0]!["body"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(1, listed["statusReads"]!.GetValue<int>());
    }

    [Fact]
    public async Task A_scripted_result_is_replayed()
    {
        await ControlAsync(HttpMethod.Post, "scripts", """{"preset":"immediate","result":{"status":418,"body":"{\"detail\":\"teapot\"}","headers":{"X-Fal-Retryable":"false"}}}""");
        string job = await SubmitAsync();
        await GetAsync($"{job}/status");

        (HttpResponseMessage response, JsonObject json) = await GetAsync(job);

        Assert.Equal((418, "teapot"), ((int)response.StatusCode, json["detail"]!.GetValue<string>()));
    }

    private async Task ControlAsync(HttpMethod method, string path, string? json = null)
    {
        using HttpRequestMessage request = new(method, "_emulator/" + path) { Content = json is null ? null : Body(JsonNode.Parse(json)!) };
        using HttpResponseMessage response = await Http.SendAsync(request, Cancellation);
        Assert.Equal(204, (int)response.StatusCode);
    }
}
