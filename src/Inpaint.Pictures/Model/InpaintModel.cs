namespace Inpaint;

/// <summary>A model that a provider offers.</summary>
public sealed record InpaintModel
{
    /// <summary>The provider's id of the model.</summary>
    public required string Id { get; init; }

    /// <summary>The same id, under the name of the parameter that takes it.</summary>
    public string Model => Id;

    /// <summary>The provider's name.</summary>
    public required string Provider { get; init; }

    /// <summary>Its display name; null when it has none.</summary>
    public string? Name { get; init; }

    /// <summary>The operation that it supports.</summary>
    public required InpaintOperation Operation { get; init; }

    /// <summary>Its price; null when it is unknown or free.</summary>
    public InpaintPrice? Price { get; init; }

    /// <summary>When the provider last changed it; null when unknown.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>The provider's description.</summary>
    public string? Description { get; init; }

    /// <summary>Its parameters.</summary>
    public IReadOnlyList<ParameterCapability> Parameters { get; init => field = Lists.Indexable(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => Id;
}

/// <summary>A search for models.</summary>
public sealed record InpaintModelQuery
{
    /// <summary>Words to search for; null for all models.</summary>
    public string? Text { get; init; }

    /// <summary>The provider's name; null for the default provider, or for Fal when that is the embedded one.</summary>
    public string? Provider { get; init; }

    /// <summary>The operation; null for all operations.</summary>
    public InpaintOperation? Operation { get; init; }
}
