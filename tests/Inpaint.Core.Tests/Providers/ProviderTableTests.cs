using System.Text.Json.Nodes;
using Inpaint.Emulator;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Engine;
using Inpaint.Imaging.Masks;
using Inpaint.Jobs;
using Inpaint.Journal;
using Inpaint.Tests.Emulator;
using Inpaint.Tests.Providers.Fal;
using Inpaint.Tests.Providers.Sample;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Providers;

/// <summary>One emulator for all rows of the table.</summary>
public sealed class ProviderTableFixture : IAsyncLifetime
{
    public EmulatorServer Server { get; private set; } = null!;

    public byte[] Picture { get; } = PictureFile.Encode(Painter.Generate(512, 384, 7, "source")).Bytes;

    public byte[] Mask { get; } = PictureFile.Encode(EmulatorTest.RightHalf(512, 384)).Bytes;

    public async ValueTask InitializeAsync() => Server =
        await EmulatorServer.StartAsync(new EmulatorOptions { MoreServices = new Dictionary<string, IEmulatedService>(StringComparer.Ordinal) { [SampleService.Path] = new SampleService() } });

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>Every paid provider by the same engine calls over real HTTP: a job's whole way, and each parameter that its capabilities declare.</summary>
public sealed class ProviderTableTests : IClassFixture<ProviderTableFixture>, IDisposable
{
    private readonly EmulatorServer server;
    private readonly string folder = Directory.CreateTempSubdirectory("inpaint-table-").FullName;
    private readonly InpaintEngine engine;
    private readonly string pictures;

    public ProviderTableTests(ProviderTableFixture fixture)
    {
        server = fixture.Server;
        server.State.Reset();

        // What the service expects is waited for before the first look; here nobody needs to wait.
        server.State.ModelsLab.Eta = TimeSpan.Zero;
        engine = new InpaintEngine(new InpaintEngineOptions { StateFolder = folder, Environment = _ => null }, new WatchSchedule { MinInterval = TimeSpan.FromMilliseconds(1), PollsPerSecond = 1000 }, ProvidersUnderTest.Kinds);
        foreach (string name in Names)
        {
            Configure(name);
        }

        string image = server.State.Files.Add("dog.png", "image/png", fixture.Picture);
        string mask = server.State.Files.Add("mask.png", "image/png", fixture.Mask);
        pictures = $"{server.CdnUri}/files/{image}/dog.png {server.CdnUri}/files/{mask}/mask.png";
    }

