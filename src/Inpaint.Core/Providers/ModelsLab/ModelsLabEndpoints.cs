using System.Text.RegularExpressions;
using Inpaint.Http;

namespace Inpaint.Providers.ModelsLab;

/// <summary>ModelsLab's addresses (docs.modelslab.com). Jobs are fetched from the family they were submitted to; an address that the service names is used only on the configured host.</summary>
internal sealed partial class ModelsLabEndpoints
{
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

    /// <summary>Where a picture becomes an address.</summary>
    public Uri Upload => HostGuard.Below(root, "base64_to_url");

    /// <summary>Where the balance is told, which has no version in its path.</summary>
    public Uri Balance => new(root, VersionSegment().Replace(root.AbsolutePath.TrimEnd('/'), "") + "/wallet_balance");

    /// <summary>Where a job is submitted.</summary>
    /// <param name="operation">What it does.</param>
    /// <returns>The address.</returns>
    public Uri Submit(InpaintOperation operation) => HostGuard.Below(root, operation == InpaintOperation.Inpaint ? "images/inpaint" : "images/text2img");

    /// <summary>Where a job is asked about.</summary>
    /// <param name="job">The job.</param>
    /// <returns>The address.</returns>
    public Uri Fetch(InpaintJob job) =>
        AcceptFetch(job.ProviderData.GetValueOrDefault(ModelsLabJobData.FetchResult)) ?? HostGuard.Below(root, "images/fetch/" + Uri.EscapeDataString(job.Id));

    /// <summary>Takes an address that the service named for fetching, if it is the configured host's own.</summary>
    /// <param name="text">The address as the service wrote it.</param>
    /// <returns>The address without its query; null when it must be rebuilt.</returns>
    public Uri? AcceptFetch(string? text) =>
        Guard.Accept(text, root) is { } named && named.AbsolutePath.Contains("/fetch/", StringComparison.Ordinal) ? new Uri(named.GetLeftPart(UriPartial.Path)) : null;

    [GeneratedRegex("/v[0-9]+$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex VersionSegment();
}

/// <summary>What a job keeps of ModelsLab's own, under ModelsLab's names.</summary>
internal static class ModelsLabJobData
{
    /// <summary>Where it is fetched.</summary>
    public const string FetchResult = "fetch_result";
}
