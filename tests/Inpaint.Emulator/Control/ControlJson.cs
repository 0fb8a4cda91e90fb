using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Http;

namespace Inpaint.Emulator.Control;

/// <summary>Reads the members of a control document; a missing one is null.</summary>
internal static class ControlJson
{
    public static string? Text(this JsonObject json, string name) => json[name]?.GetValue<string>();

    public static int? Int(this JsonObject json, string name) => json[name]?.GetValue<int>();

    public static long? Long(this JsonObject json, string name) => json[name]?.GetValue<long>();

    public static bool Flag(this JsonObject json, string name) => json[name]?.GetValue<bool>() ?? false;

    public static TimeSpan? Seconds(this JsonObject json, string name) => json[name]?.GetValue<double>() is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    public static string[] Texts(this JsonObject json, string name) => [.. (json[name] as JsonArray ?? []).Select(item => item!.GetValue<string>())];

    public static JsonObject[] Objects(this JsonObject json, string name) => [.. (json[name] as JsonArray ?? []).Select(item => item!.AsObject())];

    /// <summary>Reads a name of an enumeration, in any case.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static T Name<T>(this JsonObject json, string name)
        where T : struct, Enum => Enum.TryParse(json.Text(name), ignoreCase: true, out T value)
            ? value
            : throw new JsonException($"\"{name}\" must be one of: {string.Join(", ", Enum.GetNames<T>())}.");
}
