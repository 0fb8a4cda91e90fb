using System.Security;
using Inpaint.Emulator;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Engine;
using Inpaint.Http;
using Inpaint.Imaging.Masks;
using Inpaint.Jobs;
using Inpaint.Journal;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Providers.Fal;
using Inpaint.Results;
using Inpaint.Tests.Emulator;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Providers.Fal;
using Inpaint.Tests.Time;

namespace Inpaint.Tests.Faults;

/// <summary>What one cell of the matrix plays on: the emulator as good as new, a client with the patience that users get, and a clock that nobody waits for.</summary>
internal sealed class FaultScene : IDisposable
{
    private const long LargestPicture = 1 << 20;

    private static readonly byte[] Image = PictureFile.Encode(Painter.Generate(256, 256, 7, "source")).Bytes;
    private static readonly byte[] Mask = PictureFile.Encode(EmulatorTest.RightHalf(256, 256)).Bytes;

    private readonly EmulatorServer server;
    private readonly WireColumn column;
    private readonly TemporaryFolder folder = new();
    private readonly HttpClientSource http = new();
    private readonly InpaintEngine engine;
    private readonly string image;
    private readonly string mask;

    public FaultScene(EmulatorServer server, WireColumn column, bool isEveryTime, CancellationToken cancellationToken)
    {
        this.server = server;
        this.column = column;
        IsEveryTime = isEveryTime;
        Cancellation = cancellationToken;
        server.State.Reset();
        engine = new InpaintEngine(new InpaintEngineOptions { StateFolder = folder.Path, TimeProvider = Time, Environment = _ => null }, new WatchSchedule(), ProviderCatalogue.Kinds);
        engine.Providers.Set(Settings);
        Client = engine.Providers.DescriptorOf(Provider.Kind).Create(Services);
        image = Publish(Image);
        mask = Publish(Mask);
    }

    public CancellationToken Cancellation { get; }

    public WireTimeProvider Time { get; } = new();

    public EmulatorState State => server.State;

    public IProviderClient Client { get; }

    /// <summary>Whether every request meets the fault, and not only the first.</summary>
    public bool IsEveryTime { get; }

    public bool IsModelsLab => column.Provider == "ModelsLab";

    public bool IsDownload => column.Struck == WireOperation.Download;

    public bool IsStream => column.Struck is WireOperation.StatusStream or WireOperation.RunStream;

    /// <summary>An event that is all right, and one that breaks off in its middle.</summary>
    public string MalformedEvents => column.Struck == WireOperation.StatusStream
        ? "data: {\"status\":\"IN_PROGRESS\"}\n\ndata: {\"status\":\n\n"
        : "data: {\"images\":[{\"url\":\"https://v3.fal.media/files/a/b.png\"}],\"seed\":7}\n\ndata: {\"images\":\n\n";

    /// <summary>More than is taken: of a picture by the limit of this scene, of anything else by the module's own.</summary>
    public long HugeBody => column.Struck switch
    {
        WireOperation.Download => LargestPicture + 1,
        WireOperation.StatusStream => ServerSentEvents.MaxEventBytes + 1,
        _ => ApiResponse.MaxBodyBytes + 1,
    };

    /// <summary>What lies in the target folder.</summary>
    public IReadOnlyList<string> SavedFiles => Directory.Exists(Target) ? [.. Directory.EnumerateFileSystemEntries(Target)] : [];

    private string Target => folder.At("out");

    private InpaintProvider Provider => engine.Providers.Get(column.Provider);

    private ProviderServices Services => new(Provider, Settings.ApiKey, http, folder.Path, Time);

    private ProviderSettings Settings => column.Provider switch
    {
        "Fal" => new() { Name = "Fal", BaseUri = server.QueueUri, Endpoints = server.FalEndpoints, ApiKey = Key("test-id:test-secret") },
        "ModelsLab" => new() { Name = "ModelsLab", BaseUri = server.ModelsLabUri, ApiKey = Key("test-key") },
        _ => new() { Name = column.Provider, BaseUri = server.GatewayUri, ApiKey = Key("test-token") },
    };

    /// <summary>The same place under another name of this machine: a client that follows is seen there.</summary>
    public Uri Elsewhere(RecordedRequest request) => new($"http://localhost:{server.BaseUri.Port}{request.Path}{request.Query}");

    public static bool IsElsewhere(RecordedRequest request) => request.Headers["Host"].StartsWith("localhost", StringComparison.Ordinal);

    public RequestPlan Plan(bool isDirect = false, bool isLocal = false) => engine.Plan(new InpaintRequest
    {
        Provider = column.Provider,
        Prompt = "an empty bench",
        Synchronous = isDirect,
        Image = isLocal ? PictureSource.FromBytes(Image, "dog.png") : PictureSource.Parse(image),
        Mask = PictureSource.Parse(mask),
    });

    public RequestPlan PlanWithPreviews() => engine.Plan(new InpaintRequest
    {
        Operation = InpaintOperation.TextToImage,
        Provider = column.Provider,
        Prompt = "an empty bench",
        Size = ImageSize.FromPixels(64, 48),
        PreviewFolder = folder.At("previews"),
    });

    /// <summary>A client that uploads also what would have fitted into the request.</summary>
    public IProviderClient UploadingClient(bool inParts) =>
        column.Provider == "Fal" ? new FalClient(Services, uploads: new FalUploadOptions { InlineLimit = 0, MultipartLimit = inParts ? 0 : long.MaxValue }) : Client;

    public async Task<InpaintJob> StartAsync(JobScript script)
    {
        State.Jobs.Enqueue(script);
        RequestPlan plan = Plan();
        Acceptance acceptance = await Client.SubmitAsync(await Client.PrepareAsync(plan, progress: null, Cancellation), Cancellation);
        return new InpaintJob { Id = acceptance.Id, Provider = column.Provider, Model = plan.Model, State = acceptance.State, ProviderData = acceptance.ProviderData };
    }

    public Task<SavedImage> SaveAsync(string url) =>
        new ImageSaver(new PictureFetcher(http, Time, _ => AllowedNetworks.Anywhere), Time).SaveAsync(new InpaintImage { Url = url }, new SaveOptions { Folder = Target, NameTemplate = "picture", MaximumBytes = LargestPicture }, Cancellation);

    public void Dispose()
    {
        engine.Dispose();
        http.Dispose();
        folder.Dispose();
    }

    private static SecureString Key(string text) => FalClientTest.Secure(text)!;

    private string Publish(byte[] png) => $"{server.CdnUri}/files/{State.Files.Add("dog.png", "image/png", png)}/dog.png";
}
