using System.Globalization;
using System.Text.Json;
using Inpaint.Imaging;

namespace Inpaint.Results;

/// <summary>Reads back what a saved picture says about its making.</summary>
public static class SavedPicture
{
    /// <summary>Reads the sidecar file, or what is embedded.</summary>
    /// <param name="path">The picture's path.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The picture, by its file; what is not said is null.</returns>
    /// <exception cref="InpaintException">ImageNotFound, ImageUnsupported, ImageTooLarge.</exception>
    public static InpaintImage Read(string path, CancellationToken cancellationToken = default)
    {
        PictureSource source = PictureSource.FromFile(path);
        IReadOnlyDictionary<string, string> facts = ReadSidecar(MetadataWriter.SidecarOf(path)) ?? XmpPacket.ReadOwn(LocalPictures.Decode(source, cancellationToken).Metadata.Xmp);
        return new InpaintImage
        {
            Url = new Uri(source.FilePath!).AbsoluteUri,
            Index = int.TryParse(facts.GetValueOrDefault("Index"), NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : 0,
            IsFlagged = facts.GetValueOrDefault("Flagged") == "True",
            Origin = new ImageOrigin
            {
                Prompt = facts.GetValueOrDefault("Prompt"),
                Provider = facts.GetValueOrDefault("Provider"),
                Model = facts.GetValueOrDefault("Model"),
                JobId = facts.GetValueOrDefault("RequestID"),
                Source = facts.GetValueOrDefault("Source"),
                Seed = long.TryParse(facts.GetValueOrDefault("Seed"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long seed) ? seed : null,
                CreatedAt = DateTimeOffset.TryParse(facts.GetValueOrDefault("CreatedAt"), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out DateTimeOffset time) ? time : null,
            },
        };
    }

    private static Dictionary<string, string>? ReadSidecar(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            using JsonDocument json = JsonDocument.Parse(stream);
            return json.RootElement.EnumerateObject().DistinctBy(p => p.Name).ToDictionary(p => p.Name, p => p.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            // None, or somebody else's.
            return null;
        }
    }
}
