using System.Text.Json;
using Inpaint.Providers.ModelsLab;
using Xunit;

namespace Inpaint.Tests.Providers.ModelsLab;

public sealed class ModelsLabAnswerTests
{
    [Fact]
    public void A_success_as_the_schema_has_it()
    {
        ModelsLabReply answer = Read("""
            {"status":"success","generationTime":2.45,"id":12345678,"output":["https://cdn.example/0.png","https://cdn.example/1.png"],"proxy_links":["https://proxy.example/0.png"],
             "meta":{"seed":3163825381,"prompt":"a bench, best quality"},"nsfw_content_detected":true,"webhook_status":"","tip":"buy more"}
            """);
        Assert.Equal(ModelsLabOutcome.Success, answer.Outcome);
        Assert.Equal("12345678", answer.Id);
        Assert.Equal(["https://cdn.example/0.png", "https://cdn.example/1.png"], answer.Output);
        Assert.Equal(3163825381, answer.Seed);
        Assert.Equal("a bench, best quality", answer.Prompt);
        Assert.Equal(2.45, answer.GenerationTime);
        Assert.Equal([true, true], answer.Flags);
    }

    [Fact]
    public void A_promise_is_no_output()
    {
        ModelsLabReply answer = Read("""
            {"status":"processing","tip":"dedicated servers are faster","tip_1":"use fetch","eta":20.5,"message":"","webhook_status":"","fetch_result":"https://modelslab.com/api/v6/images/fetch/123",
             "id":123,"output":[],"meta":{},"future_links":["https://cdn.example/later.png"]}
            """);
        Assert.Equal(ModelsLabOutcome.Waiting, answer.Outcome);
        Assert.Equal(TimeSpan.FromSeconds(20.5), answer.Eta);
        Assert.Equal("https://modelslab.com/api/v6/images/fetch/123", answer.FetchResult);
        Assert.Empty(answer.Output);
    }

    [Theory]
    [InlineData("""{"status":"success"}""", ModelsLabOutcome.Success)]
    [InlineData("""{"status":"SUCCESS"}""", ModelsLabOutcome.Success)]
    [InlineData("""{"status":"processing"}""", ModelsLabOutcome.Waiting)]
    [InlineData("""{"status":"pending"}""", ModelsLabOutcome.Waiting)]
    [InlineData("""{"status":"queued"}""", ModelsLabOutcome.Waiting)]
    [InlineData("""{"status":"pondering"}""", ModelsLabOutcome.Waiting)]
    [InlineData("""{"status":"error","message":"no"}""", ModelsLabOutcome.Failure)]
    [InlineData("""{"status":"failed","id":"","message":"Failed, Try Again","output":""}""", ModelsLabOutcome.Failure)]
    [InlineData("""{"message":"no"}""", ModelsLabOutcome.Failure)]
    [InlineData("""{"output":["https://cdn.example/0.png"]}""", ModelsLabOutcome.Success)]
    [InlineData("""{}""", ModelsLabOutcome.Waiting)]
    public void A_status_in_any_spelling_or_none(string json, object outcome) => Assert.Equal(outcome, Read(json).Outcome);

    [Theory]
    [InlineData("""{"id":12}""", "12")]
    [InlineData("""{"id":"12"}""", "12")]
    [InlineData("""{"id":""}""", null)]
    [InlineData("""{"id":null}""", null)]
    [InlineData("""{"id":["12"]}""", null)]
    [InlineData("""{"request_id":98765432109876543210}""", "98765432109876543210")]
    public void An_id_in_any_type(string json, string? id) => Assert.Equal(id, Read(json).Id);

    [Theory]
    [InlineData("""{"output":["a","b"]}""", "a|b")]
    [InlineData("""{"output":{"0":"a","1":"b"}}""", "a|b")]
    [InlineData("""{"output":"a"}""", "a")]
    [InlineData("""{"output":""}""", "")]
    [InlineData("""{"output":[]}""", "")]
    [InlineData("""{"output":null}""", "")]
    [InlineData("""{"output":["",null,7,"a"]}""", "a")]
    public void An_output_in_any_type(string json, string expected)
    {
        Assert.Equal(expected, string.Join('|', Read(json).Output));
        Assert.Equal(expected, string.Join('|', Read(json.Replace("output", "proxy_links", StringComparison.Ordinal)).Output));
    }

    [Theory]
    [InlineData("""{"message":"no"}""", "no")]
    [InlineData("""{"messege":"no"}""", "no")]
    [InlineData("""{"error":"no"}""", "no")]
    [InlineData("""{"message":["no","never"]}""", "no never")]
    [InlineData("""{"message":{"prompt":["The prompt field is required."]}}""", "prompt: The prompt field is required.")]
    [InlineData("""{"message":"no","tips":"wait"}""", "no wait")]
    [InlineData("""{"message":"no","tip":"no"}""", "no")]
    [InlineData("""{"message":""}""", "")]
    [InlineData("""{"message":{"a":{"b":{"c":["deep"]}}}}""", "a: b: c: deep")]
    public void A_message_in_any_type(string json, string text) => Assert.Equal(text, Read(json).Text);

    [Theory]
    [InlineData("""{"eta":20}""", 20.0)]
    [InlineData("""{"eta":"20.5"}""", 20.5)]
    [InlineData("""{"eta":-3}""", 0.0)]
    [InlineData("""{"eta":"soon"}""", null)]
    [InlineData("""{"eta":1e300}""", 86400.0)]
    public void An_eta_as_number_or_text(string json, double? seconds) => Assert.Equal(seconds, Read(json).Eta?.TotalSeconds);

    [Theory]
    [InlineData("""{"meta":{"seed":196619188014358660}}""", 196619188014358660)]
    [InlineData("""{"meta":{"seed":"3163825381"}}""", 3163825381L)]
    [InlineData("""{"meta":[]}""", null)]
    [InlineData("""{"meta":{"seed":null}}""", null)]
    [InlineData("""{"meta":{"seed":1.5}}""", null)]
    public void A_seed_of_64_bits(string json, long? seed) => Assert.Equal(seed, Read(json).Seed);

    private static ModelsLabReply Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return ModelsLabReply.Read(document.RootElement);
    }
}
