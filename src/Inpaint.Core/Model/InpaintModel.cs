namespace Inpaint;

/// <summary>A model that a provider offers.</summary>
public sealed record InpaintModel
{
    /// <summary>The provider's id of it.</summary>
    public required string Id { get; init; }

    /// <summary>The same id, under the name of the parameter that takes it.</summary>
    public string Model => Id;

    /// <summary>The provider's name.</summary>
    public required string Provider { get; init; }

    /// <summary>Its name for people; null when it has none.</summary>
    public string? Name { get; init; }

    /// <summary>What it can be used for.</summary>
    public required InpaintOperation Operation { get; init; }

    /// <summary>What its work costs; null when not known or free.</summary>
    public InpaintPrice? Price { get; init; }

    /// <summary>When the provider changed it last; null when not known.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>What the provider says of it.</summary>
    public string? Description { get; init; }

    /// <summary>What it takes.</summary>
    public IReadOnlyList<ParameterCapability> Parameters { get; init => field = Lists.Indexable(value); } = [];

    /// <inheritdoc/>
    public override string ToString() => Id;
}

/// <summary>Which models are looked for.</summary>
public sealed record InpaintModelQuery
{
    /// <summary>Words that describe it; null for all.</summary>
    public string? Text { get; init; }

    /// <summary>The provider's name; null for the default one, or for Fal where that is the embedded one.</summary>
    public string? Provider { get; init; }

    /// <summary>What it is to be used for; null for anything that the module does.</summary>
    public InpaintOperation? Operation { get; init; }
}
