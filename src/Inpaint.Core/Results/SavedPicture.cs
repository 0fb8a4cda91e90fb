using System.Globalization;
using System.Text.Json;
using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;

namespace Inpaint.Results;

/// <summary>Reads how a saved picture was made.</summary>
internal static class SavedPicture
{
    /// <summary>Reads the metadata from the sidecar file, or from the picture.</summary>
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

/// <summary>
/// Distinguishes the metadata that Inpaint has embedded in a picture from that of others. Of two texts with the same keyword tools show the last one, so that an author's keywords
/// are not used a second time: ours are then called <c>Inpaint Description</c> and the like.
/// </summary>
internal static class EmbeddedMetadata
{
    /// <summary>The keyword for the program's name.</summary>
    public const string Software = "Software";

    /// <summary>The program's name.</summary>
    public const string Name = "Inpaint";

    /// <summary>The keywords that Inpaint uses where nobody else has.</summary>
    public static IReadOnlyList<string> Keywords { get; } = [Software, "Description", "Creation Time", "Provider", "Model", "Seed", "Request ID", "Source"];

    /// <summary>The start of a comment that Inpaint has written.</summary>
    public static string CommentStart => "{\"software\":\"Inpaint\"";

    /// <summary>The keyword that Inpaint uses where the plain one is taken.</summary>
    public static string Prefixed(string keyword) => $"{Name} {keyword}";

    /// <summary>The keywords that Inpaint has written, among all texts of a picture.</summary>
    public static IReadOnlySet<string> FindKeywords(IReadOnlyCollection<PictureText> texts)
    {
        HashSet<string> keywords = [.. texts.Select(text => text.Keyword)];
        bool isOwn = keywords.Contains(Prefixed(Software)) || texts.Any(text => text is { Keyword: Software, Text: Name });
        return isOwn ? Keywords.Select(keyword => keywords.Contains(Prefixed(keyword)) ? Prefixed(keyword) : keyword).ToHashSet() : new HashSet<string>();
    }

    /// <summary>
    /// Removes from a picture's metadata what would be wrong for a picture made of it: how it was made by Inpaint, and previews, wherever cameras and programs put them. The samples
    /// are shared.
    /// </summary>
    public static Raster RemoveFrom(Raster picture)
    {
        PictureMetadata metadata = picture.Metadata;
        IReadOnlySet<string> own = FindKeywords(metadata.Texts);
        return new Raster(picture.Width, picture.Height, picture.Channels, picture.BitDepth, picture.Data)
        {
            Metadata = metadata with
            {
                Texts = [.. metadata.Texts.Where(text => !own.Contains(text.Keyword) && !text.Text.StartsWith(CommentStart, StringComparison.Ordinal) && !MayContainPreview(text))],
                Xmp = XmpPreviews.Without(XmpPacket.RemoveOwn(metadata.Xmp)),
                Exif = ExifPreviews.Without(metadata.Exif),
                ImageResources = ImageResources.WithoutPreviews(metadata.ImageResources),
            },
        };
    }

    // Unknown raw profiles may be part of a large XMP packet, for example.
    private static bool MayContainPreview(PictureText text) => PngRawProfile.IsKeyword(text.Keyword) || XmpPreviews.IsPicture(text.Text);
}
