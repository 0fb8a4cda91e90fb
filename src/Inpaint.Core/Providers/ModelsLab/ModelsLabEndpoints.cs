using System.Text.RegularExpressions;
using Inpaint.Http;

namespace Inpaint.Providers.ModelsLab;

/// <summary>ModelsLab's URLs (docs.modelslab.com). A URL that the service names is used only on the configured host.</summary>
internal sealed partial class ModelsLabEndpoints
{
    private const string Version = "v6";
    private const string UploadName = "base64_to_url";

    /// <summary>Creates the URLs of a provider.</summary>
    /// <param name="provider">The provider; its base URL ends with the version, such as <c>/api/v6</c>, or with an enterprise path.</param>
    public ModelsLabEndpoints(InpaintProvider provider)
    {
        Root = provider.RequireBaseUri();
        Guard = new HostGuard(provider.Name, Root);
    }

    /// <summary>The base URL.</summary>
    public Uri Root { get; }

    /// <summary>The hosts to which the key may go.</summary>
    public HostGuard Guard { get; }

    /// <summary>The URLs of the upload, the most likely first: it is documented for version 6 only.</summary>
    public IReadOnlyList<Uri> Uploads => VersionSegment().IsMatch(Path) && !Path.EndsWith("/" + Version, StringComparison.Ordinal)
        ? [new Uri(Root, VersionSegment().Replace(Path, $"/{Version}/{UploadName}")), HostGuard.Below(Root, UploadName)]
        : [HostGuard.Below(Root, UploadName)];

    /// <summary>The URL of the balance, which has no version in its path.</summary>
    public Uri Balance => new(Root, VersionSegment().Replace(Path, "") + "/wallet_balance");

    /// <summary>The URL to which a job is submitted.</summary>
    public Uri Submit(InpaintOperation operation) => HostGuard.Below(Root, operation == InpaintOperation.Inpaint ? "images/inpaint" : "images/text2img");

    /// <summary>The URL from which a job is fetched.</summary>
    public Uri Fetch(InpaintJob job) =>
        AcceptFetch(job.ProviderData.GetValueOrDefault(ModelsLabJobData.FetchResult)) ?? HostGuard.Below(Root, "images/fetch/" + Uri.EscapeDataString(job.Id));

    /// <summary>Accepts a URL that the service named for fetching, if it is on the configured host; it may name another version.</summary>
    /// <param name="text">The URL as the service wrote it.</param>
    /// <returns>The URL without its query; null when it must be rebuilt.</returns>
    public Uri? AcceptFetch(string? text) =>
        Guard.Accept(text, new Uri(Root, VersionSegment().Replace(Path, "") + "/")) is { } named && named.AbsolutePath.Contains("/fetch/", StringComparison.Ordinal) ? new Uri(named.GetLeftPart(UriPartial.Path)) : null;

    /// <summary>Describes a URL that does not exist, with the expected base URL, in a sentence.</summary>
    public string DescribeUnknown(Uri url) => $"It has no {url.GetLeftPart(UriPartial.Path)}: the base URL {Root.GetLeftPart(UriPartial.Path)} is not that of its image API, such as https://modelslab.com/api/{Version}. Set another BaseUri.";

    private string Path => Root.AbsolutePath.TrimEnd('/');

    [GeneratedRegex("/v[0-9]+$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex VersionSegment();
}

/// <summary>The data that a job keeps for ModelsLab, under ModelsLab's names.</summary>
internal static class ModelsLabJobData
{
    /// <summary>The URL from which it is fetched.</summary>
    public const string FetchResult = "fetch_result";
}
