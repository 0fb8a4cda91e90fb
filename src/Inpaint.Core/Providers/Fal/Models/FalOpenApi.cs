using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Inpaint.Http;
using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.Fal.Models;

/// <summary>
/// Reads the OpenAPI document that fal publishes for an endpoint (fal.ai/docs, "Platform APIs", <c>expand=openapi-3.0</c>). The document is not trusted: references are followed
/// a few steps only, and a malformed field is kept with what can be read of it.
/// </summary>
internal sealed partial class FalOpenApi
{
    /// <summary>The largest document that is read, in bytes.</summary>
    public const int MaxDocumentLength = 4_000_000;

    private const int MaxFields = 300;
    private const int MaxValues = 1000;
    private const int MaxReferences = 16;
    private const int MaxDescriptionLength = 600;
    private const int MaxValueLength = 300;

    // A larger schema does not describe an input, and repeated lookups in it would take minutes.
    private const int MaxMembers = 1000;

    private readonly string id;
    private readonly JsonElement paths;
    private readonly Dictionary<string, JsonElement> schemas = new(StringComparer.Ordinal);

    private FalOpenApi(string id, JsonElement document)
    {
        this.id = id;
        paths = document.Member("paths") is { ValueKind: JsonValueKind.Object } found ? found : throw new FormatException("it has no paths");
        if (document.Member("components")?.Member("schemas") is { ValueKind: JsonValueKind.Object } all)
        {
            foreach (JsonProperty schema in all.EnumerateObject())
            {
                if (schema.Value.ValueKind == JsonValueKind.Object && schema.Value.EnumerateObject().Take(MaxMembers + 1).Count() <= MaxMembers && JsonReading.NameOf(schema) is { } name)
                {
                    schemas["#/components/schemas/" + name] = schema.Value;
                }
            }
        }
    }

    /// <summary>Reads a document.</summary>
    /// <param name="id">The endpoint's id.</param>
    /// <param name="document">The document.</param>
    /// <returns>The model.</returns>
    /// <exception cref="FormatException">It does not describe the model's input.</exception>
    public static FalModel Read(string id, JsonElement document) => new FalOpenApi(id, document).Read();

    private FalModel Read()
    {
        JsonElement input = Input();
        if (input.Member("properties") is not { ValueKind: JsonValueKind.Object } properties)
        {
            throw new FormatException("its input has no properties");
        }

        HashSet<string> required = Texts(input.Member("required")).ToHashSet(StringComparer.Ordinal);
        List<string> order = Texts(input.Member("x-fal-order-properties")).Take(MaxFields).ToList();
        Dictionary<string, FalField> fields = new(StringComparer.Ordinal);
        foreach (JsonProperty property in properties.EnumerateObject())
        {
            if (JsonReading.NameOf(property) is { } name && FieldName().IsMatch(name))
            {
                fields[name] = FieldOf(name, property.Value) with { IsRequired = required.Contains(name) };
            }

            if (fields.Count > MaxFields)
            {
                throw new FormatException($"its input has more than {MaxFields} fields");
            }
        }

        return new FalModel
        {
            Id = id,
            Fields = [.. fields.Values.OrderBy(field => order.IndexOf(field.Name) is >= 0 and int at ? at : int.MaxValue)],
            Outputs = [.. Outputs().Take(MaxFields)],
        };
    }

    private JsonElement Input()
    {
        (string Path, JsonElement Post)[] posts = [.. paths.EnumerateObject()
            .Select(path => (JsonReading.NameOf(path) ?? "", path.Value.Member("post") ?? default))
            .Where(path => path.Item2.ValueKind == JsonValueKind.Object)];
        JsonElement post = posts.FirstOrDefault(p => p.Path.Trim('/') == id).Post;
        post = post.ValueKind == JsonValueKind.Object ? post : posts.FirstOrDefault().Post;
        return SchemaOf(post.Member("requestBody")) ?? throw new FormatException("it describes no input");
    }

    private IEnumerable<string> Outputs()
    {
        foreach (JsonProperty path in paths.EnumerateObject())
        {
            if (JsonReading.NameOf(path) is { } name && name.EndsWith("/requests/{request_id}", StringComparison.Ordinal)
                && SchemaOf(path.Value.Member("get")?.Member("responses")?.Member("200")) is { } output
                && output.Member("properties") is { ValueKind: JsonValueKind.Object } properties)
            {
                return properties.EnumerateObject().Select(JsonReading.NameOf).OfType<string>();
            }
        }

        return [];
    }

    private JsonElement? SchemaOf(JsonElement? body) =>
        body?.Member("content")?.Member("application/json")?.Member("schema") is { } schema ? Resolve(schema) : null;

