using Inpaint.Http;
using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.FalGateway;

/// <summary>
/// A gateway's URLs, all below its own base URL. The URLs in its responses are fal's, where the gateway's token means nothing, and may name another model than
/// the job's (both gateways' own examples do): they are not followed, unless they are on the gateway itself.
/// </summary>
internal sealed class FalGatewayEndpoints
{
    /// <summary>Stands for any model in the URL of a request (api.chainhub.tech, "Get results").</summary>
    private const string AnyModel = "fal-ai/auto";

    /// <summary>Creates the URLs of a provider.</summary>
    public FalGatewayEndpoints(InpaintProvider provider)
    {
        Root = provider.RequireBaseUri();
        Guard = new HostGuard(provider.Name, Root);
    }

    /// <summary>The base URL.</summary>
    public Uri Root { get; }

    /// <summary>The hosts to which the key may go.</summary>
    public HostGuard Guard { get; }

    /// <summary>The URL to which a job is submitted.</summary>
    public Uri Submit(string model) => HostGuard.Below(Root, FalModelId.Ensure(model));

    /// <summary>The URLs that may have a job's status and result, the likeliest first.</summary>
    public IReadOnlyList<Uri> Requests(InpaintJob job)
    {
        Uri[] built = [Request(AnyModel, job.Id), Request(FalModelId.AppOf(job.Model), job.Id)];
        return AcceptOwn(job.ProviderData.GetValueOrDefault(FalJobData.ResponseUrl), job.Id) is { } own ? [own, .. built.Where(uri => uri != own)] : built;
    }

    /// <summary>The URL that would cancel a job.</summary>
    public Uri Cancel(InpaintJob job) => new(Request(FalModelId.AppOf(job.Model), job.Id).AbsoluteUri + "/cancel");

    /// <summary>A request that cannot exist: a free call that tells whether the key is valid.</summary>
    public Uri Probe() => Request(AnyModel, Guid.NewGuid().ToString());

    /// <summary>Accepts a URL that the gateway returned for a job, if it is on the gateway itself and about that job.</summary>
    /// <param name="text">The URL as the gateway wrote it.</param>
    /// <param name="id">The job's id.</param>
    /// <returns>The URL without its query; null when it must be built.</returns>
    public Uri? AcceptOwn(string? text, string id) =>
        Guard.Accept(text, Root) is { } named && named.AbsolutePath.EndsWith("/requests/" + Uri.EscapeDataString(id), StringComparison.Ordinal) ? new Uri(named.GetLeftPart(UriPartial.Path)) : null;

    private Uri Request(string app, string id) => HostGuard.Below(Root, $"{app}/requests/{Uri.EscapeDataString(id)}");
}
