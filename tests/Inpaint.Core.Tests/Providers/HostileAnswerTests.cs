using System.Text;
using System.Text.Json;
using Inpaint.Emulator.Control;
using Inpaint.Http;
using Inpaint.Providers.FalGateway;
using Inpaint.Providers.ModelsLab;
using Inpaint.Providers.Shared.FalProtocol;
using Inpaint.Tests.Fixtures;
using Inpaint.Tests.Hostile;
using Xunit;

namespace Inpaint.Tests.Providers;

/// <summary>
/// Answers with members missing, doubled, of other types or of absurd values: whatever a service writes, its reader reads it or says that a picture within it
/// is broken, and never fails otherwise.
/// </summary>
public sealed class HostileAnswerTests
{
    private static readonly int Rounds = Mutator.Rounds(2000);

    private static readonly string[] Documents =
    [
        """{"status":"success","generationTime":2.45,"id":12345678,"output":["https://cdn.example/0.png"],"proxy_links":{"0":"https://p.example/0.png"},"meta":{"seed":1,"prompt":"x"},"nsfw_content_detected":false,"tip":"t"}""",
        """{"status":"processing","eta":20.5,"message":"","fetch_result":"https://modelslab.com/api/v6/images/fetch/123","id":"123","output":"","meta":{},"future_links":["https://cdn.example/later.png"]}""",
        """{"status":"error","message":{"prompt":["The prompt field is required."]},"messege":"x","tips":["a","b"],"retry_after":30}""",
        """{"error":{"message":"no (request id: 1)","type":"shell_api_error","param":"502","code":"bad_response_status_code","localized_message":"nein"}}""",
        """{"status":"IN_QUEUE","request_id":"a","response_url":"https://queue.fal.run/fal-ai/flux-pro/requests/a","logs":[{"message":"m","timestamp":"t","labels":{"level":"INFO"}}],"metrics":{"inference_time":1.5},"queue_position":0}""",
        """{"seed":196619188014358660,"images":[{"url":"https://cdn.example/a.png","width":512,"height":384,"content_type":"image/png","file_size":9},{"url":"data:image/png;base64,iVBORw=="}],"prompt":"p","timings":{"inference":1.5},"has_nsfw_concepts":[true,false]}""",
        """{"status":"COMPLETED","logs":null,"metrics":{"inference_time":1.5,"🦁":1},"timings":{"🦁":1},"error":"🦁 Request timed out","error_type":"request_timeout"}""",
        Fixture.Text("FalGateway/inpaint-accepted"),
        Fixture.Text("Fal/inpaint-output"),
    ];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, Documents.Length)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_reader_survives_every_response(int seed)
    {
        Mutator mutator = new(seed * 7919);
        int parsed = 0;
        int broken = 0;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] bytes = mutator.DamageJson(Documents[seed]);
            JsonDocument? document = null;
            try
            {
                document = JsonDocument.Parse(bytes);
            }
            catch (JsonException)
            {
                broken++;
                continue;
            }

            using (document)
            {
                parsed++;
                try
                {
                    ReadAll(document.RootElement);
                }
                catch (FormatException)
                {
                    // A picture inside the answer is broken, and its reader says so.
                }
                catch (Exception e)
                {
                    Assert.Fail($"Round {round}: {Encoding.UTF8.GetString(bytes)}\n{e}");
                }
            }
        }

        // Some of both, or the mutations would be too mild or too rough to tell anything.
        Assert.InRange(parsed, Rounds / 2, Rounds);
        Assert.InRange(broken, 1, Rounds / 2);
    }

    private static void ReadAll(JsonElement root)
    {
        FalStatusReader.TryRead(root, out _);
        FalCancellation.Read(404, root);
        FalGatewayError.Read(root);
        ModelsLabReply answer = ModelsLabReply.Read(root);
        Assert.True(answer.Eta is null || answer.Eta >= TimeSpan.Zero);
        Assert.DoesNotContain(answer.Output, string.IsNullOrWhiteSpace);
        _ = FalOutputReader.Read(root, billableUnits: "1");
        _ = FalGatewayStatusReader.Read(root);
    }
}
