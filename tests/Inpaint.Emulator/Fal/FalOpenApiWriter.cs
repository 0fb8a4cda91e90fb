using System.Globalization;
using System.Text.Json.Nodes;
using Inpaint.Providers.Shared.FalProtocol;
using Description = Inpaint.Providers.Shared.FalProtocol.FalModel;

namespace Inpaint.Emulator.Fal;

/// <summary>Writes the OpenAPI document of a model in the form in which fal publishes it.</summary>
internal static class FalOpenApiWriter
{
    public static JsonObject Write(Description model)
    {
        string[] app = [.. model.Id.Split('/').Take(2)];
        return new JsonObject
        {
            ["openapi"] = "3.0.4",
            ["info"] = new JsonObject { ["title"] = $"Queue OpenAPI for {model.Id}", ["version"] = "1.0.0" },
            ["components"] = new JsonObject
            {
                ["securitySchemes"] = new JsonObject { ["apiKeyAuth"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "Authorization" } },
                ["schemas"] = new JsonObject
                {
                    ["Input"] = Input(model),
                    ["Output"] = Output(model),
                    ["ImageSize"] = new JsonObject
                    {
                        ["type"] = "object",
                        ["properties"] = new JsonObject
                        {
                            ["width"] = new JsonObject { ["type"] = "integer", ["exclusiveMinimum"] = 0, ["maximum"] = 14142 },
                            ["height"] = new JsonObject { ["type"] = "integer", ["exclusiveMinimum"] = 0, ["maximum"] = 14142 },
                        },
                    },
                    ["Image"] = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["url"] = new JsonObject { ["type"] = "string" } } },
                },
            },
            ["paths"] = new JsonObject
            {
                [$"/{string.Join('/', app)}/requests/{{request_id}}/status"] = new JsonObject { ["get"] = new JsonObject { ["responses"] = new JsonObject() } },
                [$"/{model.Id}"] = new JsonObject { ["post"] = new JsonObject { ["requestBody"] = Content("Input") } },
                [$"/{string.Join('/', app)}/requests/{{request_id}}"] = new JsonObject
                {
                    ["get"] = new JsonObject { ["responses"] = new JsonObject { ["200"] = Content("Output") } },
                },
            },
        };
    }

    private static JsonObject Content(string schema) => new()
    {
        ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = new JsonObject { ["$ref"] = $"#/components/schemas/{schema}" } } },
    };

    private static JsonObject Input(Description model) => new()
    {
        ["type"] = "object",
        ["x-fal-order-properties"] = new JsonArray([.. model.Fields.Select(field => JsonValue.Create(field.Name))]),
        ["required"] = new JsonArray([.. model.Fields.Where(field => field.IsRequired).Select(field => JsonValue.Create(field.Name))]),
        ["properties"] = new JsonObject(model.Fields.Select(field => KeyValuePair.Create(field.Name, (JsonNode?)Property(field)))),
    };

    private static JsonObject Output(Description model)
    {
        string[] names = [.. model.Outputs ?? ["images", "seed"]];
        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(names.Select(name => KeyValuePair.Create(name, (JsonNode?)new JsonObject { ["$ref"] = "#/components/schemas/Image" }))),
        };
    }

    private static JsonObject Property(FalField field)
    {
        JsonObject schema = field.Type switch
        {
            FalFieldType.Number => new() { ["type"] = "number" },
            FalFieldType.Integer => new() { ["type"] = "integer" },
            FalFieldType.Boolean => new() { ["type"] = "boolean" },
            FalFieldType.List => new() { ["type"] = "array", ["items"] = new JsonObject() },
            FalFieldType.Object => new() { ["type"] = "object", ["properties"] = new JsonObject() },
            FalFieldType.Size => new()
            {
                ["anyOf"] = new JsonArray(
                    new JsonObject { ["$ref"] = "#/components/schemas/ImageSize" },
                    field.Values is null ? new JsonObject { ["type"] = "string" } : new JsonObject { ["type"] = "string", ["enum"] = Texts(field.Values) }),
            },
            _ => new() { ["type"] = "string" },
        };
        if (field is { Values: { } values, Type: not FalFieldType.Size })
        {
            schema["enum"] = Texts(values);
        }

        if (field.Minimum is { } least)
        {
            schema["minimum"] = least;
        }

        if (field.Maximum is { } most)
        {
            schema["maximum"] = most;
        }

        // As pydantic writes what may be left out.
        if (!field.IsRequired && field is { Default: null, Type: not FalFieldType.Size })
        {
            schema = new() { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
        }

        schema["title"] = field.Name;
        if (field.Description is not null)
        {
            schema["description"] = field.Description;
        }

        if (field.Default is { } standard)
        {
            schema["default"] = field.Type switch
            {
                FalFieldType.Boolean => bool.Parse(standard),
                FalFieldType.Number or FalFieldType.Integer => decimal.Parse(standard, NumberStyles.Float, CultureInfo.InvariantCulture),
                _ => standard,
            };
        }

        return schema;
    }

    private static JsonArray Texts(IReadOnlyList<string> values) => [.. values.Select(value => JsonValue.Create(value))];
}
