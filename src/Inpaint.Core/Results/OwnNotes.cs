using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;

namespace Inpaint.Results;

/// <summary>
/// Tells what this module has written into a picture about its making from what others have. Of two texts with one keyword tools show the last, so that what an
/// author says under a keyword stays the only one of it: ours is then called <c>Inpaint Description</c> and the like.
/// </summary>
internal static class OwnNotes
{
    /// <summary>The keyword of the program's name.</summary>
    public const string Software = "Software";

    /// <summary>The program's name.</summary>
    public const string Name = "Inpaint";

    /// <summary>The keywords that this module writes, where nobody else has.</summary>
    public static IReadOnlyList<string> Keywords { get; } = [Software, "Description", "Creation Time", "Provider", "Model", "Seed", "Request ID", "Source"];

    /// <summary>How a comment of this module begins.</summary>
    public static string CommentStart => "{\"software\":\"Inpaint\"";

    /// <summary>The keyword that this module writes where the plain one is taken.</summary>
    /// <param name="keyword">The plain keyword.</param>
    public static string OwnName(string keyword) => $"{Name} {keyword}";

    /// <summary>The keywords under which this module has said something.</summary>
    /// <param name="said">All keywords of the picture, with their texts.</param>
    public static IReadOnlySet<string> Find(IReadOnlyCollection<PictureText> said)
    {
        HashSet<string> keywords = [.. said.Select(text => text.Keyword)];
        bool isOwn = keywords.Contains(OwnName(Software)) || said.Any(text => text is { Keyword: Software, Text: Name });
        return isOwn ? Keywords.Select(keyword => keywords.Contains(OwnName(keyword)) ? OwnName(keyword) : keyword).ToHashSet() : new HashSet<string>();
    }

    /// <summary>
    /// A picture that is about to be made into another one, without what would not be true of that: how it was made here, and the small pictures of how it looked,
    /// wherever cameras and programs put them.
    /// </summary>
    /// <param name="picture">The picture; its samples are shared.</param>
    public static Raster Without(Raster picture)
    {
        PictureMetadata metadata = picture.Metadata;
        IReadOnlySet<string> own = Find(metadata.Texts);
        return new Raster(picture.Width, picture.Height, picture.Channels, picture.BitDepth, picture.Data)
        {
            Metadata = metadata with
            {
                Texts = [.. metadata.Texts.Where(text => !own.Contains(text.Keyword) && !text.Text.StartsWith(CommentStart, StringComparison.Ordinal) && !MayHidePicture(text))],
                Xmp = XmpPreviews.Without(XmpPacket.Without(metadata.Xmp)),
                Exif = ExifPreviews.Without(metadata.Exif),
                ImageResources = ImageResources.WithoutPreviews(metadata.ImageResources),
            },
        };
    }

    // Bytes of a kind that is not understood here may be a part of a large XMP packet, for example.
    private static bool MayHidePicture(PictureText text) => PngRawProfile.IsKeyword(text.Keyword) || XmpPreviews.IsPicture(text.Text);
}
