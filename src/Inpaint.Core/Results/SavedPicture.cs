using System.Globalization;
using System.Text.Json;
using Inpaint.Imaging;

namespace Inpaint.Results;

/// <summary>Reads how a saved picture was made.</summary>
public static class SavedPicture
{
    /// <summary>Reads the metadata from the sidecar file, or from the picture.</summary>
    /// <param name="path">The picture's path.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The picture, with a <c>file:</c> URL; what is not known is null.</returns>
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
            // There is none, or it belongs to another program.
            return null;
        }
    }
}
