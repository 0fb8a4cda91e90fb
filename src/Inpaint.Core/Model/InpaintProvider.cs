using System.Security;
using System.Text.Json.Serialization;

namespace Inpaint;

/// <summary>A configured provider: where it is, and how to speak to it. Settings last as long as the process; keys are never written anywhere.</summary>
public sealed record InpaintProvider
{
    /// <summary>The name that jobs and <c>-Provider</c> use.</summary>
    public required string Name { get; init; }

    /// <summary>The kind of service, such as <c>Fal</c>: which protocol it speaks.</summary>
    public required string Kind { get; init; }

    /// <summary>The service's base address, which may carry a path; null for Local. Jobs are submitted, watched and collected below it, and the key goes nowhere else but the three below.</summary>
    public Uri? BaseUri { get; init; }

    /// <summary>Base address for direct (synchronous) calls; fal only.</summary>
    public Uri? SyncUri { get; init; }

    /// <summary>Base address for uploads; fal only.</summary>
    public Uri? StorageUri { get; init; }

    /// <summary>Base address of the platform API, which lists, describes and prices models; fal only.</summary>
    public Uri? PlatformUri { get; init; }

    /// <summary>All base URLs: the key goes to them alone.</summary>
    internal IEnumerable<(string Property, Uri Uri)> BaseUris =>
        from pair in new (string Property, Uri? Uri)[] { (nameof(BaseUri), BaseUri), (nameof(SyncUri), SyncUri), (nameof(StorageUri), StorageUri), (nameof(PlatformUri), PlatformUri) }
        where pair.Uri is not null
        select (pair.Property, pair.Uri);

    /// <summary>The model used when a request names none; null for the kind's default.</summary>
    public string? Model { get; init; }

    /// <summary>How the key is announced in the Authorization header (<c>Key</c>, <c>Bearer</c>); gateways only, null for the kind's own.</summary>
    public string? AuthScheme { get; init; }

    /// <summary>Whether jobs go here when no provider is named.</summary>
    public bool IsDefault { get; init; }

    /// <summary>Where the key comes from: <c>settings</c>, the environment variable's name, or null when there is none.</summary>
    public string? KeySource { get; init; }

    /// <summary>What it can do, per operation: the first is repainting.</summary>
    public IReadOnlyList<ProviderCapabilities> Capabilities { get; init => field = Lists.Indexable(value); } = [];

    /// <summary>What it can do with a model; null where all models take the same.</summary>
    [JsonIgnore]
    internal Func<InpaintOperation, string, ProviderCapabilities>? ForModel { get; init; }

    /// <summary>The key given for this provider. Internal, so that no serialiser and no formatter meets it.</summary>
    [JsonIgnore]
    internal SecureString? ApiKey { get; init; }

    /// <summary>What it can do with an operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <returns>The capabilities, or null when it cannot do that.</returns>
    public ProviderCapabilities? CapabilitiesFor(InpaintOperation operation) => Capabilities.FirstOrDefault(c => c.Operation == operation);

    /// <summary>What it can do with an operation and a model.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="model">The model's id; null for the one that is used when none is named.</param>
    /// <returns>The capabilities, or null when it cannot do that.</returns>
    public ProviderCapabilities? CapabilitiesFor(InpaintOperation operation, string? model)
    {
        ProviderCapabilities? standard = CapabilitiesFor(operation);
        return standard is null ? null : ForModel?.Invoke(operation, model ?? standard.DefaultModel) ?? standard;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
