using System.Text.Json.Serialization;

namespace Inpaint.Providers.Shared.FalProtocol;

/// <summary>What a field of a model's input holds.</summary>
internal enum FalFieldType
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A URL or data URI of a file.</summary>
    File,

    /// <summary>A preset's name, or an object with width and height.</summary>
    Size,

    /// <summary>A list of anything.</summary>
    List,

    /// <summary>An object.</summary>
    Object,
}

/// <summary>One field of a model's input.</summary>
internal sealed record FalField
{
    /// <summary>Its name in the request's body.</summary>
    public required string Name { get; init; }

    /// <summary>What it holds.</summary>
    public FalFieldType Type { get; init; }

    /// <summary>Whether a request without it is refused.</summary>
    public bool IsRequired { get; init; }

    /// <summary>What the model uses when the field is left out, as text.</summary>
    public string? Default { get; init; }

    /// <summary>The values it takes, when they are a closed list; null for any.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>Smallest value, inclusive.</summary>
    public double? Minimum { get; init; }

    /// <summary>Largest value, inclusive.</summary>
    public double? Maximum { get; init; }

    /// <summary>What the model's own description says of it.</summary>
    public string? Description { get; init; }
}

/// <summary>A model's input, as fal describes it.</summary>
internal sealed record FalModel
{
    /// <summary>The endpoint's id, such as <c>fal-ai/bria/eraser</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The fields of its input.</summary>
    public required IReadOnlyList<FalField> Fields { get; init; }

    /// <summary>The names of its output's fields; none when they are not known.</summary>
    public IReadOnlyList<string>? Outputs { get; init; }
}

/// <summary>How models are kept in files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(IReadOnlyList<FalModel>))]
internal sealed partial class FalModelJson : JsonSerializerContext;
