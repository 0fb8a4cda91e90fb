using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;

namespace Inpaint.Results;

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
