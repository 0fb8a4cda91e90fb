using System.Collections.ObjectModel;

namespace Inpaint.Providers.Shared.FalProtocol;

/// <summary>Makes parameters of a model's input: those of the module where <see cref="FalFieldRoles"/> names the field, options of the model's own for the rest.</summary>
internal static class FalModelParameters
{
    /// <summary>What a model takes.</summary>
    /// <param name="model">The model.</param>
    /// <param name="operation">What it is used for: pictures that a model takes to make another from a prompt are options of its own.</param>
    /// <returns>Its parameters, the module's own first.</returns>
    public static IEnumerable<ParameterCapability> Of(FalModel model, InpaintOperation operation)
    {
        HashSet<string> taken = new(StringComparer.Ordinal);
        foreach (string parameter in FalFieldRoles.ParametersOf(operation))
        {
            if (FalFieldRoles.Find(model, parameter) is { } field)
            {
                taken.Add(field.Name);
                // What a model would look for without words is its example's, and never what was meant.
                yield return operation == InpaintOperation.Segment && parameter == "Prompt" ? Make(parameter, field) with { Default = null } : Make(parameter, field);
            }
        }

        foreach (FalField field in model.Fields.Where(field => !taken.Contains(field.Name) && !(operation == InpaintOperation.Segment && FalFieldRoles.OfMasks.ContainsKey(field.Name))))
        {
            yield return Make(field.Name, field) with { Option = KindOf(field.Type) };
        }
    }

    private static ParameterCapability Make(string name, FalField field) => new()
    {
        Name = name,

        // A picture is repainted where the mask says, also by models that could do without one.
        IsRequired = field.IsRequired || name is "Image" or "Mask",
        Minimum = field.Minimum ?? (field.Type == FalFieldType.Size ? 1 : null),
        Maximum = field.Maximum ?? (field.Type == FalFieldType.Size ? SizeNames.MaxEdge : null),

        // A size is a name or any width and height.
        NamedSizes = field.Type == FalFieldType.Size ? SizeNames.OfFal : ReadOnlyDictionary<string, ImageSize>.Empty,
        Values = field.Type == FalFieldType.Size ? [] : field.Values ?? [],

        // A switch of the module turns off what is on by default: the field's own value would say the opposite.
        Default = string.IsNullOrEmpty(field.Default) || name is "SafetyChecker" or "InlineResult" ? null : field.Default,
        Description = field.Description,
    };

    private static OptionKind KindOf(FalFieldType type) => type switch
    {
        FalFieldType.Boolean => OptionKind.Switch,
        FalFieldType.Integer => OptionKind.WholeNumber,
        FalFieldType.Number => OptionKind.Number,
        FalFieldType.File => OptionKind.Url,
        FalFieldType.List => OptionKind.List,
        FalFieldType.Object or FalFieldType.Size => OptionKind.Map,
        _ => OptionKind.Text,
    };
}