    /// <summary>Follows a schema's reference, transitively; null when it leads nowhere or is circular.</summary>
    private JsonElement? Resolve(JsonElement schema)
    {
        for (int step = 0; step < MaxReferences; step++)
        {
            if (schema.Text("$ref") is { } reference)
            {
                if (!schemas.TryGetValue(reference, out schema))
                {
                    return null;
                }
            }
            else if (schema.Member("allOf") is { ValueKind: JsonValueKind.Array } all && all.GetArrayLength() == 1)
            {
                // A reference with a description is written as a list of one.
                schema = all[0];
            }
            else
            {
                return schema;
            }
        }

        return null;
    }

    private FalField FieldOf(string name, JsonElement property)
    {
        JsonElement[] variants = [.. VariantsOf(property)];
        JsonElement[] choices = [.. variants.Select(variant => variant.Member("enum")).OfType<JsonElement>()];
        bool isClosed = choices.Length > 0 && variants.All(variant => variant.Member("enum") is not null || variant.Text("type") is "object");
        FalFieldType type = TypeOf(name, variants);
        JsonElement limits = variants.FirstOrDefault(variant => variant.Text("type") is "integer" or "number");
        string? description = property.Text("description") ?? variants.Select(variant => variant.Text("description")).FirstOrDefault(text => text is not null);
        return new FalField
        {
            Name = name,
            Type = type,
            Default = property.Member("default") is { } standard ? Plain(standard) : null,
            Values = isClosed && choices.SelectMany(Values).Take(MaxValues).ToArray() is { Length: > 0 } values ? values : null,
            Minimum = Limit(limits, property, "minimum", "exclusiveMinimum", 1),
            Maximum = Limit(limits, property, "maximum", "exclusiveMaximum", -1),
            Description = description is null ? null : PlainText.Clean(description, MaxDescriptionLength),
        };
    }

    /// <summary>The alternatives of a field: its anyOf or oneOf, else the field itself.</summary>
    private IEnumerable<JsonElement> VariantsOf(JsonElement property)
    {
        if (Resolve(property) is not { } schema)
        {
            yield break;
        }

        if ((schema.Member("anyOf") ?? schema.Member("oneOf")) is not { ValueKind: JsonValueKind.Array } options)
        {
            yield return schema;
            yield break;
        }

        foreach (JsonElement option in options.EnumerateArray().Take(MaxReferences))
        {
            if (Resolve(option) is { } variant && variant.Text("type") != "null")
            {
                yield return variant;
            }
        }
    }

    private static FalFieldType TypeOf(string name, JsonElement[] variants)
    {
        string[] types = [.. variants.Select(variant => variant.Text("type") ?? (variant.Member("properties") is null ? "string" : "object")).Distinct(StringComparer.Ordinal)];
        bool hasSize = variants.Any(variant => variant.Member("properties") is { } properties && properties.Member("width") is not null && properties.Member("height") is not null);
        return types switch
        {
            [] => FalFieldType.Object,
            _ when hasSize => FalFieldType.Size,
            ["boolean"] => FalFieldType.Boolean,
            ["integer"] => FalFieldType.Integer,
            ["array"] => FalFieldType.List,
            ["object"] => FalFieldType.Object,
            _ when types.All(type => type is "integer" or "number") => FalFieldType.Number,
            _ when !types.Contains("string") => FalFieldType.Object,
            _ when IsFile(name, variants) => FalFieldType.File,
            _ => FalFieldType.Text,
        };
    }

    // fal declares files as plain texts, recognizable only by their names.
    private static bool IsFile(string name, JsonElement[] variants) =>
        variants.All(variant => variant.Member("enum") is null) && (name.EndsWith("_url", StringComparison.Ordinal) || variants.Any(variant => variant.Text("format") is "uri" or "binary"));

    private static double? Limit(JsonElement variant, JsonElement property, string name, string exclusive, int inwards)
    {
        double? Find(string limit) => (variant.ValueKind == JsonValueKind.Object ? variant.Number(limit) : null) ?? property.Number(limit);
        double? outside = variant.ValueKind == JsonValueKind.Object && variant.Text("type") == "integer" ? Find(exclusive) + inwards : Find(exclusive);
        return Find(name) ?? outside;
    }

    private static IEnumerable<string> Values(JsonElement list) =>
        list.ValueKind != JsonValueKind.Array ? [] : list.EnumerateArray().Select(Plain).OfType<string>();

    private static string? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => JsonReading.Number(value)?.ToString(CultureInfo.InvariantCulture),
        JsonValueKind.String => JsonReading.Text(value) is { Length: <= MaxValueLength } text && !text.Any(char.IsControl) ? text : null,
        _ => null,
    };

    private static IEnumerable<string> Texts(JsonElement? list) =>
        list is { ValueKind: JsonValueKind.Array } texts ? texts.EnumerateArray().Select(JsonReading.Text).OfType<string>() : [];

    // These names become options and are written to the terminal.
    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_.-]{0,63}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FieldName();
}
