using System.Globalization;
using System.Text;
using Inpaint.Binding;
using Inpaint.Providers.Fal;
using Inpaint.Providers.Shared.FalProtocol;
using Xunit;

namespace Inpaint.Tests.Providers.Fal.Models;

/// <summary>docs/models.md lists what each model takes as the code knows it.</summary>
public sealed class FalModelDocumentTests
{
    [Fact]
    public void The_tables_say_what_the_code_says() => GeneratedDocument.Check("models.md", Tables());

    private static string Tables()
    {
        StringBuilder text = new();
        foreach (string id in FalModels.InpaintingIds)
        {
            ProviderCapabilities capabilities = FalCapabilities.For(InpaintOperation.Inpaint, id);
            string[] fields = [.. FalModels.Find(id)!.Fields.Select(field => field.Name)];
            text.Append(CultureInfo.InvariantCulture, $"### {id}\n\n");
            text.Append(CultureInfo.InvariantCulture, $"Parameters: {List(capabilities.Parameters.Where(p => p.Option is null && FalFieldRoles.ParametersOf(InpaintOperation.Inpaint).Contains(p.Name)), "-")}\n\n");
            if (capabilities.Parameters.Where(p => p.Option is not null && fields.Contains(p.Name)).ToArray() is { Length: > 0 } options)
            {
                text.Append(CultureInfo.InvariantCulture, $"Options: {List(options, "")}\n\n");
            }

            if (capabilities.Price is { } price)
            {
                text.Append(CultureInfo.InvariantCulture, $"List price: {price}\n\n");
            }

            if (capabilities.RepaintsBlack)
            {
                text.Append("This model repaints the black part of a mask; the module inverts masks for it, so that white means \"repaint\" with this model as well.\n\n");
            }
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static string List(IEnumerable<ParameterCapability> parameters, string prefix) => string.Join(", ", parameters.Select(p => $"`{prefix}{(p.Option is null ? ParameterNames.ToParameter(p.Name) : p.Name)}`{Details(p)}"));

    private static string Details(ParameterCapability parameter)
    {
        string[] parts =
        [
            parameter.IsRequired ? "required" : "",
            parameter.Option is { } kind and not OptionKind.Text ? kind.ToString().ToLowerInvariant() : "",
            parameter.Values.Count is > 0 and <= 8 ? string.Join(" or ", parameter.Values.Select(value => $"`{value}`")) : parameter.Values.Count > 8 ? FormattableString.Invariant($"one of {parameter.Values.Count}") : "",
            (parameter.Minimum, parameter.Maximum) is (double least, double most) && parameter.Name != "Size" ? FormattableString.Invariant($"{least} to {most}") : "",
            parameter.Default is { } standard ? $"default {standard.Trim()}" : "",
        ];
        string details = string.Join(", ", parts.Where(part => part.Length > 0));
        return details.Length == 0 ? "" : $" ({details})";
    }
}
