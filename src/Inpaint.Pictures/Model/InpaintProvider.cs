using System.Collections.ObjectModel;
using System.Security;
using System.Text.Json.Serialization;

namespace Inpaint;

/// <summary>
/// A configured provider: its URLs and how to call it. Settings last as long as the process or, for all but keys, are stored for the user. Only the engine creates and changes it, so
/// that a checked request cannot be redirected: see <see cref="ProviderSettings"/>.
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
    /// The service's base URL, which may have a path; null for Local. Jobs are submitted, watched and collected below it, and the key is sent only there and to the
    /// <see cref="Endpoints"/>.
    /// </summary>
    public Uri? BaseUri { get; internal init; }

    /// <summary>Base URLs for parts of the service that are not below <see cref="BaseUri"/>, by names that its kind defines, such as fal's <c>Sync</c> and <c>Storage</c>.</summary>
    public IReadOnlyDictionary<string, Uri> Endpoints { get; internal init => field = ReadableDictionary.Of(value, StringComparer.OrdinalIgnoreCase); } = ReadableDictionary.Of<Uri>(null, StringComparer.OrdinalIgnoreCase);

    /// <summary>All base URLs, the only ones to which the key is sent.</summary>
    internal IEnumerable<(string Property, Uri Uri)> BaseUris =>
        Endpoints.Select(endpoint => (endpoint.Key, endpoint.Value)).Concat(BaseUri is null ? [] : new[] { (nameof(BaseUri), BaseUri) });

    /// <summary>The model used when a request names none; null for the kind's default.</summary>
    public string? Model { get; internal init; }

    /// <summary>The scheme of the Authorization header (<c>Key</c>, <c>Bearer</c>); gateways only, null for the kind's own.</summary>
    public string? AuthScheme { get; internal init; }

    /// <summary>The user's own price, which applies to models whose price is not known otherwise; null for none.</summary>
    public InpaintPrice? Price { get; internal init; }

    /// <summary>Default values of properties of <see cref="InpaintRequest"/> and of options, by name, for requests that leave them out.</summary>
    public IReadOnlyDictionary<string, object> Defaults { get; internal init; } = ReadableDictionary.Of<object>(null, StringComparer.OrdinalIgnoreCase);

    /// <summary>The name of the secret that contains the key, which is read from a secret store at each use; null for none.</summary>
    public string? ApiKeySecret { get; internal init; }

    /// <summary>The secret store; null for the default one.</summary>
    public string? ApiKeyVault { get; internal init; }

    /// <summary>
    /// The source of each setting that has a value, by the name of its property: <c>built-in</c>, <c>user</c> (the user's settings file), <c>session</c>, or the name of an
    /// environment variable.
    /// </summary>
    public IReadOnlyDictionary<string, string> Sources { get; internal init; } = ReadableDictionary.Of<string>(null, StringComparer.Ordinal);

    /// <summary>The user's settings file that <see cref="Defaults"/> come from; null when there are none, or the process has changed them.</summary>
    internal string? DefaultsFile { get; init; }

    /// <summary>The defaults in the user's settings file that no known model has.</summary>
    internal IReadOnlyList<string> UnknownDefaults { get; init; } = [];

    /// <summary>Whether jobs go here when no provider is named.</summary>
    public bool IsDefault { get; internal init; }

    /// <summary>Where the key comes from: <c>settings</c>, <c>secret</c> with its name, the environment variable's name, or null when there is none.</summary>
    public string? KeySource { get; internal init; }

    /// <summary>The operations that it supports, inpainting first; <see cref="CapabilitiesFor(InpaintOperation)"/> says what it can do with each.</summary>
    public IReadOnlyList<InpaintOperation> Operations { get; private init; } = Lists.Indexable<InpaintOperation>([]);

    /// <summary>Its capabilities, one entry per operation, inpainting first.</summary>
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

    /// <summary>Gets the capabilities of a model; null where all models have the same.</summary>
    [JsonIgnore]
    internal Func<InpaintOperation, string, ProviderCapabilities>? ForModel { get; init; }

    /// <summary>The key given for this provider. Internal, so that no serializer and no formatter sees it.</summary>
    [JsonIgnore]
    internal SecureString? ApiKey { get; init; }

    /// <summary>Whether it needs a key.</summary>
    public bool NeedsKey => Capabilities.Any(capabilities => capabilities.NeedsKey);

    /// <summary>Gets the capabilities for an operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <returns>The capabilities; null when it does not support the operation.</returns>
    public ProviderCapabilities? CapabilitiesFor(InpaintOperation operation) => Capabilities.FirstOrDefault(c => c.Operation == operation);

    /// <summary>Gets the capabilities for an operation and a model.</summary>
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
    /// <summary>For this process.</summary>
    Session,

    /// <summary>For all processes of the user: it is written to the user's settings file.</summary>
    User,
}

/// <summary>A change to a provider's settings; null leaves a setting unchanged. An unknown name together with a kind adds a provider.</summary>
public sealed record ProviderSettings
{
    /// <summary>The provider to change or add.</summary>
    public required string Name { get; init; }

    /// <summary>The kind of service, such as <c>Fal</c>, in any case; required for a new provider, and fixed for a known one.</summary>
    public string? Kind { get; init; }

    /// <summary>The base URL; see <see cref="InpaintProvider.BaseUri"/>. With a new one, endpoints that are not given here are assumed to be below it.</summary>
    public Uri? BaseUri { get; init; }

    /// <summary>Base URLs of endpoints to change, by name; see <see cref="InpaintProvider.Endpoints"/>.</summary>
    public IReadOnlyDictionary<string, Uri> Endpoints { get; init; } = ReadOnlyDictionary<string, Uri>.Empty;

    /// <summary>The model used when a request names none.</summary>
    public string? Model { get; init; }

    /// <summary>The scheme of the Authorization header, one word; gateways only.</summary>
    public string? AuthScheme { get; init; }

    /// <summary>The price of a picture in US dollars, for models whose price is not known otherwise. Not together with <see cref="PricePerMegapixel"/>.</summary>
    public decimal? PricePerImage { get; init; }

    /// <summary>The price of a megapixel in US dollars, for models whose price is not known otherwise.</summary>
    public decimal? PricePerMegapixel { get; init; }

    /// <summary>
    /// Default values for requests, by the names of properties of <see cref="InpaintRequest"/> (Steps, Strength, GuidanceScale, Count, Seed, Size, OutputFormat, NegativePrompt,
    /// Acceleration, Scheduler, Priority, SafetyChecker) or of options. An empty value removes a default; null leaves all unchanged.
    /// </summary>
    public IReadOnlyDictionary<string, object?>? Defaults { get; init; }

    /// <summary>The name of the secret that contains the key, which is read from a secret store at each use; empty to remove it.</summary>
    public string? ApiKeySecret { get; init; }

    /// <summary>The secret store.</summary>
    public string? ApiKeyVault { get; init; }

    /// <summary>The key. Kept encrypted in memory where the platform can, never written anywhere.</summary>
    public SecureString? ApiKey { get; init; }

    /// <summary>Whether it becomes the default (true) or stops being it (false).</summary>
    public bool? IsDefault { get; init; }
}
