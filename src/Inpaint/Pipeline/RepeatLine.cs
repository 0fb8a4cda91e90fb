using System.Globalization;
using System.Management.Automation.Language;
using System.Text;
using System.Text.Json.Nodes;
using Inpaint.Binding;

namespace Inpaint.Pipeline;

/// <summary>Writes the line of PowerShell that asks for a picture again.</summary>
internal static class RepeatLine
{
    // What the line says from the job itself, or first.
    private static readonly string[] SaidElsewhere = [nameof(InpaintRequest.Image), nameof(InpaintRequest.Mask), nameof(InpaintRequest.Seed), InpaintJob.NotRecorded];

    /// <summary>Writes the line.</summary>
    /// <param name="origin">What is known of the picture.</param>
    /// <param name="job">Its job; null when it is not known here.</param>
    /// <param name="image">The picture before, where the job does not name it; null for none.</param>
    /// <param name="mask">The mask, where the job does not name it; null for none.</param>
    /// <returns>The line, with a comment that says what it lacks; null when there is no picture or mask to name.</returns>
    public static string? For(ImageOrigin origin, InpaintJob? job, PictureSource? image, PictureSource? mask)
    {
        bool isRepaint = (job?.Operation ?? origin.Operation) == InpaintOperation.Inpaint;
        IReadOnlyDictionary<string, string>? known = job?.Parameters;
        StringBuilder line = new(isRepaint ? "Invoke-Inpaint" : "New-InpaintImage");
        if (isRepaint)
        {
            string? imageText = known is null ? image?.ToString() : known.GetValueOrDefault(nameof(InpaintRequest.Image));
            string? maskText = known is null ? mask?.ToString() : known.GetValueOrDefault(nameof(InpaintRequest.Mask));
            if (imageText is null || maskText is null)
            {
                return null;
            }

            line.Append(CultureInfo.InvariantCulture, $" {Quote(imageText)} -Mask {Quote(maskText)}");
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

        foreach ((string name, string value) in known.Where(p => !SaidElsewhere.Contains(p.Key, StringComparer.OrdinalIgnoreCase)))
        {
            line.Append(' ').Append(Argument(name, value));
        }

        return known.TryGetValue(InpaintJob.NotRecorded, out string? missing) ? line.Append(CultureInfo.InvariantCulture, $" # Not recorded: {OneLine(missing)}").ToString() : line.ToString();
    }

    private static string Argument(string name, string value) => name switch
    {
        nameof(InpaintRequest.Loras) => $"-{ParameterNames.ToParameter(name)} {string.Join(", ", JsonNode.Parse(value)!.AsArray().Select(Lora))}",
        nameof(InpaintRequest.SafetyChecker) => $"-{ParameterNames.ToParameter(name)}{(value == bool.TrueString ? ":$false" : "")}",
        nameof(InpaintRequest.ResizeMask) or nameof(InpaintRequest.KeepUnmasked) or nameof(InpaintRequest.CropToMask) or nameof(InpaintRequest.InlineResult) or nameof(InpaintRequest.Synchronous) => $"-{name}",
        nameof(InpaintRequest.Strength) or nameof(InpaintRequest.Steps) or nameof(InpaintRequest.GuidanceScale) or nameof(InpaintRequest.Count) or nameof(InpaintRequest.Padding) or nameof(InpaintRequest.Feather) or nameof(InpaintRequest.StartTimeout) => $"-{ParameterNames.ToParameter(name)} {value}",
        _ => $"-{ParameterNames.ToParameter(name)} {Quote(value)}",
    };

    private static string Lora(JsonNode? lora) => $"@{{ Path = {Quote(lora![nameof(LoraWeight.Path)]!.GetValue<string>())}; Scale = {lora[nameof(LoraWeight.Scale)]!.ToJsonString()} }}";

    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c));

    /// <summary>
    /// Quotes a text. What a terminal might change or act on while the line is pasted, such as the end of a line, is written as an escape. The shell takes curly quotes for
    /// straight ones, too.
    /// </summary>
    private static string Quote(string text)
    {
        // A word that the shell takes for nothing else.
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
