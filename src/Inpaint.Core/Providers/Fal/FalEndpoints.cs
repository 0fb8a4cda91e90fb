using System.Globalization;
using Inpaint.Http;
using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.Fal;

/// <summary>
/// fal's URLs (fal.ai/docs, "Queue API"). URLs that fal returned are used if they are on the configured host, as fal recommends, and rebuilt otherwise, so
/// that a proxy keeps working and receives the key alone.
/// </summary>
internal sealed class FalEndpoints
{
    /// <summary>The name of the endpoint for direct (synchronous) calls, as in <see cref="InpaintProvider.Endpoints"/>.</summary>
    public const string Sync = "Sync";

    /// <summary>The name of the endpoint for uploads.</summary>
    public const string Storage = "Storage";

    /// <summary>The name of the endpoint of the platform API.</summary>
    public const string PlatformName = "Platform";


    private readonly Uri queue;
    private readonly Uri run;
    private readonly Uri storage;
    private readonly Uri platform;

    /// <summary>Creates the URLs of a provider; endpoints that it does not set are below its base URL.</summary>
    public FalEndpoints(InpaintProvider provider)
    {
        queue = provider.RequireBaseUri();
        run = provider.Endpoints.GetValueOrDefault(Sync) ?? queue;
        storage = provider.Endpoints.GetValueOrDefault(Storage) ?? queue;
        platform = provider.Endpoints.GetValueOrDefault(PlatformName) ?? queue;
        Guard = new HostGuard(provider.Name, queue, run, storage, platform);
    }

    /// <summary>The hosts to which the key may go.</summary>
    public HostGuard Guard { get; }

    /// <summary>The base of the URLs to which jobs are submitted, or which run models directly.</summary>
    public Uri SubmitOrigin(bool isDirect) => isDirect ? run : queue;

    /// <summary>The URL to which a job is submitted.</summary>
    /// <param name="model">The model's full id.</param>
    /// <param name="query">A query with its question mark; empty for none.</param>
    public Uri Submit(string model, string query = "") => HostGuard.Below(queue, FalModelId.Ensure(model) + query);

    /// <summary>The URL that runs a model directly.</summary>
    public Uri Run(string model) => HostGuard.Below(run, FalModelId.Ensure(model));

    /// <summary>The URL that runs a model directly and streams intermediate pictures (fal.ai/docs, "Streaming"). Not every model has one.</summary>
    public Uri RunStream(string model) => HostGuard.Below(run, FalModelId.Ensure(model) + "/stream");

    /// <summary>The URL of a job's status.</summary>
    public Uri Status(InpaintJob job, bool includeLog) => Of(job, FalJobData.StatusUrl, "/status", includeLog ? "?logs=1" : "");

    /// <summary>The URL that streams a job's status.</summary>
    public Uri StatusStream(InpaintJob job) => Of(job, FalJobData.StatusUrl, "/status", "/stream?logs=1");

    /// <summary>The URL of a job's result.</summary>
    public Uri Result(InpaintJob job) => Of(job, FalJobData.ResponseUrl, "", "");

    /// <summary>The URL that cancels a job.</summary>
    public Uri Cancel(InpaintJob job) => Of(job, FalJobData.CancelUrl, "/cancel", "");

    /// <summary>The status of a request that cannot exist: a free call that tells whether the key is valid.</summary>
    public Uri Probe() => HostGuard.Below(queue, $"{FalModels.TextToImage.Id}/requests/{Guid.NewGuid()}/status");

    /// <summary>The URL that initiates an upload.</summary>
    public Uri Upload(bool isMultipart) => HostGuard.Below(storage, $"storage/upload/{(isMultipart ? "initiate-multipart" : "initiate")}?storage_type=fal-cdn-v3");

    /// <summary>The URL that lists, searches and describes models (fal.ai/docs, "Platform APIs").</summary>
    /// <param name="query">A query with its question mark; empty for none.</param>
    public Uri Models(string query) => HostGuard.Below(platform, "models" + query);

    /// <summary>The URL of the prices of models.</summary>
    /// <param name="query">A query with its question mark.</param>
    public Uri Prices(string query) => HostGuard.Below(platform, "models/pricing" + query);

    private Uri Of(InpaintJob job, string urlName, string path, string suffix)
    {
        string? returned = Guard.Accept(job.ProviderData.GetValueOrDefault(urlName), queue)?.AbsoluteUri;
        int end = returned?.AsSpan().IndexOfAny('?', '#') ?? -1;
        return returned is not null
            ? new Uri((end < 0 ? returned : returned[..end]).TrimEnd('/') + suffix)
            : HostGuard.Below(queue, string.Create(CultureInfo.InvariantCulture, $"{FalModelId.AppOf(job.Model)}/requests/{Uri.EscapeDataString(job.Id)}{path}{suffix}"));
    }
}
