using System.Globalization;
using System.Management.Automation.Language;
using System.Text;
using System.Text.Json.Nodes;
using Inpaint.Binding;

namespace Inpaint.Pipeline;

/// <summary>Writes the PowerShell command that requests a picture again.</summary>
internal static class RepeatLine
{
    // These are written first, or taken from the job itself.
    private static readonly string[] NotRepeated = [nameof(InpaintRequest.Image), nameof(InpaintRequest.Mask), nameof(InpaintRequest.MaskRecipe), nameof(InpaintRequest.Seed), InpaintJob.NotRecorded];

    /// <summary>Writes the command.</summary>
    /// <param name="origin">How the picture was made.</param>
    /// <param name="job">Its job; null when the journal does not have it.</param>
    /// <param name="image">The original, where the job does not name it; null for none.</param>
    /// <param name="mask">The mask, where the job does not name it; null for none.</param>
    /// <returns>The command, with a comment about what is missing; null when there is no picture or mask to name.</returns>
    public static string? For(ImageOrigin origin, InpaintJob? job, PictureSource? image, PictureSource? mask)
    {
        InpaintOperation operation = job?.Operation ?? origin.Operation;
        IReadOnlyDictionary<string, string>? known = job?.Parameters;
        StringBuilder line = new(operation switch
        {
            InpaintOperation.TextToImage => "New-InpaintImage",
            InpaintOperation.Segment => "New-InpaintMask",
            _ => "Invoke-Inpaint",
        });
        if (operation != InpaintOperation.TextToImage)
        {
            string? imageText = known is null ? image?.ToString() : known.GetValueOrDefault(nameof(InpaintRequest.Image));
            string? maskText = operation == InpaintOperation.Segment ? "" : known is null ? MaskArgument(mask?.ToString()) : MaskArguments(known);
            if (imageText is null || maskText is null)
            {
                return null;
            }

            line.Append(CultureInfo.InvariantCulture, $" {Quote(imageText)}{maskText}");
        }

        void Add(string name, string? value) => line.Append(string.IsNullOrEmpty(value) ? "" : $" -{name} {value}");
        void AddText(string name, string? value) => Add(name, string.IsNullOrEmpty(value) ? "" : Quote(value));
        AddText("Prompt", origin.Prompt ?? job?.Prompt);
        AddText("Provider", origin.Provider ?? job?.Provider);
        AddText("Model", origin.Model ?? job?.Model);
        Add("Seed", known?.GetValueOrDefault(nameof(InpaintRequest.Seed)) ?? origin.Seed?.ToString(CultureInfo.InvariantCulture));
        if (known is null)
        {
            int count = Math.Max(origin.Count, job?.Count ?? 1);
            Add("Count", count > 1 ? count.ToString(CultureInfo.InvariantCulture) : "");
            return line.Append(" # Other parameters are not known.").ToString();
        }

        foreach ((string name, string value) in known.Where(p => !NotRepeated.Contains(p.Key, StringComparer.OrdinalIgnoreCase)))
        {
            line.Append(' ').Append(Argument(name, value));
        }

        return known.TryGetValue(InpaintJob.NotRecorded, out string? missing) ? line.Append(CultureInfo.InvariantCulture, $" # Not recorded: {OneLine(missing)}").ToString() : line.ToString();
    }

    private static string? MaskArgument(string? mask) => mask is null ? null : $" -Mask {Quote(mask)}";

    /// <summary>What says which part is repainted: the mask, or how it was made.</summary>
    /// <returns>The arguments; null when they are not known, or when no parameters say as much.</returns>
    private static string? MaskArguments(IReadOnlyDictionary<string, string> known) => known.TryGetValue(nameof(InpaintRequest.MaskRecipe), out string? recipe)
        ? JsonNode.Parse(recipe) is JsonObject fields && fields.All(field => RecipeArgument(field.Key, field.Value) is not null)
            ? string.Concat(fields.Select(field => RecipeArgument(field.Key, field.Value)))
            : null
        : MaskArgument(known.GetValueOrDefault(nameof(InpaintRequest.Mask)));

    private static string? RecipeArgument(string name, JsonNode? value) => name switch
    {
        "Rectangles" => $" -Rectangle {List(value)}",
        "Ellipses" => $" -Ellipse {List(value)}",
        nameof(MaskRecipe.Mask) or nameof(MaskRecipe.MaskMode) or nameof(MaskRecipe.Color) => $" -{name} {Quote(value!.GetValue<string>())}",
        nameof(MaskRecipe.Tolerance) or nameof(MaskRecipe.Grow) => $" -{name} {value}",
        _ => null,
    };

    private static string List(JsonNode? texts) => string.Join(", ", texts!.AsArray().Select(text => Quote(text!.GetValue<string>())));

    private static string Argument(string name, string value) => name switch
    {
        nameof(InpaintRequest.Points) or nameof(InpaintRequest.Boxes) => $"-{ParameterNames.ToParameter(name)} {string.Join(", ", value.Split(' ').Select(Quote))}",
        nameof(InpaintRequest.Loras) => $"-{ParameterNames.ToParameter(name)} {string.Join(", ", JsonNode.Parse(value)!.AsArray().Select(Lora))}",
        nameof(InpaintRequest.SafetyChecker) => $"-{ParameterNames.ToParameter(name)}{(value == bool.TrueString ? ":$false" : "")}",
        nameof(InpaintRequest.ResizeMask) or nameof(InpaintRequest.KeepUnmasked) or nameof(InpaintRequest.CropToMask) or nameof(InpaintRequest.InlineResult) or nameof(InpaintRequest.Synchronous) => $"-{name}",
        nameof(InpaintRequest.Strength) or nameof(InpaintRequest.Steps) or nameof(InpaintRequest.GuidanceScale) or nameof(InpaintRequest.Count) or nameof(InpaintRequest.Padding) or nameof(InpaintRequest.Feather) or nameof(InpaintRequest.StartTimeout) => $"-{ParameterNames.ToParameter(name)} {value}",
        _ => $"-{ParameterNames.ToParameter(name)} {Quote(value)}",
    };

    private static string Lora(JsonNode? lora) => $"@{{ Path = {Quote(lora![nameof(LoraWeight.Path)]!.GetValue<string>())}; Scale = {lora[nameof(LoraWeight.Scale)]!.ToJsonString()} }}";

    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c));

    /// <summary>
    /// Quotes a text. Characters that a terminal might change or act on when the command is pasted, such as line ends, are written as escapes. The shell treats curly quotes as
    /// straight ones.
    /// </summary>
    private static string Quote(string text)
    {
        // A bare word that the shell reads as an argument.
        if (char.IsAsciiLetter(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/'))
        {
            return text;
        }

        if (text == OneLine(text))
        {
            return $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
        }

        StringBuilder quoted = new("\"");
        foreach (char c in text)
        {
            quoted.Append(c switch
            {
                '\n' => "`n",
                '\r' => "`r",
                '\t' => "`t",
                '`' or '$' or '"' or '\u201C' or '\u201D' or '\u201E' => $"`{c}",
                _ when char.IsControl(c) || c is '\u2028' or '\u2029' => $"`u{{{(int)c:x}}}",
                _ => c.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }
}
