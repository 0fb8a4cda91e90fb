using System.Collections.ObjectModel;
using System.Security;
using System.Text.Json.Serialization;

namespace Inpaint;

/// <summary>
/// A configured provider: where it is and how to call it. Settings last as long as the process; keys are never written anywhere. Only the engine makes and changes one, so
/// that none can lead a checked request to another place: see <see cref="ProviderSettings"/>.
/// </summary>
public sealed record InpaintProvider
{
    internal InpaintProvider(string name, string kind)
    {
        Name = name;
        Kind = kind;
    }

    /// <summary>The name that requests and jobs use.</summary>
    public string Name { get; }

    /// <summary>The kind of service, such as <c>Fal</c>: which protocol it speaks.</summary>
    public string Kind { get; }

    /// <summary>
    /// The service's base URL, which may have a path; null for Local. Jobs are submitted, watched and collected below it, and the key is sent nowhere else but to the
    /// <see cref="Endpoints"/>.
    /// </summary>
    public Uri? BaseUri { get; internal init; }

    /// <summary>Base URLs for parts of the service that are not below <see cref="BaseUri"/>, by names that its kind defines, such as fal's <c>Sync</c> and <c>Storage</c>.</summary>
    public IReadOnlyDictionary<string, Uri> Endpoints { get; internal init => field = ReadableDictionary.Of(value, StringComparer.OrdinalIgnoreCase); } = ReadableDictionary.Of<Uri>(null, StringComparer.OrdinalIgnoreCase);

    /// <summary>All base URLs: the key goes to them alone.</summary>
    internal IEnumerable<(string Property, Uri Uri)> BaseUris =>
        Endpoints.Select(endpoint => (endpoint.Key, endpoint.Value)).Concat(BaseUri is null ? [] : new[] { (nameof(BaseUri), BaseUri) });

    /// <summary>The model used when a request names none; null for the kind's default.</summary>
    public string? Model { get; internal init; }

    /// <summary>The scheme of the Authorization header (<c>Key</c>, <c>Bearer</c>); gateways only, null for the kind's own.</summary>
    public string? AuthScheme { get; internal init; }

    /// <summary>Whether jobs go here when no provider is named.</summary>
    public bool IsDefault { get; internal init; }

    /// <summary>Where the key comes from: <c>settings</c>, the environment variable's name, or null when there is none.</summary>
    public string? KeySource { get; internal init; }

    /// <summary>What it can do, one entry per operation, inpainting first.</summary>
    public IReadOnlyList<ProviderCapabilities> Capabilities { get; internal init => field = Lists.Indexable(value); } = [];

    /// <summary>What it can do with a model; null where all models take the same.</summary>
    [JsonIgnore]
    internal Func<InpaintOperation, string, ProviderCapabilities>? ForModel { get; init; }

    /// <summary>The key given for this provider. Internal, so that no serializer and no formatter sees it.</summary>
    [JsonIgnore]
    internal SecureString? ApiKey { get; init; }

    /// <summary>Gets what it can do with an operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <returns>The capabilities; null when it does not support the operation.</returns>
    public ProviderCapabilities? CapabilitiesFor(InpaintOperation operation) => Capabilities.FirstOrDefault(c => c.Operation == operation);

    /// <summary>Gets what it can do with an operation and a model.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="model">The model's id; null for the default one.</param>
    /// <returns>The capabilities; null when it does not support the operation.</returns>
    public ProviderCapabilities? CapabilitiesFor(InpaintOperation operation, string? model)
    {
        ProviderCapabilities? standard = CapabilitiesFor(operation);
        return standard is null ? null : ForModel?.Invoke(operation, model ?? standard.DefaultModel) ?? standard;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A change to a provider's settings: what is null stays as it is. Naming an unknown provider together with a kind adds it.</summary>
public sealed record ProviderSettings
{
    /// <summary>The provider to change or add.</summary>
    public required string Name { get; init; }

    /// <summary>The kind of service, such as <c>Fal</c>, in any case; required for a new provider, and fixed for a known one.</summary>
    public string? Kind { get; init; }

    /// <summary>The base URL; see <see cref="InpaintProvider.BaseUri"/>. With a new one, endpoints that are not named here are taken to be below it.</summary>
    public Uri? BaseUri { get; init; }

    /// <summary>Base URLs of endpoints to change, by name; see <see cref="InpaintProvider.Endpoints"/>.</summary>
    public IReadOnlyDictionary<string, Uri> Endpoints { get; init; } = ReadOnlyDictionary<string, Uri>.Empty;

    /// <summary>The model used when a request names none.</summary>
    public string? Model { get; init; }

    /// <summary>The scheme of the Authorization header, one word; gateways only.</summary>
    public string? AuthScheme { get; init; }

    /// <summary>The key. Kept encrypted in memory where the platform can, never written anywhere.</summary>
    public SecureString? ApiKey { get; init; }

    /// <summary>Whether it becomes the default (true) or stops being it (false).</summary>
    public bool? IsDefault { get; init; }
}
