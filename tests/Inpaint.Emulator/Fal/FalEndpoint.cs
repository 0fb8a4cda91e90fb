namespace Inpaint.Emulator.Fal;

/// <summary>A model's full id, split as the queue's URLs need it.</summary>
/// <param name="App">Owner and alias, behind a leading namespace if there is one.</param>
/// <param name="Path">What follows, or nothing.</param>
internal sealed record FalEndpoint(string App, string Path)
{
    public const string TextToImage = "fal-ai/flux-lora";
    public const string Inpainting = "fal-ai/flux-lora/inpainting";
    public const string Streaming = "fal-ai/flux-lora/stream";

    private static readonly string[] Namespaces = ["workflows", "comfy"];

    public string Id => Path.Length == 0 ? App : $"{App}/{Path}";

    /// <summary>Splits a path; null when it is too short to name an app.</summary>
    public static FalEndpoint? Parse(ReadOnlySpan<string> segments)
    {
        int length = segments.Length > 0 && Namespaces.Contains(segments[0]) ? 3 : 2;
        return segments.Length < length ? null : new(string.Join('/', segments[..length]!), string.Join('/', segments[length..]!));
    }
}
