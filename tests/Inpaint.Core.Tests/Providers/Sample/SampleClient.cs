using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Control;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Providers.Shared;

namespace Inpaint.Tests.Providers.Sample;

/// <summary>
/// The smallest provider that repaints: a submit, one URL for status and result, pictures inside the request. It shows what a kind of provider consists of, that nothing
/// else needs to know of it, and that it need not support every operation.
/// </summary>
internal sealed class SampleClient : IProviderClient
{
    private static readonly ParameterCapability Mood = new() { Name = "Mood", Option = OptionKind.Text, Values = ["calm", "wild"] };

    private readonly Uri root;
    private readonly ProviderChannel channel;

    public SampleClient(ProviderServices services)
    {
        root = services.Provider.RequireBaseUri();
        channel = new ProviderChannel(services.ChannelTo(Descriptor, new HostGuard(services.Provider.Name, root), resilience: null) with
        {
            Authorize = static (request, key) => request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + key),
        });
    }

    public static ProviderDescriptor Descriptor { get; } = new("Sample", [Capabilities], services => new SampleClient(services))
    {
        BuiltIn = [new(new("Sample", "Sample") { BaseUri = new Uri("https://sample.example/v1") }, "SAMPLE_API_KEY")],
        KeyAdvice = "Create a key at sample.example/keys.",
        UncertainAdvice = "Look it up at sample.example/jobs before sending it again.",
    };

    public Task<PreparedSubmission> PrepareAsync(RequestPlan plan, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        channel.EnsureKey();
        InpaintRequest request = plan.Request;
        PictureReferences pictures = PictureReferences.Inlined(plan.Image, plan.Mask);
        JsonObject body = new() { ["model"] = plan.Model, ["prompt"] = request.Prompt };
        foreach ((string name, JsonNode? value) in new (string, JsonNode?)[]
        {
            ("image", pictures.Image), ("mask", pictures.Mask), ("strength", request.Strength), ("seed", request.Seed), ("count", request.Count),
            ("size", request.Size?.ToString()), ("mood", OptionValue.Find(request, Mood, plan.Provider.Name) as string),
        })
        {
            if (value is not null)
            {
                body[name] = value;
            }
        }

        return Task.FromResult<PreparedSubmission>(new Submission(new JsonBody(body, pictures.Inline)));
    }

    public async Task<Acceptance> SubmitAsync(PreparedSubmission submission, CancellationToken cancellationToken)
    {
        ApiRequest call = new(CallKind.Submit, HttpMethod.Post, HostGuard.Below(root, "jobs")) { Content = ((Submission)submission).Body.ToContent };
        ApiResponse answer = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess)
        {
            throw channel.Errors.NotAccepted(answer, isOwn: false, () => Failure(call, answer));
        }

        using JsonDocument document = channel.ReadJson(call, answer);
        return new Acceptance { Id = document.RootElement.Text("id") ?? throw channel.Errors.Unreadable(call, answer, "no id") };
    }

    public async Task<JobUpdate> GetStatusAsync(InpaintJob job, bool includeLog, CancellationToken cancellationToken) =>
        (await FetchAsync(CallKind.Status, job.Id, cancellationToken).ConfigureAwait(false)).Update;

    public async Task<ProviderOutput> GetResultAsync(InpaintJob job, CancellationToken cancellationToken)
    {
        (ApiResponse answer, JobUpdate update) = await FetchAsync(CallKind.Result, job.Id, cancellationToken).ConfigureAwait(false);
        return update.Output ?? throw (channel.Errors.Make(update.ErrorId ?? InpaintErrorId.ResponseInvalid, update.Error ?? "There is no result yet.", answer) with
        {
            RequestId = job.Id,
            IsVerdict = update.State == InpaintJobState.Failed,
            IsTransient = update.State != InpaintJobState.Failed,
        }).ToException();
    }

    public async Task CheckAccessAsync(CancellationToken cancellationToken)
    {
        ApiRequest call = new(CallKind.Status, HttpMethod.Get, HostGuard.Below(root, "account")) { IsOnce = true };
        ApiResponse answer = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess)
        {
            throw Failure(call, answer);
        }
    }

    private static ProviderCapabilities Capabilities => new()
    {
        Operation = InpaintOperation.Inpaint,
        DefaultModel = "sample-1",
        KnownModels = ["sample-1"],
        InputFormats = [PictureFormat.Png, PictureFormat.Jpeg],
        WorkingSize = new WorkingSize(MultipleOf: 16, MinimumEdge: 512, MaximumEdge: 1024, MaximumPixels: 1_000_000),
        Parameters =
        [
            new() { Name = "Image", IsRequired = true },
            new() { Name = "Mask", IsRequired = true },
            new() { Name = "Prompt", IsRequired = true },
            new() { Name = "Strength", Minimum = 0, Maximum = 1 },
            new() { Name = "Seed" },
            new() { Name = "Count", Minimum = 1, Maximum = 4, Default = "1" },
            new() { Name = "Size", Minimum = 64, Maximum = 1024 },
            Mood,
        ],
    };

    private static JobUpdate Read(JsonElement root) => root.Text("state") switch
    {
        "failed" => new JobUpdate { State = InpaintJobState.Failed, ErrorId = InpaintErrorId.JobFailed, Error = root.Text("error") ?? "The model failed." },
        "done" => new JobUpdate
        {
            State = InpaintJobState.Completed,
            Output = new ProviderOutput
            {
                Pictures = [.. root.GetProperty("output").EnumerateArray().Select(url => new OutputPicture { Url = url.GetString() })],
                Seed = root.Integer("seed"),
                Prompt = root.Text("prompt"),
            },
        },
        "running" => new JobUpdate { State = InpaintJobState.InProgress },
        _ => new JobUpdate { State = InpaintJobState.InQueue },
    };

    private async Task<(ApiResponse Answer, JobUpdate Update)> FetchAsync(CallKind kind, string id, CancellationToken cancellationToken)
    {
        ApiRequest call = new(kind, HttpMethod.Get, HostGuard.Below(root, "jobs/" + Uri.EscapeDataString(id)));
        ApiResponse answer = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess)
        {
            throw Failure(call, answer);
        }

        using JsonDocument document = channel.ReadJson(call, answer);
        return (answer, Read(document.RootElement));
    }

    private InpaintException Failure(ApiRequest call, ApiResponse answer)
    {
        ErrorClass meaning = ErrorClass.OfStatus(call.Kind, answer.Status, isForeign: answer.IsHtml()) ?? answer.Status switch
        {
            404 when call.Kind.IsAboutJob() => new(InpaintErrorId.JobNotFound),
            >= 400 and < 500 => new(InpaintErrorId.InvalidParameter),
            _ => new(InpaintErrorId.ProviderUnavailable, IsTransient: true),
        };
        string message = string.Create(CultureInfo.InvariantCulture, $"The sample returned {answer.Status} for {call.Kind.Purpose()}: {channel.Errors.Excerpt(answer)}.");
        return (channel.Errors.Make(meaning.ErrorId, message, answer) with { IsTransient = meaning.IsTransient }).ToException();
    }

    private sealed record Submission(JsonBody Body) : PreparedSubmission;
}
