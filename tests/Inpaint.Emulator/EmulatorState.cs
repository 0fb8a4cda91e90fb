using System.Collections.Concurrent;
using Inpaint.Emulator.Cdn;
using Inpaint.Emulator.Fal;
using Inpaint.Emulator.FalGateway;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.ModelsLab;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Webhooks;
using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator;

/// <summary>Everything about a running emulator that a test sets or asserts on.</summary>
public sealed class EmulatorState
{
    private const long FirstSeed = 196619188014358660;
    private readonly ConcurrentQueue<Exception> malfunctions = new();
    private long seeds;

    internal EmulatorState(TimeProvider time)
    {
        Time = time;
        Reset();
    }

    /// <summary>The fal keys that are accepted, as id:secret.</summary>
    public ISet<string> FalKeys { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Why the fal account is locked, for example "Exhausted balance"; null while it is not.</summary>
    public string? FalLock { get; set; }

    /// <summary>The models that fal has.</summary>
    internal IDictionary<string, FalOffer> FalOffers { get; } = new ConcurrentDictionary<string, FalOffer>(StringComparer.Ordinal);

    /// <summary>How the gateway behaves.</summary>
    public GatewaySettings Gateway { get; private set; } = new();

    /// <summary>How ModelsLab behaves.</summary>
    public ModelsLabSettings ModelsLab { get; private set; } = new();

    /// <summary>Pictures without a size of their own are made in multiples of this many pixels, as real models do; 1 keeps the source's size.</summary>
    public int SizeMultiple { get; set; }

    /// <summary>The base of file URLs in answers, when it is not the server's own; for tests of foreign hosts.</summary>
    public string? CdnBase { get; set; }

    /// <summary>The base of upload URLs in answers, when it is not that of the files.</summary>
    public string? UploadBase { get; set; }

    /// <summary>What goes wrong.</summary>
    public FaultBook Faults { get; } = new();

    /// <summary>What was received.</summary>
    public RequestLog Requests { get; } = new();

    /// <summary>What was paid for, and how jobs go.</summary>
    public JobStore Jobs { get; } = new();

    /// <summary>What was uploaded and made.</summary>
    public FileStore Files { get; } = new();

    /// <summary>What is open right now.</summary>
    public ConnectionGauge Connections { get; } = new();

    internal WebhookSender Webhooks { get; } = new();

    /// <summary>Jobs made, by submits and by direct runs, whether or not the client heard of them.</summary>
    public int PaidJobs => Jobs.Count;

    /// <summary>Requests to the file host or to webhooks that carried a key: always a leak.</summary>
    public IReadOnlyList<RecordedRequest> KeyLeaks =>
        [.. Requests.All.Where(request => request.Service is WireService.Cdn or WireService.None && (request.Headers.ContainsKey("Authorization") || AllKeys.Any(request.Carries)))];

    /// <summary>What broke in the emulator itself; disposing the server throws when there is anything.</summary>
    public IReadOnlyCollection<Exception> Malfunctions => malfunctions;

    private IEnumerable<string> AllKeys => [.. FalKeys, .. Gateway.Keys, .. ModelsLab.Keys];

    internal TimeProvider Time { get; }

    internal void Report(Exception malfunction) => malfunctions.Enqueue(malfunction);

    /// <summary>Back to how the server started, requests and jobs forgotten.</summary>
    public void Reset()
    {
        Faults.Clear();
        Requests.Clear();
        Jobs.Clear();
        Files.Clear();
        WellKnownPictures.Publish(Files);
        FalKeys.Clear();
        FalKeys.Add("test-id:test-secret");
        FalOffers.Clear();
        foreach (FalOffer offer in FalOffer.Standard())
        {
            FalOffers[offer.Id] = offer;
        }

        Gateway = new();
        ModelsLab = new();
        FalLock = null;
        SizeMultiple = 1;
        CdnBase = null;
        UploadBase = null;
        Interlocked.Exchange(ref seeds, 0);
    }

    /// <summary>Seeds of jobs that name none: predictable, and too large for a double.</summary>
    internal long NextSeed() => FirstSeed + Interlocked.Increment(ref seeds);
}
