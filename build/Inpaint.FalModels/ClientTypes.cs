using System.Text.RegularExpressions;
using Inpaint.Imaging.Masks;
using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.FalModels;

/// <summary>
/// Reads the type definitions of fal's JavaScript client. They are generated from the models' OpenAPI documents, one property a line, with the default value in the comment
/// above it; ranges are not in them.
/// </summary>
internal static partial class ClientTypes
{
    /// <summary>Finds the models that take a picture and a mask and return pictures.</summary>
    /// <param name="text">The text of endpoints.d.ts.</param>
    public static IReadOnlyList<FalModel> ReadInpaintingModels(string text)
    {
        Dictionary<string, string> bodies = Definition().Matches(text).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["body"].Value, StringComparer.Ordinal);
        Dictionary<string, string> aliases = Alias().Matches(text).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["other"].Value, StringComparer.Ordinal);
        List<FalField> Fields(string type) => bodies.TryGetValue(aliases.GetValueOrDefault(type, type), out string? body) ? [.. Property().Matches(body).Select(Read)] : [];
        return
        [
            .. Endpoint().Matches(text)
                .Select(m => (Model: new FalModel { Id = m.Groups["id"].Value, Fields = Fields(m.Groups["input"].Value) }, Output: Fields(m.Groups["output"].Value)))
                .Where(m => FalFieldRoles.Find(m.Model, "Image") is not null && FalFieldRoles.Find(m.Model, "Mask") is not null && m.Output.Any(f => f.Name is "image" or "images"))
                .Select(m => m.Model)
                .OrderBy(m => m.Id, StringComparer.Ordinal),
        ];
    }

    private static FalField Read(Match property)
    {
        string type = property.Groups["type"].Value;
        string[] literals = [.. Literal().Matches(type).Select(m => m.Groups["value"].Value)];
        bool isList = type.StartsWith("Array<", StringComparison.Ordinal);
        Match standard = Default().Match(property.Groups["comment"].Value);
        return new FalField
        {
            Name = property.Groups["name"].Value,
            Type = isList ? FalFieldType.List : TypeOf(type, literals.Length > 0),
            IsRequired = !property.Groups["optional"].Success,
            Default = standard.Success ? standard.Groups["value"].Value.Trim('"') : null,
            Values = isList || literals.Length == 0 ? null : literals,
        };
    }

    private static FalFieldType TypeOf(string type, bool hasLiterals) => type switch
    {
        _ when type.Contains("ImageSize", StringComparison.Ordinal) => FalFieldType.Size,
        _ when type.Contains("Blob", StringComparison.Ordinal) => FalFieldType.File,
        _ when hasLiterals => FalFieldType.Text,
        "string" => FalFieldType.Text,
        "boolean" => FalFieldType.Boolean,
        _ when type.StartsWith("number", StringComparison.Ordinal) => FalFieldType.Number,
        _ => FalFieldType.Object,
    };

    [GeneratedRegex(@"^export type (?<name>\w+) = (?<body>\{.*?^\});", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant, 60_000)]
    private static partial Regex Definition();

    [GeneratedRegex(@"^export type (?<name>\w+) = (?<other>\w+);", RegexOptions.Multiline | RegexOptions.CultureInvariant, 60_000)]
    private static partial Regex Alias();

    [GeneratedRegex(@"""(?<id>[^""\n]+)"": \{\s+input: (?<input>\w+);\s+output: (?<output>\w+);", RegexOptions.CultureInvariant, 60_000)]
    private static partial Regex Endpoint();

    [GeneratedRegex(@"(?<comment>/\*\*(?:(?!\*/).)*\*/)?\s*^    (?<name>\w+)(?<optional>\?)?: (?<type>[^;]*);$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.CultureInvariant, 60_000)]
    private static partial Regex Property();

    [GeneratedRegex(@"""(?<value>[^""]*)""", RegexOptions.CultureInvariant, 60_000)]
    private static partial Regex Literal();

    [GeneratedRegex(@"Default value: `(?<value>[^`]*)`", RegexOptions.CultureInvariant, 60_000)]
    private static partial Regex Default();
}
