using Inpaint.Http;
using Inpaint.Providers.Fal;

namespace Inpaint.Providers.FalGateway;

/// <summary>
/// A gateway's addresses, all below its own base. The addresses in its answers are fal's, where the gateway's token means nothing, and may name another
/// model than the job's (both gateways' own examples do): they are not followed, unless they lead to the gateway itself.
/// </summary>
internal sealed class FalGatewayEndpoints
{
    /// <summary>Stands for any model in the address of a request (api.chainhub.tech, "Get results").</summary>
    private const string AnyModel = "fal-ai/auto";

    private readonly Uri root;

    /// <summary>Creates the addresses of a provider.</summary>
    /// <param name="provider">The provider.</param>
    public FalGatewayEndpoints(InpaintProvider provider)
    {
        root = provider.BaseUri ?? throw new InpaintException(InpaintErrorId.InvalidParameter, $"Provider '{provider.Name}' has no base address. Set it with Set-InpaintProvider -BaseUri.");
        Guard = new HostGuard(provider.Name, root);
    }

    /// <summary>Where the key may go.</summary>
    public HostGuard Guard { get; }

    /// <summary>Where a job is submitted.</summary>
    /// <param name="model">The model's full id.</param>
    /// <returns>The address.</returns>
    public Uri Submit(string model) => HostGuard.Below(root, FalEndpoints.Checked(model));

    /// <summary>Where a job is asked about, the likeliest place first.</summary>
    /// <param name="job">The job.</param>
    /// <returns>The addresses.</returns>
    public IReadOnlyList<Uri> Requests(InpaintJob job)
    {
        Uri[] built = [Request(AnyModel, job.Id), Request(App(job), job.Id)];
        return AcceptOwn(job.ProviderData.GetValueOrDefault(FalJobData.ResponseUrl), job.Id) is { } own ? [own, .. built.Where(uri => uri != own)] : built;
    }

    /// <summary>Where a job would be cancelled.</summary>
    /// <param name="job">The job.</param>
    /// <returns>The address.</returns>
    public Uri Cancel(InpaintJob job) => new(Request(App(job), job.Id).AbsoluteUri + "/cancel");

    /// <summary>Where a request that cannot exist is asked for, which tells whether the key is good and costs nothing.</summary>
    /// <returns>The address.</returns>
    public Uri Probe() => Request(AnyModel, Guid.NewGuid().ToString());

    /// <summary>Takes an address that the gateway named for a job, if it is the gateway's own and about that very job.</summary>
    /// <param name="text">The address as it was written.</param>
    /// <param name="id">The job's id.</param>
    /// <returns>The address without its query; null when it must be built.</returns>
    public Uri? AcceptOwn(string? text, string id) =>
        Guard.Accept(text, root) is { } named && named.AbsolutePath.EndsWith("/requests/" + Uri.EscapeDataString(id), StringComparison.Ordinal) ? new Uri(named.GetLeftPart(UriPartial.Path)) : null;

    private static string App(InpaintJob job) => FalEndpoints.App(FalEndpoints.Checked(job.Model));

    private Uri Request(string app, string id) => HostGuard.Below(root, $"{app}/requests/{Uri.EscapeDataString(id)}");
}
