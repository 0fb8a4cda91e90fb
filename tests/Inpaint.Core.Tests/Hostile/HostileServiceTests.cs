using System.Text;
using Inpaint.Emulator;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Inpaint.Imaging.Masks;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Providers.Fal;
using Inpaint.Providers.FalGateway;
using Inpaint.Providers.ModelsLab;
using Inpaint.Tests.Providers;
using Inpaint.Tests.Providers.Fal;
using Xunit;

namespace Inpaint.Tests.Hostile;

/// <summary>
/// Whole clients against a service whose every answer may be damaged, over real HTTP: uploads, submits, questions, results and cancels end in a value or an InpaintException, and a
/// job is asked for no more than once.
/// </summary>
public sealed class HostileServiceTests : IAsyncLifetime
{
    private readonly HttpClientSource http = new();
    private EmulatorServer server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => server = await EmulatorServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData("Fal")]
    [InlineData("FalGateway")]
    [InlineData("ModelsLab")]
    public async Task A_damaged_answer_is_read_or_refused(string kind)
    {
        IProviderClient client = Client(kind);
        Mutator mutator = new(Array.IndexOf(["Local", "Fal", "FalGateway", "ModelsLab"], kind));
        string[] documents = Documents(kind);
        int damagedAnswers = 0;
        int well = 0;
        for (int round = Mutator.Rounds(60); round > 0; round--)
        {
            server.State.Reset();
            server.State.ModelsLab.DuplicateWindow = TimeSpan.Zero;
            server.State.Faults.When(_ => true, _ => mutator.Next(2) == 0 ? Fault.Pass : Damaged());
            InpaintJob? job = null;
            bool isWell = await EndsAsync(async () =>
            {
                PreparedSubmission submission = await client.PrepareAsync(Plan(kind), progress: null, Cancellation);
                Acceptance accepted = await client.SubmitAsync(submission, Cancellation);
                job = new InpaintJob { Id = accepted.Id, Provider = "Service", Model = Plan(kind).Model, State = accepted.State, ProviderData = accepted.ProviderData };
            });
            Assert.InRange(server.State.Requests.All.Count(r => r.Operation == WireOperation.Submit && r.Status is 200), 0, 1);
            if (job is not null)
            {
                isWell &= await EndsAsync(() => client.GetStatusAsync(job, includeLog: true, Cancellation));
                isWell &= await EndsAsync(async () =>
                {
                    int updates = 0;
                    await foreach (JobUpdate update in client.StreamStatusAsync(job, Cancellation))
                    {
                        // A job that is not done is listened to without end.
                        if (update.State is InpaintJobState.InQueue or InpaintJobState.InProgress && ++updates > 3)
                        {
                            break;
                        }
                    }
                });
                isWell &= await EndsAsync(() => client.GetResultAsync(job, Cancellation));
                isWell &= await EndsAsync(() => client.CancelAsync(job, Cancellation));
            }

            isWell &= await EndsAsync(() => client.CheckAccessAsync(Cancellation));
            well += isWell ? 1 : 0;
        }

        // Every round has met several, and most must have hurt.
        Assert.True(damagedAnswers > Mutator.Rounds(60), $"{damagedAnswers} damaged answers");
        Assert.InRange(well, 0, Mutator.Rounds(60) / 2);
        TestContext.Current.SendDiagnosticMessage("{0}: {1} damaged answers", kind, damagedAnswers);

        Fault Damaged()
        {
            damagedAnswers++;
            string document = documents[mutator.Next(documents.Length)];
            int status = new[] { 200, 200, 200, 200, 202, 400, 404, 422, 500 }[mutator.Next(9)];
            ReadOnlyMemory<byte> body = mutator.Next(3) == 0 ? mutator.Damage(Encoding.UTF8.GetBytes(document)) : mutator.DamageJson(document);
            bool isStream = mutator.Next(6) == 0;
            byte[] sent = isStream ? [.. "data: "u8, .. body.Span, .. "\n\n"u8] : body.ToArray();
            return new Fault { Kind = FaultKind.Respond, Answer = Answer.Bytes(sent, isStream ? "text/event-stream" : "application/json") with { Status = status } };
        }
    }

    private static async Task<bool> EndsAsync(Func<Task> action)
    {
        try
        {
            await action();
            return true;
        }
        catch (InpaintException)
        {
            return false;
        }
    }

    private string[] Documents(string kind)
    {
        string cdn = server.CdnUri.AbsoluteUri.TrimEnd('/');
        string[] fal =
        [
            $$"""{"status":"IN_QUEUE","request_id":"a","response_url":"{{server.QueueUri}}/fal-ai/flux-lora/requests/a","status_url":"{{server.QueueUri}}/fal-ai/flux-lora/requests/a/status","cancel_url":"{{server.QueueUri}}/x","queue_position":0}""",
            """{"status":"COMPLETED","request_id":"a","logs":[{"message":"m","timestamp":"t","labels":{"level":"INFO"}}],"metrics":{"inference_time":1.5}}""",
            $$"""{"seed":196619188014358660,"images":[{"url":"{{cdn}}/a.png","width":512,"height":384,"content_type":"image/png","file_size":9},{"url":"data:image/png;base64,iVBORw0KGgo="}],"prompt":"p","timings":{"inference":1.5},"has_nsfw_concepts":[true,false]}""",
            """{"detail":[{"loc":["body",0,"image_url"],"msg":"m","type":"image_load_error","ctx":{"max_height":1},"input":{}}]}""",
            $$"""{"file_url":"{{cdn}}/f.png","upload_url":"{{cdn}}/upload/f.png"}""",
            """{"status":"ALREADY_COMPLETED","success":true,"error":{"message":"no","type":"shell_api_error","param":"502","code":"bad_response_status_code"}}""",
        ];
        string[] modelsLab =
        [
            $$"""{"status":"success","generationTime":2.45,"id":12345678,"output":["{{cdn}}/0.png","{{cdn}}/0.base64"],"proxy_links":{"0":"{{cdn}}/p.png"},"meta":{"seed":1,"prompt":"x"},"nsfw_content_detected":false}""",
            $$"""{"status":"processing","eta":0,"message":"","fetch_result":"{{server.ModelsLabUri}}/images/fetch/123","id":123,"output":"","future_links":["{{cdn}}/l.png"]}""",
            """{"status":"error","message":{"prompt":["The prompt field is required."]},"messege":"x","tips":["a"],"retry_after":0}""",
            """{"status":"success","data":{"balance":1.5,"currency":"usd"}}""",
        ];
        return kind == "ModelsLab" ? modelsLab : fal;
    }

    private IProviderClient Client(string kind)
    {
        ProviderServices Services(string key) => new(Provider(kind), FalClientTest.Secure(key), http, "", TimeProvider.System);
        return kind switch
        {
            "Fal" => new FalClient(Services("test-id:test-secret"), FalClientTest.Quick, new FalUploadOptions { InlineLimit = 0 }),
            "FalGateway" => new FalGatewayClient(Services("test-token"), FalClientTest.Quick),
            _ => new ModelsLabClient(Services("test-key"), FalClientTest.Quick, new ModelsLabSubmitOptions { ResubmitPause = TimeSpan.Zero }),
        };
    }

    private InpaintProvider Provider(string kind) => new("Service", kind)
    {
        BaseUri = kind switch { "Fal" => server.QueueUri, "FalGateway" => server.GatewayUri, _ => server.ModelsLabUri },
        Endpoints = kind == "Fal" ? server.FalEndpoints : new Dictionary<string, Uri>(),
    };

    private RequestPlan Plan(string kind)
    {
        ProviderCapabilities capabilities = (kind switch { "Fal" => FalCapabilities.All, "FalGateway" => FalGatewayCapabilities.All, _ => ModelsLabCapabilities.All })
            .First(c => c.Operation == InpaintOperation.Inpaint);
        return new RequestPlan(new InpaintRequest { Prompt = "an empty bench", Size = ImageSize.Parse("256x256") }, Provider(kind), capabilities, capabilities.DefaultModel, fingerprint: "f")
        {
            Image = PictureSource.FromBytes(TestPictures.Png(32, 24), "dog.png"),
            Mask = PictureSource.FromBytes(TestPictures.RightHalfMask(32, 24), "dog_mask.png"),
        };
    }
}