    private static string[] Names => [.. ProvidersUnderTest.All.Select(provider => provider.Name)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Providers => [.. Names];

    public static TheoryData<string> EveryProvider => [.. Names, "Local"];

    public static TheoryData<string, InpaintOperation> Operations =>
        [.. Names.SelectMany(name => CapabilitiesOf(name).Where(c => c.Operation != InpaintOperation.Segment).Select(c => (name, c.Operation)))];

    /// <summary>All but the one that says how pictures travel, which shows in no field of the request.</summary>
    public static TheoryData<string, InpaintOperation, string> Parameters =>
        [.. Names.SelectMany(name => CapabilitiesOf(name).Where(c => c.Operation != InpaintOperation.Segment).SelectMany(c => c.Parameters.Where(p => p.Name != "UploadPictures").Select(p => (name, c.Operation, p.Name))))];

    public void Dispose()
    {
        engine.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task A_job_is_submitted_watched_and_collected(string provider, InpaintOperation operation)
    {
        server.State.Jobs.Enqueue(JobScript.Reads(1, 1));
        InpaintResult result = await engine.RunAsync(engine.Plan(Plain(provider, operation)), new RunOptions { Timeout = TimeSpan.FromSeconds(60) }, cancellationToken: Cancellation);
        InpaintImage image = Assert.Single(result.Images);
        Assert.Equal(InpaintJobState.Completed, result.Job.State);
        Assert.NotNull(result.Seed);
        Assert.Equal("an empty bench", result.Prompt);
        Assert.Equal(1, server.State.PaidJobs);
        SavedImage saved = await engine.SaveAsync(image, new SaveOptions { Folder = folder }, Cancellation);
        Assert.Equal(ProvidersUnderTest.Get(provider).Output, saved.Format);
        Assert.Empty(server.State.KeyLeaks);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_local_picture_gets_there(string provider)
    {
        server.State.Jobs.Enqueue(JobScript.Immediate);
        InpaintRequest request = new() { Provider = provider, Prompt = "an empty bench", Image = FalClientTest.Picture(512, 384), Mask = FalClientTest.Mask(512, 384) };
        InpaintResult result = await engine.RunAsync(engine.Plan(request), new RunOptions { Timeout = TimeSpan.FromSeconds(60) }, cancellationToken: Cancellation);
        Assert.Single(result.Images);
    }

    [Theory]
    [MemberData(nameof(EveryProvider))]
    public async Task What_is_kept_is_its_owners_alone_and_nothing_is_left_half_written(string provider)
    {
        // Put back into the original, so that all that is ever kept of a job is.
        server.State.Jobs.DefaultScript = JobScript.Immediate;
        InpaintRequest request = new()
        {
            Provider = provider,
            Prompt = provider == "Local" ? null : "an empty bench",
            Image = FalClientTest.Picture(512, 384),
            Mask = FalClientTest.Mask(512, 384),
            KeepUnmasked = true,
            Feather = 2,
        };
        await engine.RunAsync(engine.Plan(request), new RunOptions { Timeout = TimeSpan.FromSeconds(60) }, cancellationToken: Cancellation);
        InpaintJob uncollected = await engine.StartAsync(engine.Plan(request), cancellationToken: Cancellation);
        await engine.WaitAsync(uncollected, new RunOptions { Timeout = TimeSpan.FromSeconds(60) }, cancellationToken: Cancellation);

        FileSystemInfo[] kept = [.. new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)];
        Assert.Contains(kept, item => item.Extension == ".finished");
        Assert.DoesNotContain(kept, item => item.Name.EndsWith(".tmp", StringComparison.Ordinal));
        Assert.All(kept.Where(_ => !OperatingSystem.IsWindows()), item =>
            Assert.Equal(item is DirectoryInfo ? "700" : "600", Convert.ToString((int)item.UnixFileMode, 8)));
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_job_is_found_and_collected_by_another_process(string provider)
    {
        server.State.Jobs.Enqueue(new JobScript { Steps = [JobStep.Running().Hold()] });
        InpaintJob job = await engine.StartAsync(engine.Plan(Plain(provider)), cancellationToken: Cancellation);
        Assert.Equal(InpaintJobState.InProgress, (await engine.GetStatusAsync(job, cancellationToken: Cancellation)).State);
        server.State.Jobs.Last.Complete();

        using InpaintEngine other = new(new InpaintEngineOptions { StateFolder = folder, Environment = _ => null }, new WatchSchedule(), ProvidersUnderTest.Kinds);
        Configure(provider, target: other);
        InpaintJob found = Assert.Single(other.ListJobs());
        Assert.Equal(job.Id, found.Id);
        InpaintResult? result = await other.ReceiveAsync(found, wait: false, cancellationToken: Cancellation);
        Assert.Single(result!.Images);
        Assert.Equal(1, server.State.PaidJobs);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Whether_it_can_be_reached_is_asked_once(string provider)
    {
        Configure(provider);
        await engine.CheckAccessAsync(engine.Providers.Get(provider), cancellationToken: Cancellation);
        int asked = server.State.Requests.All.Count;
        using IDisposable rule = server.State.Faults.When(_ => true, Fault.ResetBeforeRead());
        InpaintException e = await Assert.ThrowsAsync<InpaintException>(() => engine.CheckAccessAsync(engine.Providers.Get(provider), cancellationToken: Cancellation));
        Assert.Equal(InpaintErrorId.ProviderUnavailable, e.ErrorId);
        Assert.Equal(2 * asked, server.State.Requests.All.Count);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Stopping_says_what_it_did(string provider)
    {
        server.State.Jobs.Enqueue(JobScript.HeldInQueue());
        InpaintJob job = await engine.StartAsync(engine.Plan(Plain(provider)), cancellationToken: Cancellation);
        Assert.Equal(ProvidersUnderTest.Get(provider).StopOutcome, (await engine.StopAsync(job, cancellationToken: Cancellation)).StopOutcome);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_failed_job_is_a_failed_job(string provider)
    {
        server.State.Jobs.Enqueue(JobScript.Reads(0, 1));
        InpaintRequest request = Plain(provider) with { Prompt = ProvidersUnderTest.Get(provider).FailingPrompt };
        InpaintException failure = await Assert.ThrowsAsync<InpaintException>(() => engine.RunAsync(engine.Plan(request), new RunOptions { Timeout = TimeSpan.FromSeconds(60) }, cancellationToken: Cancellation));
        Assert.Equal(ProvidersUnderTest.Get(provider).Failure, failure.ErrorId);
        Assert.Equal(InpaintJobState.Failed, failure.Job!.State);
        Assert.NotEmpty(failure.RecommendedAction);
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Keys_and_ids_that_are_not_good_are_told_apart(string provider)
    {
        InpaintException unknown = await Assert.ThrowsAsync<InpaintException>(
            () => engine.GetStatusAsync(engine.FindJob("00000000-0000-0000-0000-000000000000", provider), cancellationToken: Cancellation));
        Assert.Equal(InpaintErrorId.JobNotFound, unknown.ErrorId);
        await engine.CheckAccessAsync(engine.Providers.Get(provider), cancellationToken: Cancellation);

        Configure(provider, "wrong:key");
        InpaintException refused = await Assert.ThrowsAsync<InpaintException>(() => engine.StartAsync(engine.Plan(Plain(provider)), cancellationToken: Cancellation));
        Assert.Equal(InpaintErrorId.AuthenticationFailed, refused.ErrorId);
        Assert.DoesNotContain("wrong:key", refused.ToString(), StringComparison.Ordinal);
        Assert.Equal(InpaintErrorId.AuthenticationFailed, (await Assert.ThrowsAsync<InpaintException>(() => engine.CheckAccessAsync(engine.Providers.Get(provider), cancellationToken: Cancellation))).ErrorId);

        engine.Providers.Remove(provider);
        int calls = server.State.Requests.All.Count;
        InpaintException missing = await Assert.ThrowsAsync<InpaintException>(() => engine.StartAsync(engine.Plan(Plain(provider)), cancellationToken: Cancellation));
        Assert.Equal(InpaintErrorId.ApiKeyMissing, missing.ErrorId);
        Assert.Contains("_KEY", missing.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(calls, server.State.Requests.All.Count);
        Assert.Equal(0, server.State.PaidJobs);
        Assert.Empty(engine.ListJobs(all: true));
    }

    [Theory]
    [MemberData(nameof(Parameters))]
    public async Task A_declared_parameter_reaches_the_service(string provider, InpaintOperation operation, string name)
    {
        ParameterCapability parameter = CapabilitiesOf(provider).First(c => c.Operation == operation).Find(name)!;
        RecordedRequest plain = await SentAsync(Plain(provider, operation));
        RecordedRequest with = await SentAsync(With(Plain(provider, operation), parameter));
        string place = ProvidersUnderTest.Get(provider).PlaceOf(parameter.Name);
        string? sent = ProviderUnderTest.Read(with, place);
        Assert.True(sent is not null, $"{parameter.Name} is not at {place}: {with.Path}{with.Query} {with.BodyText}");
        Assert.NotEqual(ProviderUnderTest.Read(plain, place), sent);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Every_field_that_the_documents_name_can_be_sent(string provider, InpaintOperation operation)
    {
        // Ways of running a job aside, all parameters go together.
        InpaintRequest request = CapabilitiesOf(provider).First(c => c.Operation == operation).Parameters
            .Where(p => p.Name is not ("Image" or "Mask" or "Synchronous" or "PreviewFolder" or "InlineResult"))
            .Aggregate(Plain(provider, operation), (made, parameter) => With(made, parameter));
        string[] documented = ProvidersUnderTest.Get(provider).Documented[operation].Split(' ');
        RecordedRequest sent = await SentAsync(request with { InlineResult = documented.Contains("sync_mode") });
        Assert.Empty(documented.Except(sent.BodyJson!.Select(field => field.Key), StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void A_value_out_of_a_declared_range_is_refused_before_any_call(string provider, InpaintOperation operation)
    {
        InpaintRequest plain = Plain(provider, operation);
        foreach (ParameterCapability parameter in CapabilitiesOf(provider).First(c => c.Operation == operation).Parameters)
        {
            List<object> bad = [];
            if (parameter.Maximum is double maximum)
            {
                bad.Add(maximum + 1);
            }

            if (parameter.Minimum is double minimum)
            {
                bad.Add(minimum - 1);
            }

            if (parameter.Values.Count > 0)
            {
                bad.Add("no-such-value");
            }

            foreach (object value in bad)
            {
                Assert.Equal(InpaintErrorId.InvalidParameter, Assert.Throws<InpaintException>(() => engine.Plan(With(plain, parameter, value))).ErrorId);
            }

            if (parameter.CapAbove is double cap)
            {
                Assert.Contains(engine.Plan(With(plain, parameter, cap + 1)).Warnings, w => w.Contains("caps", StringComparison.Ordinal));
                Assert.DoesNotContain(engine.Plan(With(plain, parameter, cap)).Warnings, w => w.Contains("caps", StringComparison.Ordinal));
            }
        }

        Assert.Empty(server.State.Requests.All);
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void A_parameter_of_another_provider_is_refused_by_naming_who_has_it(string provider, InpaintOperation operation)
    {
        ProviderCapabilities own = CapabilitiesOf(provider).First(c => c.Operation == operation);
        ParameterCapability[] foreign =
        [
            .. Names.SelectMany(CapabilitiesOf).Where(c => c.Operation == operation).SelectMany(c => c.Parameters).Where(p => own.Find(p.Name) is null).DistinctBy(p => p.Name),
        ];
        Assert.NotEmpty(foreign);
        foreach (ParameterCapability parameter in foreign)
        {
            InpaintException refusal = Assert.Throws<InpaintException>(() => engine.Plan(With(Plain(provider, operation), parameter)));
            Assert.Equal(InpaintErrorId.InvalidParameter, refusal.ErrorId);
            Assert.Contains(parameter.Name, refusal.Message, StringComparison.Ordinal);
            string owner = Names.First(n => CapabilitiesOf(n).Any(c => c.Operation == operation && c.Find(parameter.Name) is not null));
            Assert.Contains(owner, refusal.Message, StringComparison.Ordinal);
        }
    }

    private static IReadOnlyList<ProviderCapabilities> CapabilitiesOf(string provider) =>
        ProvidersUnderTest.Get(provider).Descriptor.Capabilities;

    private void Configure(string provider, string? key = null, InpaintEngine? target = null) =>
        (target ?? engine).Providers.Set(ProvidersUnderTest.Get(provider).Settings(server, key));

    private InpaintRequest Plain(string provider, InpaintOperation operation = InpaintOperation.Inpaint) => operation == InpaintOperation.TextToImage
        ? new InpaintRequest { Provider = provider, Operation = operation, Prompt = "an empty bench", Size = ImageSize.FromPixels(256, 256) }
        : new InpaintRequest { Provider = provider, Prompt = "an empty bench", Image = PictureSource.Parse(pictures.Split(' ')[0]), Mask = PictureSource.Parse(pictures.Split(' ')[1]) };

    /// <summary>Sets a parameter: to something unlike its default, or to the value given.</summary>
    private InpaintRequest With(InpaintRequest request, ParameterCapability parameter, object? value = null)
    {
        double number = value as double? ?? (parameter.Name == "Steps" ? 7 : parameter.Minimum is double least && parameter.Maximum is null ? least + 10 : 0.5 + (parameter.Minimum ?? 0) / 2);
        string text = value as string ?? (parameter.Values.Count > 0 ? parameter.Values[^1] : "text");
        if (parameter.Option is OptionKind kind)
        {
            object option = kind switch
            {
                OptionKind.Switch => true,
                OptionKind.WholeNumber => (long)Math.Ceiling(number),
                OptionKind.Number => number,
                OptionKind.Url => "https://pictures.example/face.png",
                _ => text,
            };
            return request with { Options = new Dictionary<string, object>(request.Options, StringComparer.Ordinal) { [parameter.Name] = option } };
        }

        int whole = (int)Math.Ceiling(number);
        return parameter.Name switch
        {
            "Image" or "Mask" => request with { Image = request.Mask, Mask = request.Image },
            "Prompt" => request with { Prompt = "a full bench" },
            "NegativePrompt" => request with { NegativePrompt = "rain" },
            "Strength" => request with { Strength = number },
            "Steps" => request with { Steps = whole },
            "GuidanceScale" => request with { GuidanceScale = value is null ? 5 : number },
            "Count" => request with { Count = value is null ? 2 : whole },
            "Seed" => request with { Seed = 5 },
            "Size" => request with { Size = value is null ? ImageSize.FromPixels(640, 480) : ImageSize.FromPixels(whole, whole) },
            "OutputFormat" => request with { OutputFormat = text },
            "SafetyChecker" => request with { SafetyChecker = false },
            "Loras" => request with { Loras = [new("owner/repository", value is null ? 0.5 : number)] },
            "Acceleration" => request with { Acceleration = text },
            "Scheduler" => request with { Scheduler = text },
            "WebhookUri" => request with { WebhookUri = new Uri(server.BaseUri, "/cdn/hook") },
            "AdditionalBody" => request with { AdditionalBody = new JsonObject { ["new_field"] = 1 } },
            "Synchronous" => request with { Synchronous = true },
            "InlineResult" => request with { InlineResult = true },
            "Priority" => request with { Priority = value is null ? "low" : text },
            "PreviewFolder" => request with { PreviewFolder = Path.Combine(folder, "previews") },
            "StartTimeout" => request with { StartTimeout = TimeSpan.FromSeconds(number) },
            _ => throw new InvalidOperationException($"This table does not know how to set {parameter.Name}."),
        };
    }

    private async Task<RecordedRequest> SentAsync(InpaintRequest request)
    {
        server.State.Requests.Clear();
        server.State.Jobs.Enqueue(JobScript.Immediate);
        await engine.StartAsync(engine.Plan(request), cancellationToken: Cancellation);
        return server.State.Requests.All.Single(r => r.Operation is WireOperation.Submit or WireOperation.Run or WireOperation.RunStream);
    }
}
