using System.Text.RegularExpressions;
using Inpaint.Http;

namespace Inpaint.Providers.ModelsLab;

/// <summary>ModelsLab's addresses (docs.modelslab.com). Jobs are fetched from the family they were submitted to; an address that the service names is used only on the configured host.</summary>
internal sealed partial class ModelsLabEndpoints
{
    private const string Version = "v6";
    private const string UploadName = "base64_to_url";

    private readonly Uri root;

    /// <summary>Creates the addresses of a provider.</summary>
    /// <param name="provider">The provider; its base address ends with the version, such as <c>/api/v6</c>, or with an enterprise path.</param>
    public ModelsLabEndpoints(InpaintProvider provider)
    {
        root = provider.BaseUri ?? throw new InpaintException(InpaintErrorId.InvalidParameter, $"Provider '{provider.Name}' has no base address. Set it with Set-InpaintProvider -BaseUri.");
        Guard = new HostGuard(provider.Name, root);
    }

    /// <summary>Where the key may go.</summary>
    public HostGuard Guard { get; }

    /// <summary>Where a picture becomes an address, the likeliest place first: the upload is documented for version 6 alone, whatever the version of the rest.</summary>
    public IReadOnlyList<Uri> Uploads => VersionSegment().IsMatch(Path) && !Path.EndsWith("/" + Version, StringComparison.Ordinal)
        ? [new Uri(root, VersionSegment().Replace(Path, $"/{Version}/{UploadName}")), HostGuard.Below(root, UploadName)]
        : [HostGuard.Below(root, UploadName)];

    /// <summary>Where the balance is told, which has no version in its path.</summary>
    public Uri Balance => new(root, VersionSegment().Replace(Path, "") + "/wallet_balance");

    /// <summary>Where a job is submitted.</summary>
    /// <param name="operation">What it does.</param>
    /// <returns>The address.</returns>
    public Uri Submit(InpaintOperation operation) => HostGuard.Below(root, operation == InpaintOperation.Inpaint ? "images/inpaint" : "images/text2img");

    /// <summary>Where a job is asked about.</summary>
    /// <param name="job">The job.</param>
    /// <returns>The address.</returns>
    public Uri Fetch(InpaintJob job) =>
        AcceptFetch(job.ProviderData.GetValueOrDefault(ModelsLabJobData.FetchResult)) ?? HostGuard.Below(root, "images/fetch/" + Uri.EscapeDataString(job.Id));

    /// <summary>Takes an address that the service named for fetching, if it is the configured host's own; it may name another version.</summary>
    /// <param name="text">The address as the service wrote it.</param>
    /// <returns>The address without its query; null when it must be rebuilt.</returns>
    public Uri? AcceptFetch(string? text) =>
        Guard.Accept(text, new Uri(root, VersionSegment().Replace(Path, "") + "/")) is { } named && named.AbsolutePath.Contains("/fetch/", StringComparison.Ordinal) ? new Uri(named.GetLeftPart(UriPartial.Path)) : null;

    /// <summary>Says of an address that does not exist which one it is, and which base address has it.</summary>
    /// <param name="address">The address.</param>
    /// <returns>A sentence.</returns>
    public string Unknown(Uri address) => $"It has no {address.GetLeftPart(UriPartial.Path)}: the base address {root.GetLeftPart(UriPartial.Path)} is not one of its image interface, such as https://modelslab.com/api/{Version}. Set another with Set-InpaintProvider -BaseUri.";

    private string Path => root.AbsolutePath.TrimEnd('/');

    [GeneratedRegex("/v[0-9]+$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex VersionSegment();
}

/// <summary>What a job keeps of ModelsLab's own, under ModelsLab's names.</summary>
internal static class ModelsLabJobData
{
    /// <summary>Where it is fetched.</summary>
    public const string FetchResult = "fetch_result";
}
