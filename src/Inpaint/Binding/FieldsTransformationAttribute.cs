using System.Collections;
using System.Collections.Specialized;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inpaint.Binding;

/// <summary>Makes a hashtable of an object, as JSON files hold it, and of JSON in a cell. An empty cell counts as "not given".</summary>
/// <param name="column">The parameter's name.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FieldsTransformationAttribute([CallerMemberName] string column = "") : ArgumentTransformationAttribute
{
    /// <summary>The parameter's name.</summary>
    public string Column { get; } = column;

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        PSObject wrapper = PSObject.AsPSObject(inputData ?? "");
        switch (wrapper.BaseObject)
        {
            case IDictionary fields:
                return fields;
            case PSCustomObject:
                return new Hashtable(wrapper.Properties.ToDictionary(p => p.Name, p => (object?)p.Value));
            case string text when string.IsNullOrWhiteSpace(text):
                return null;
            default:
                if (ReadJson($"{wrapper}") is not { } read)
                {
                    UnreadableCells.Note(Column, $"'{wrapper}' cannot be read as fields: give a hashtable, or JSON such as {{ \"name\": 1 }}");
                    return null;
                }

                return read;
        }
    }

    // In the order in which they are written: the same text makes the same request.
    private static OrderedDictionary? ReadJson(string text)
    {
        try
        {
            if (JsonNode.Parse(text) is not JsonObject fields)
            {
                return null;
            }

            OrderedDictionary read = [];
            foreach ((string name, JsonNode? value) in fields)
            {
                read[name] = value;
            }

            return read;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            // No JSON, or a name stands in it twice.
            return null;
        }
    }
}
