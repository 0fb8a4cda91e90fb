using System.Collections;
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

    private static Hashtable? ReadJson(string text)
    {
        try
        {
            return JsonNode.Parse(text) is JsonObject fields ? new Hashtable(fields.ToDictionary(f => f.Key, f => (object?)f.Value)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
