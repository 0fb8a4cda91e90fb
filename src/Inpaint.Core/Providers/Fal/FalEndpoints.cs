using System.Globalization;
using System.Text.RegularExpressions;
using Inpaint.Http;
using Inpaint.Providers.Fal.Models;

namespace Inpaint.Providers.Fal;

/// <summary>
/// fal's addresses (fal.ai/docs, "Queue API"). A submit names the model in full; everything about a request lives under owner and alias alone. Addresses
/// that fal returned are used when they are the configured host's own, as fal asks for, and rebuilt otherwise, so that a proxy keeps working and the key
/// stays with it.
/// </summary>
internal sealed partial class FalEndpoints
{
    /// <summary>The name of the endpoint for direct (synchronous) calls, as in <see cref="InpaintProvider.Endpoints"/>.</summary>
    public const string Sync = "Sync";

    /// <summary>The name of the endpoint for uploads.</summary>
    public const string Storage = "Storage";

    /// <summary>The name of the endpoint of the platform API.</summary>
    public const string PlatformName = "Platform";

    private static readonly string[] Namespaces = ["workflows", "comfy"];

    private readonly Uri queue;
    private readonly Uri run;
    private readonly Uri storage;
    private readonly Uri platform;

    /// <summary>Creates the addresses of a provider.</summary>
    /// <param name="provider">The provider; what it leaves out is below its base address.</param>
    public FalEndpoints(InpaintProvider provider)
    {
        queue = provider.BaseUri ?? throw new InpaintException(InpaintErrorId.InvalidParameter, $"Provider '{provider.Name}' has no base address. Set it with Set-InpaintProvider -BaseUri.");
        run = provider.Endpoints.GetValueOrDefault(Sync) ?? queue;
        storage = provider.Endpoints.GetValueOrDefault(Storage) ?? queue;
        platform = provider.Endpoints.GetValueOrDefault(PlatformName) ?? queue;
        Guard = new HostGuard(provider.Name, queue, run, storage, platform);
    }

    /// <summary>Where the key may go.</summary>
    public HostGuard Guard { get; }

    /// <summary>Where a job is submitted.</summary>
    /// <param name="model">The model's full id.</param>
    /// <param name="query">A query with its question mark, or nothing.</param>
    /// <returns>The address.</returns>
    public Uri Submit(string model, string query = "") => HostGuard.Below(queue, Checked(model) + query);

    /// <summary>Where a model is run directly.</summary>
    /// <param name="model">The model's full id.</param>
    /// <returns>The address.</returns>
    public Uri Run(string model) => HostGuard.Below(run, Checked(model));

    /// <summary>Where a model is run directly and shows its pictures while they are made (fal.ai/docs, "Streaming"). Not every model has this.</summary>
    /// <param name="model">The model's full id.</param>
    /// <returns>The address.</returns>
    public Uri RunStream(string model) => HostGuard.Below(run, Checked(model) + "/stream");

    /// <summary>Where a job's status is asked for.</summary>
    /// <param name="job">The job.</param>
    /// <param name="includeLog">Whether log lines shall come along.</param>
    /// <returns>The address.</returns>
    public Uri Status(InpaintJob job, bool includeLog) => Of(job, FalJobData.StatusUrl, "/status", includeLog ? "?logs=1" : "");

    /// <summary>Where a job's status is listened to.</summary>
    /// <param name="job">The job.</param>
    /// <returns>The address.</returns>
    public Uri StatusStream(InpaintJob job) => Of(job, FalJobData.StatusUrl, "/status", "/stream?logs=1");

    /// <summary>Where a job's result is collected.</summary>
    /// <param name="job">The job.</param>
    /// <returns>The address.</returns>
    public Uri Result(InpaintJob job) => Of(job, FalJobData.ResponseUrl, "", "");

    /// <summary>Where a job is cancelled.</summary>
    /// <param name="job">The job.</param>
    /// <returns>The address.</returns>
    public Uri Cancel(InpaintJob job) => Of(job, FalJobData.CancelUrl, "/cancel", "");

    /// <summary>Where the status of a request that cannot exist is asked for, which tells whether the key is good and costs nothing.</summary>
    /// <returns>The address.</returns>
    public Uri Probe() => HostGuard.Below(queue, $"{FalModels.TextToImage.Id}/requests/{Guid.NewGuid()}/status");

    /// <summary>Where an upload is announced.</summary>
    /// <param name="isMultipart">Whether it comes in parts.</param>
    /// <returns>The address.</returns>
    public Uri Upload(bool isMultipart) => HostGuard.Below(storage, $"storage/upload/{(isMultipart ? "initiate-multipart" : "initiate")}?storage_type=fal-cdn-v3");

    /// <summary>Where models are listed, searched and described (fal.ai/docs, "Platform APIs").</summary>
    /// <param name="query">A query with its question mark, or nothing.</param>
    /// <returns>The address.</returns>
    public Uri Models(string query) => HostGuard.Below(platform, "models" + query);

    /// <summary>Where prices are asked for.</summary>
    /// <param name="query">A query with its question mark.</param>
    /// <returns>The address.</returns>
    public Uri Prices(string query) => HostGuard.Below(platform, "models/pricing" + query);

    private Uri Of(InpaintJob job, string urlName, string path, string suffix)
    {
        Uri? returned = Guard.Accept(job.ProviderData.GetValueOrDefault(urlName), queue);
        return returned is not null
            ? new Uri(returned.GetLeftPart(UriPartial.Path).TrimEnd('/') + suffix)
            : HostGuard.Below(queue, string.Create(CultureInfo.InvariantCulture, $"{App(Checked(job.Model))}/requests/{Uri.EscapeDataString(job.Id)}{path}{suffix}"));
    }

    /// <summary>Owner and alias of a model, under which its requests live.</summary>
    /// <param name="model">The model's full id.</param>
    /// <returns>The beginning of the id.</returns>
    public static string App(string model)
    {
        string[] segments = model.Split('/');
        return string.Join('/', segments.Take(Namespaces.Contains(segments[0], StringComparer.Ordinal) ? 3 : 2));
    }

    /// <summary>Refuses what is no model's id: it becomes part of an address.</summary>
    /// <param name="model">The model's full id.</param>
    /// <returns>The same.</returns>
    /// <exception cref="InpaintException">InvalidParameter.</exception>
    public static string Checked(string model) => IsId(model)
        ? model
        : throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{model}' is not the id of a fal model. It has the form owner/name or owner/name/path, such as {FalModels.Inpainting.Id}.");

    /// <summary>Whether a text can be a model's id.</summary>
    /// <param name="model">The text.</param>
    /// <returns>True for owner/name and the like, of a length that a file's name can have.</returns>
    public static bool IsId(string model) => model.Length <= 200 && ModelId().IsMatch(model) && !model.Contains("..", StringComparison.Ordinal);

    [GeneratedRegex("^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+){1,7}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ModelId();
}
