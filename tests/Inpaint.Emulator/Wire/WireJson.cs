using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inpaint.Emulator.Wire;

/// <summary>JSON as the services write it: compact, with non-ASCII text left readable.</summary>
internal static class WireJson
{
    public static JsonSerializerOptions Plain { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Reads an object; null when the text is not JSON or not an object.</summary>
    public static JsonObject? ParseObject(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return JsonNode.Parse(utf8) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>One server-sent event.</summary>
    public static ReadOnlyMemory<byte> Event(JsonNode data) => Encoding.UTF8.GetBytes($"data: {data.ToJsonString(Plain)}\n\n");
}
