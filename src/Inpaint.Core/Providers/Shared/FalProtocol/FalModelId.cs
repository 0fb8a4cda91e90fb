using System.Text.RegularExpressions;

namespace Inpaint.Providers.Shared.FalProtocol;

/// <summary>The ids of fal's models, which become part of URLs. A submit names the model in full; everything about a request lives under owner and alias alone.</summary>
internal static partial class FalModelId
{
    private static readonly string[] Namespaces = ["workflows", "comfy"];

    /// <summary>Refuses what cannot be a model's id.</summary>
    /// <returns>The same id.</returns>
    /// <exception cref="InpaintException">InvalidParameter.</exception>
    public static string Ensure(string model) => IsOne(model)
        ? model
        : throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{model}' is not the id of a fal model. It has the form owner/name or owner/name/path, such as fal-ai/flux-lora/inpainting.")
        {
            Parameter = nameof(InpaintRequest.Model),
        };

    /// <summary>Whether a text can be a model's id: owner/name and the like, of a length that a file's name can have.</summary>
    public static bool IsOne(string model) => model.Length <= 200 && Pattern().IsMatch(model) && !model.Contains("..", StringComparison.Ordinal);

    /// <summary>Owner and alias of a model, under which its requests live.</summary>
    /// <exception cref="InpaintException">InvalidParameter: it cannot be a model's id.</exception>
    public static string AppOf(string model)
    {
        string[] segments = Ensure(model).Split('/');
        return string.Join('/', segments.Take(Namespaces.Contains(segments[0], StringComparer.Ordinal) ? 3 : 2));
    }

    [GeneratedRegex("^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+){1,7}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();
}
