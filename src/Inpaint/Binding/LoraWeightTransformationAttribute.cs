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
        return equals > 0
            && !text.AsSpan(0, equals).Contains('?')
            && double.TryParse(text.AsSpan(equals + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double scale)
            ? new LoraWeight(text[..equals], scale)
            : new LoraWeight(text);
    }

    private static LoraWeight FromParts(object? path, object? scale, object item)
    {
        string? text = path?.ToString();
        if (string.IsNullOrEmpty(text))
        {
            throw Refuse(item);
        }

        return scale is null ? new LoraWeight(text) : LanguagePrimitives.TryConvertTo(scale, out double number) ? new LoraWeight(text, number) : throw Refuse(item);
    }

    private static object? Find(IDictionary entries, string key) =>
        entries.Keys.Cast<object>().Where(k => string.Equals(k.ToString(), key, StringComparison.OrdinalIgnoreCase)).Select(k => entries[k]).FirstOrDefault();

    private static ArgumentTransformationMetadataException Refuse(object? item) =>
        new($"'{item}' is not a LoRA. Give 'path', 'path=0.8', or @{{ Path = 'path'; Scale = 0.8 }}.");
}
