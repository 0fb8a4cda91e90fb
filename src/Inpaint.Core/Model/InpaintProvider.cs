using System.Collections.ObjectModel;
using System.Security;
using System.Text.Json.Serialization;

namespace Inpaint;

/// <summary>
/// A configured provider: where it is and how to call it. Settings last as long as the process or, for all but keys, are kept for the user. Only the engine makes and changes one, so
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

    /// <summary>What the user says that its work costs; it counts for models whose price nobody else states. Null for nothing said.</summary>
    public InpaintPrice? Price { get; internal init; }

    /// <summary>Values for properties of <see cref="InpaintRequest"/> and for options that a request leaves out, by name.</summary>
    public IReadOnlyDictionary<string, object> Defaults { get; internal init; } = ReadableDictionary.Of<object>(null, StringComparer.OrdinalIgnoreCase);

    /// <summary>The name of the secret that is its key, read from a secret store at each use; null for none.</summary>
    public string? ApiKeySecret { get; internal init; }

    /// <summary>The store that has the secret; null for the default one.</summary>
    public string? ApiKeyVault { get; internal init; }

    /// <summary>
    /// Where each setting comes from that has a value, by the name of its property: <c>built-in</c>, <c>user</c> (the settings file of the user), <c>session</c>, or the name of an
    /// environment variable.
    /// </summary>
    public IReadOnlyDictionary<string, string> Sources { get; internal init; } = ReadableDictionary.Of<string>(null, StringComparer.Ordinal);

    /// <summary>Whether jobs go here when no provider is named.</summary>
    public bool IsDefault { get; internal init; }

    /// <summary>Where the key comes from: <c>settings</c>, <c>secret</c> with its name, the environment variable's name, or null when there is none.</summary>
    public string? KeySource { get; internal init; }

    /// <summary>The operations that it supports, inpainting first; <see cref="CapabilitiesFor(InpaintOperation)"/> says what it can do with each.</summary>
    public IReadOnlyList<InpaintOperation> Operations { get; private init; } = Lists.Indexable<InpaintOperation>([]);

    /// <summary>What it can do, one entry per operation, inpainting first.</summary>
    internal IReadOnlyList<ProviderCapabilities> Capabilities
    {
        get;
        init
        {
            field = value;
            Operations = Lists.Indexable([.. value.Select(capabilities => capabilities.Operation)]);
        }
    }
    = [];

    /// <summary>What it can do with a model; null where all models take the same.</summary>
    [JsonIgnore]
    internal Func<InpaintOperation, string, ProviderCapabilities>? ForModel { get; init; }

    /// <summary>The key given for this provider. Internal, so that no serializer and no formatter sees it.</summary>
    [JsonIgnore]
    internal SecureString? ApiKey { get; init; }

    /// <summary>Whether it needs a key.</summary>
    public bool NeedsKey => Capabilities.Any(capabilities => capabilities.NeedsKey);

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

/// <summary>How long a setting lasts.</summary>
public enum SettingsScope
{
    /// <summary>As long as the process.</summary>
    Session,

    /// <summary>In every process of the user: it is written to the user's settings file.</summary>
    User,
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

    /// <summary>What a picture costs in US dollars, for models whose price nobody else states. Not together with <see cref="PricePerMegapixel"/>.</summary>
    public decimal? PricePerImage { get; init; }

    /// <summary>What a megapixel costs in US dollars, for models whose price nobody else states.</summary>
    public decimal? PricePerMegapixel { get; init; }

    /// <summary>
    /// Values for what requests leave out, by the names of properties of <see cref="InpaintRequest"/> (Steps, Strength, GuidanceScale, Count, Size, OutputFormat, NegativePrompt,
    /// Acceleration, Scheduler, Priority, SafetyChecker) or of options. An empty value takes one away; null leaves all as they are.
    /// </summary>
    public IReadOnlyDictionary<string, object?>? Defaults { get; init; }

    /// <summary>The name of a secret that is the key, read from a secret store at each use; empty for none any more.</summary>
    public string? ApiKeySecret { get; init; }

    /// <summary>The store that has the secret.</summary>
    public string? ApiKeyVault { get; init; }

    /// <summary>The key. Kept encrypted in memory where the platform can, never written anywhere.</summary>
    public SecureString? ApiKey { get; init; }

    /// <summary>Whether it becomes the default (true) or stops being it (false).</summary>
    public bool? IsDefault { get; init; }
}
