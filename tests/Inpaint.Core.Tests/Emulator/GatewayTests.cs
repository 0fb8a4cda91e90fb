using System.Text.Json.Nodes;
using Inpaint.Emulator.FalGateway;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Xunit;

namespace Inpaint.Tests.Emulator;

public sealed class GatewayTests : EmulatorTest
{
    private const string Submit = "gateway/" + InpaintingPath;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Http.DefaultRequestHeaders.Authorization = new("Bearer", "test-token");
    }

    [Theory]
    [InlineData(true, "fal-ai/flux-pro", "acf05732-7cb3-445b-9f39-fdaeccb1d730")]
    [InlineData(false, "fal-ai/flux-lora", "72a35804-b407-4b09-894b-3a35559c38f9")]
    public async Task A_submit_is_answered_as_the_gateways_documents_show(bool wrongApp, string app, string id)
    {
        State.Gateway.NamesWrongApp = wrongApp;
        State.Jobs.Enqueue(new JobScript { RequestId = id, SubmittedPosition = 0 });

        using HttpResponseMessage response = await Http.PostAsync(Submit, Body(Input()), Cancellation);

        string url = $"https://queue.fal.run/{app}/requests/{id}";
        string expected = $$"""{"status":"IN_QUEUE","request_id":"{{id}}","response_url":"{{url}}","status_url":"{{url}}/status","cancel_url":"{{url}}/cancel","logs":null,"metrics":{},"queue_position":0}""";
        Assert.Equal(expected, await response.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Text_to_image_names_the_right_app()
    {
        JsonObject json = (await PostAsync("gateway/fal-ai/flux-lora", new JsonObject { ["prompt"] = "a tiger's eye" })).Json;

        Assert.StartsWith("https://queue.fal.run/fal-ai/flux-lora/requests/", json["response_url"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fal-ai/auto")]
    [InlineData("fal-ai/flux-lora")]
    public async Task Pending_has_a_status_and_finished_has_images(string app)
    {
        string id = await MakeAsync();

        JsonObject[] seen = [(await GetAsync($"gateway/{app}/requests/{id}")).Json, (await GetAsync($"gateway/{app}/requests/{id}")).Json, (await GetAsync($"gateway/{app}/requests/{id}")).Json];

        Assert.Equal(["IN_QUEUE", "IN_PROGRESS", null], seen.Select(json => json["status"]?.GetValue<string>()));
        Assert.Equal(["seed", "images", "prompt", "request", "timings", "has_nsfw_concepts"], seen[2].Select(member => member.Key));
        Assert.Equal("an empty bench", seen[2]["request"]!["prompt"]!.GetValue<string>());
    }

    [Fact]
    public async Task What_a_host_does_not_know_is_not_found()
    {
        State.Gateway.KnowsAuto = false;
        State.Gateway.KnowsStatus = false;
        string id = await MakeAsync();

        foreach ((HttpMethod method, string path) in new[]
        {
            (HttpMethod.Get, $"gateway/fal-ai/auto/requests/{id}"),
            (HttpMethod.Get, $"gateway/fal-ai/flux-pro/requests/{id}"),
            (HttpMethod.Get, $"gateway/fal-ai/flux-lora/requests/{id}/status"),
            (HttpMethod.Put, $"gateway/fal-ai/flux-lora/requests/{id}/cancel"),
        })
        {
            (HttpResponseMessage response, JsonObject json) = await SendAsync(method, path);
            Assert.Equal((404, "new_api_error"), ((int)response.StatusCode, json["error"]!["type"]!.GetValue<string>()));
        }

        Assert.Equal(1, State.Requests.Count(WireOperation.Cancel, WireService.FalGateway));
        Assert.Equal(200, (int)(await GetAsync($"gateway/fal-ai/flux-lora/requests/{id}")).Response.StatusCode);
    }

    [Fact]
    public async Task A_host_that_knows_cancel_cancels()
    {
        State.Gateway.KnowsCancel = true;
        string id = await MakeAsync();

        Assert.Equal(202, (int)(await SendAsync(HttpMethod.Put, $"gateway/fal-ai/auto/requests/{id}/cancel")).Response.StatusCode);
        Assert.True(State.Jobs.Last.IsCancelled);
    }

    [Fact]
    public async Task Errors_of_Fal_pass_through()
    {
        string id = await MakeAsync(Input("fail 422"));
        State.Jobs.Last.Complete();

        (HttpResponseMessage response, JsonObject json) = await GetAsync($"gateway/fal-ai/auto/requests/{id}");

        Assert.Equal((422, "content_policy_violation"), ((int)response.StatusCode, json["detail"]![0]!["type"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Quota_and_tokens_are_checked()
    {
        State.Gateway.IsOutOfQuota = true;
        (HttpResponseMessage quota, JsonObject json) = await PostAsync(Submit, Input());
        Assert.Equal((403, "insufficient_user_quota"), ((int)quota.StatusCode, json["error"]!["code"]!.GetValue<string>()));

        Http.DefaultRequestHeaders.Authorization = new("Key", "test-id:test-secret");
        (HttpResponseMessage refused, JsonObject reason) = await PostAsync(Submit, Input());
        Assert.Equal(401, (int)refused.StatusCode);
        Assert.Contains("无效的令牌 (request id: ", reason["error"]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(0, State.PaidJobs);
    }

    [Fact]
    public async Task Errors_of_the_family_can_be_set_as_faults()
    {
        State.Faults.Enqueue(
            WireService.FalGateway,
            WireOperation.Submit,
            GatewayErrors.Fault(429, "pre_consume_token_quota_failed", type: GatewayErrors.ShellApi),
            GatewayErrors.Fault(500, null),
            GatewayErrors.EmptyMessage(502));

        JsonObject fork = (await PostAsync(Submit, Input())).Json["error"]!.AsObject();
        JsonObject codeless = (await PostAsync(Submit, Input())).Json["error"]!.AsObject();
        (HttpResponseMessage upstream, JsonObject empty) = await PostAsync(Submit, Input());

        Assert.Equal(["message", "type", "param", "localized_message", "code"], fork.Select(member => member.Key));
        Assert.True(codeless.ContainsKey("code") && codeless["code"] is null);
        Assert.Equal((502, "", "502", "bad_response_status_code"), ((int)upstream.StatusCode, empty["error"]!["message"]!.GetValue<string>(), empty["error"]!["param"]!.GetValue<string>(), empty["error"]!["code"]!.GetValue<string>()));
    }

    private async Task<string> MakeAsync(JsonObject? input = null) => (await PostAsync(Submit, input ?? Input())).Json["request_id"]!.GetValue<string>();
}
