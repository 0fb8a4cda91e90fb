using System.Collections;
using System.Collections.Specialized;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Runtime.CompilerServices;
using System.Security;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inpaint.Binding;

/// <summary>
/// Reads an age in the notation of the tables: <c>30d</c>, <c>12h</c>, <c>45m</c>, <c>90s</c>, or a TimeSpan. A bare number is refused, because the shell would convert 30 to 30 ticks,
/// three millionths of a second.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AgeTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (inputData is null || PSObject.AsPSObject(inputData).BaseObject is TimeSpan { Ticks: >= 0 })
        {
            return inputData;
        }

        // The shell parses 30d as a decimal and 90s as a short; only the original text has the unit.
        string text = inputData.ToString() ?? "";
        return TryRead(text.Trim(), out TimeSpan age)
            ? age
            : throw new ArgumentTransformationMetadataException($"'{text}' is not an age. Write 30d, 12h or 45m, or give a TimeSpan.");
    }

    private static bool TryRead(string text, out TimeSpan age)
    {
        age = default;
        double seconds = text.Length == 0 ? 0 : char.ToLowerInvariant(text[^1]) switch
        {
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            's' => 1,
            _ => 0,
        };
        if (seconds == 0)
        {
            return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out age) && age >= TimeSpan.Zero;
        }

        if (!double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) || number * seconds >= TimeSpan.MaxValue.TotalSeconds)
        {
            return false;
        }

        age = TimeSpan.FromSeconds(number * seconds);
        return true;
    }
}

/// <summary>Reads a service's base URL. An invalid one is not repeated in the error, as the shell's own conversion would do, because it may contain a password.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class BaseUriTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) => ((inputData as PSObject)?.BaseObject ?? inputData) switch
    {
        null or "" => null,
        Uri uri => uri,
        string text when Uri.TryCreate(text.Trim(), UriKind.Absolute, out Uri? uri) => uri,
        _ => throw new PSInvalidCastException("The value is not a URL such as https://proxy.example/fal. It is not shown here, because it may contain a password."),
    };
}

/// <summary>Reads a key from a SecureString, a credential (its password), or plain text.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecureStringTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData) => ((inputData as PSObject)?.BaseObject ?? inputData) switch
    {
        null or "" => null,
        SecureString key => key,
        PSCredential credential => credential.Password,
        string text => new NetworkCredential("", text.Trim()).SecurePassword,
        // The value is not repeated, because it may be the key in another form.
        _ => throw new PSInvalidCastException("A key must be a SecureString, such as that of Read-Host -AsSecureString, a credential, or a string."),
    };
}

/// <summary>Reads LoRA weights from text (<c>path</c> or <c>path=0.8</c>) and hashtables (<c>@{ Path = 'path'; Scale = 0.8 }</c>).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LoraWeightTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = (inputData as PSObject)?.BaseObject ?? inputData;
        return value switch
        {
            null or "" => null,
            string or IDictionary or LoraWeight or PSCustomObject => new[] { ToWeight(inputData) },
            IEnumerable items => items.Cast<object>().Select(ToWeight).ToArray(),
            _ => throw Refuse(inputData),
        };
    }

    private static LoraWeight ToWeight(object item)
    {
        PSObject wrapper = PSObject.AsPSObject(item);
        return wrapper.BaseObject switch
        {
            LoraWeight weight => weight,
            string { Length: > 0 } text => FromText(text),
            IDictionary entries => FromParts(Find(entries, nameof(LoraWeight.Path)), Find(entries, nameof(LoraWeight.Scale)), item),
            PSCustomObject => FromParts(wrapper.Properties[nameof(LoraWeight.Path)]?.Value, wrapper.Properties[nameof(LoraWeight.Scale)]?.Value, item),
            _ => throw Refuse(item),
        };
    }

    private static LoraWeight FromText(string text)
    {
        // An equals sign after a question mark is part of a URL.
        int equals = text.LastIndexOf('=');
        if (equals <= 0 || text.AsSpan(0, equals).Contains('?'))
        {
            return new LoraWeight(text);
        }

        string weight = text[(equals + 1)..].Trim();
        return TryReadNumber(weight, out double scale)
            ? new LoraWeight(text[..equals], scale)
            : weight.Length > 0 && weight.All(c => char.IsDigit(c) || c is ',' or '.' or '-') ? throw Refuse(text) : new LoraWeight(text);
    }

    /// <summary>Reads a number with the same rules in every culture: the shell would read "0,8" as 8.</summary>
    private static bool TryReadNumber(object value, out double number) =>
        value is string text ? double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) : LanguagePrimitives.TryConvertTo(value, out number);

    private static LoraWeight FromParts(object? path, object? scale, object item)
    {
        string? text = path?.ToString();
        if (string.IsNullOrEmpty(text))
        {
            throw Refuse(item);
        }

        return scale is null ? new LoraWeight(text) : TryReadNumber(PSObject.AsPSObject(scale).BaseObject, out double number) ? new LoraWeight(text, number) : throw Refuse(item);
    }

    private static object? Find(IDictionary entries, string key) =>
        entries.Keys.Cast<object>().Where(k => string.Equals(k.ToString(), key, StringComparison.OrdinalIgnoreCase)).Select(k => entries[k]).FirstOrDefault();

    private static ArgumentTransformationMetadataException Refuse(object? item) =>
        new($"'{item}' is not a LoRA. Give 'path', 'path=0.8', or @{{ Path = 'path'; Scale = 0.8 }}.");
}

/// <summary>Reads a hashtable from an object, as JSON files contain it, or from JSON in a cell. An empty cell counts as "not given".</summary>
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

    // Keeps the order of the text, so that equal text produces an equal request.
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
            // It is not JSON, or has a duplicate name.
            return null;
        }
    }
}
