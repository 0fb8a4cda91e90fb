using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inpaint.Binding;

/// <summary>
/// Restores jobs, results and pictures from what JSON and Clixml turn them into: objects with the same properties and no type. Also converts hashtables to JSON, which is the
/// same traversal.
/// </summary>
internal static class PSObjectConverter
{
    private const int MaximumDepth = 32;

    // How a picture was made, as Inpaint.Types.ps1xml names it.
    private const string Origin = "Origin";

    // The value of a request has a few dozen nodes; a process or another live object has thousands below it.
    private const int MaximumValues = 100_000;

    /// <summary>Converts a value of a script (hashtable, array, object, number, text) to JSON.</summary>
    /// <param name="value">The value.</param>
    /// <param name="parameter">The parameter that it was passed to.</param>
    /// <returns>The JSON; null for null.</returns>
    /// <exception cref="InpaintException">InvalidParameter: it contains itself, is nested too deeply, is too large, or cannot be read.</exception>
    public static JsonNode? ToJson(object? value, string parameter)
    {
        try
        {
            return ToJson(value, 0, new Walk());
        }
        catch (Exception e) when (e is PSInvalidCastException or GetValueException or JsonException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"-{parameter} cannot be sent: {e.Message}", e) { Parameter = parameter, RecommendedAction = "Build it of hashtables, arrays, numbers and text." };
        }
    }

    /// <summary>Restores a job.</summary>
    /// <param name="value">An object with the properties of a job.</param>
    /// <returns>The job; null when it is something else.</returns>
    public static InpaintJob? ToJob(PSObject value) =>
        Has(value, nameof(InpaintJob.Id), nameof(InpaintJob.Provider), nameof(InpaintJob.State))
            ? Rebuild(value, InpaintJson.ReadJob)
            : null;

    /// <summary>Restores a result.</summary>
    /// <param name="value">An object with the properties of a result.</param>
    /// <returns>The result; null when it is something else.</returns>
    public static InpaintResult? ToResult(PSObject value) =>
        Has(value, nameof(InpaintResult.Images), nameof(InpaintResult.Job))
            ? Rebuild(value, InpaintJson.ReadResult)
            : null;

    /// <summary>Restores a picture.</summary>
    /// <param name="value">An object with the properties of a picture.</param>
    /// <returns>The picture; null when it is something else.</returns>
    public static InpaintImage? ToImage(PSObject value) =>
        Has(value, nameof(InpaintImage.Url), nameof(InpaintImage.IsFlagged))
            ? Rebuild(value, InpaintJson.ReadImage)
            : null;

    /// <summary>Whether an object has the properties of a result or of a picture.</summary>
    public static bool IsResultOrImage(PSObject value) =>
        Has(value, nameof(InpaintResult.Images), nameof(InpaintResult.Job)) || Has(value, nameof(InpaintImage.Url), nameof(InpaintImage.IsFlagged));

    private static bool Has(PSObject value, params string[] names) => names.All(n => value.Properties[n] is not null);

    private static T? Rebuild<T>(PSObject value, Func<JsonNode?, T?> read)
        where T : class
    {
        try
        {
            JsonNode? json = ToJson(value, 0, new Walk());
            DropFlattened(json);
            FillIn(json);
            return read(json);
        }
        catch (JsonException e)
        {
            throw new PSInvalidCastException($"The object has the properties of {typeof(T).Name}, but not its values: {e.Message}", e);
        }
    }

    // A script may have selected some of a job's properties. Missing ones would be read as null, which is not the default of every property.
    private static void FillIn(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (JsonNode? item in array)
            {
                FillIn(item);
            }
        }
        else if (node is JsonObject properties)
        {
            if (properties.ContainsKey(nameof(InpaintJob.State)))
            {
                properties[nameof(InpaintJob.JournalId)] ??= "";
                properties[nameof(InpaintJob.Model)] ??= "";
                properties[nameof(InpaintJob.Count)] ??= 1;
                properties[nameof(InpaintJob.ProviderData)] ??= new JsonObject();
            }
            else if (properties.ContainsKey(nameof(InpaintResult.Images)))
            {
                properties[nameof(InpaintResult.Timings)] ??= new JsonObject();
            }

            foreach (JsonNode? value in properties.Select(p => p.Value).ToArray())
            {
                FillIn(value);
            }
        }
    }

    // ConvertTo-Json writes values below its -Depth as text, which cannot be read back.
    private static void DropFlattened(JsonNode? node)
    {
        if (node is JsonArray array)
        {
            foreach (JsonNode? item in array)
            {
                DropFlattened(item);
            }
        }
        else if (node is JsonObject properties)
        {
            foreach (string name in new[] { Origin, nameof(InpaintResult.Cost), nameof(InpaintResult.MaskCost), nameof(InpaintJob.Placement), nameof(InpaintJob.ProviderData), nameof(InpaintJob.Columns), nameof(InpaintJob.Parameters), nameof(InpaintJob.Logs), nameof(InpaintResult.Timings) })
            {
                if (properties[name] is JsonValue)
                {
                    properties.Remove(name);
                }
            }

            foreach (KeyValuePair<string, JsonNode?> property in properties)
            {
                DropFlattened(property.Value);
            }
        }
    }

    private static JsonNode? ToJson(object? value, int depth, Walk walk)
    {
        PSObject? wrapper = value as PSObject;
        object? inner = wrapper?.BaseObject ?? value;
        switch (inner)
        {
            case null:
                return null;
            case JsonNode node:
                return node.DeepClone();
            case string text:
                return JsonValue.Create(text);
            case InpaintImage image:
                return InpaintJson.Write(image);
            case bool flag:
                return JsonValue.Create(flag);
            case SwitchParameter flag:
                return JsonValue.Create(flag.IsPresent);
            case char letter:
                return JsonValue.Create(letter.ToString());
            case DateTime time:
                return JsonValue.Create(time.ToString("o", CultureInfo.InvariantCulture));
            case DateTimeOffset time:
                return JsonValue.Create(time.ToString("o", CultureInfo.InvariantCulture));
            case Uri uri:
                return JsonValue.Create(uri.OriginalString);
            case Enum name:
                return JsonValue.Create(name.ToString());
            case decimal number:
                return JsonValue.Create(number);
            case float number:
                return JsonValue.Create(Finite(number));
            case double number:
                return JsonValue.Create(Finite(number));
            case ulong number:
                return JsonValue.Create(number);
            case System.Numerics.BigInteger number:
                return JsonNode.Parse(number.ToString(CultureInfo.InvariantCulture));
            case byte or sbyte or short or ushort or int or uint or long:
                return JsonValue.Create(Convert.ToInt64(inner, CultureInfo.InvariantCulture));
        }

        // A custom object has no identity but its wrapper's, by which a cycle is recognized.
        object identity = inner is PSCustomObject ? wrapper! : inner;
        walk.Enter(identity, depth);
        try
        {
            return inner switch
            {
                IDictionary entries => EntriesToJson(entries, depth, walk),
                IEnumerable items => new JsonArray([.. items.Cast<object?>().Select(item => ToJson(item, depth + 1, walk))]),
                _ => PropertiesToJson(wrapper ?? PSObject.AsPSObject(value), depth, walk),
            };
        }
        finally
        {
            walk.Leave(identity);
        }
    }

    private static double Finite(double number) => double.IsFinite(number) ? number : throw new PSInvalidCastException($"JSON has no number '{number.ToString(CultureInfo.InvariantCulture)}'.");

    private static JsonObject EntriesToJson(IDictionary entries, int depth, Walk walk)
    {
        JsonObject json = [];
        foreach (DictionaryEntry entry in entries)
        {
            json[Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!] = ToJson(entry.Value, depth + 1, walk);
        }

        return json;
    }

    private static JsonNode PropertiesToJson(PSObject value, int depth, Walk walk)
    {
        // Clixml cannot represent a time with an offset and writes its properties instead.
        if (value.TypeNames.Any(n => n.EndsWith("System.DateTimeOffset", StringComparison.Ordinal)) && value.Properties["UtcDateTime"]?.Value is DateTime utc)
        {
            return JsonValue.Create(DateTime.SpecifyKind(utc, DateTimeKind.Utc).ToString("o", CultureInfo.InvariantCulture));
        }

        JsonObject properties = [];
        foreach (PSPropertyInfo property in value.Properties)
        {
            if (property.IsGettable && property.MemberType is PSMemberTypes.NoteProperty or PSMemberTypes.Property)
            {
                properties[property.Name] = ToJson(property.Value, depth + 1, walk);
            }
        }

        return properties;
    }

    /// <summary>Limits the traversal, so that cycles and live objects end it.</summary>
    private sealed class Walk
    {
        private readonly HashSet<object> within = new(ReferenceEqualityComparer.Instance);
        private int values;

        public void Enter(object value, int depth)
        {
            string? problem = !within.Add(value) ? "it contains itself"
                : depth > MaximumDepth ? $"it is nested more than {MaximumDepth} levels deep"
                : ++values > MaximumValues ? $"it has more than {MaximumValues} parts"
                : null;
            if (problem is not null)
            {
                throw new PSInvalidCastException($"{problem}.");
            }
        }

        public void Leave(object value) => within.Remove(value);
    }
}
