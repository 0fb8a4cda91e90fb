using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace Inpaint.Binding;

/// <summary>Makes LoRA weights of text (<c>path</c> or <c>path=0.8</c>) and hashtables (<c>@{ Path = 'path'; Scale = 0.8 }</c>).</summary>
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
        // An equals sign behind a question mark belongs to an address.
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

    /// <summary>Reads a number by the same rules in every country: the shell would read "0,8" as 8.</summary>
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
