using System.Security;

namespace Inpaint;

/// <summary>A change to a provider's settings: what is null stays as it is. Naming an unknown provider together with a kind adds it.</summary>
public sealed record ProviderSettings
{
    /// <summary>The provider to change or add.</summary>
    public required string Name { get; init; }

    /// <summary>The kind of service, such as <c>Fal</c>, in any case; required for a new provider, and fixed for a known one.</summary>
    public string? Kind { get; init; }

    /// <summary>The base address; see <see cref="InpaintProvider.BaseUri"/>. Changing it alone moves <see cref="SyncUri"/>, <see cref="StorageUri"/> and <see cref="PlatformUri"/> along.</summary>
    public Uri? BaseUri { get; init; }

    /// <summary>Base address for direct calls; fal only.</summary>
    public Uri? SyncUri { get; init; }

    /// <summary>Base address for uploads; fal only.</summary>
    public Uri? StorageUri { get; init; }

    /// <summary>Base address of the platform API; fal only.</summary>
    public Uri? PlatformUri { get; init; }

    /// <summary>The model used when a request names none.</summary>
    public string? Model { get; init; }

    /// <summary>How the key is announced in the Authorization header; gateways only.</summary>
    public string? AuthScheme { get; init; }

    /// <summary>The key. Kept encrypted in memory where the platform can, never written anywhere.</summary>
    public SecureString? ApiKey { get; init; }

    /// <summary>Whether it becomes the default (true) or stops being it (false).</summary>
    public bool? IsDefault { get; init; }
}
