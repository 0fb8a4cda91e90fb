using System.Text;
using System.Text.Json;
using Inpaint.Files;
using Inpaint.Imaging;

namespace Inpaint.Pages;

/// <summary>
/// Writes pictures into one self-contained page. Foreign text (names, prompts, errors) is data that the page's own script writes as text; no other script runs in
/// it.
/// </summary>
public sealed class GalleryWriter
{
    // Sharp enough for a card on a high-density screen, and small enough for thousands.
    private const int ThumbnailSide = 360;
    private const int ThumbnailQuality = 78;

    private static readonly Lazy<PageTemplate> Page = new(() => PageTemplate.Load("Gallery", "gallery", "gallery"));

    private readonly GalleryOptions options;
    private readonly List<byte[]> rows = [];

    /// <summary>Starts a gallery. Writes nothing.</summary>
    /// <exception cref="InpaintException">InvalidParameter: the file name does not end in .html. OutputExists, OutputWriteFailed: the file cannot be written.</exception>
    internal GalleryWriter(GalleryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;

        // Any other name may be that of a picture.
        if (Path.GetExtension(options.Path).ToUpperInvariant() is not (".HTML" or ".HTM"))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{options.Path}' does not end in .html.")
            {
                Parameter = nameof(options.Path),
                RecommendedAction = $"Name it '{Path.GetFileNameWithoutExtension(options.Path)}.html', or end it with a slash if it is a folder.",
            };
        }

        WholeFile.EnsureFree(options.Path, options.Overwrite, options.Force);
        WholeFile.EnsureWritable(options.Path);
    }

    /// <summary>The number of items.</summary>
    public int Count => rows.Count;

    /// <summary>Adds an item: reads its picture, makes a thumbnail, and keeps only what the page will contain.</summary>
    /// <param name="item">The item.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A warning about what could not be read; null when everything was. The item is added in any case.</returns>
    public string? Add(GalleryItem item, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(item);
        string? warning = null;
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartObject();
            WriteText(writer, "name", item.Name);
            WriteText(writer, "file", item.Picture?.FilePath);
            WritePicture(writer, "picture", item.Picture, isThumbnailWanted: true, ref warning, cancellationToken);
            WritePicture(writer, "before", item.Before, isThumbnailWanted: item.Picture is null, ref warning, cancellationToken);
            WritePicture(writer, "mask", item.Mask, isThumbnailWanted: false, ref warning, cancellationToken);
            WriteText(writer, "state", StateOf(item));
            WriteText(writer, "error", item.Error);
            WriteText(writer, "errorId", item.ErrorId);
            WriteText(writer, "advice", item.Advice);
            WriteText(writer, "prompt", item.Prompt);

            // As text: numbers in scripts have 53 bits.
            WriteText(writer, "seed", item.Seed?.ToString(System.Globalization.CultureInfo.InvariantCulture));
            WriteText(writer, "provider", item.Provider);
            WriteText(writer, "model", item.Model);
            if (item.Cost is { } cost)
            {
                writer.WriteNumber("cost", cost.Amount);
                writer.WriteString("currency", cost.Currency);
                writer.WriteBoolean("estimate", cost.IsEstimate);
                writer.WriteString("costText", cost.ToString());
            }

            if (item.TookSeconds is > 0 and { } seconds)
            {
                writer.WriteNumber("seconds", seconds);
            }

            WriteText(writer, "time", item.CreatedAt?.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
            WriteText(writer, "line", item.Line);
            writer.WriteEndObject();
        }

        rows.Add(json.ToArray());
        return warning;
    }

    /// <summary>Writes the page, completely or not at all.</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A cancelled call leaves no file behind.</param>
    /// <exception cref="InpaintException">OutputExists, OutputWriteFailed.</exception>
    public void Save(CancellationToken cancellationToken = default)
    {
        string policy = $"{Page.Value.Policy}; img-src data: file: http: https:";
        string html = Page.Value.Html
            .Replace("<!-- policy -->", $"<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">", StringComparison.Ordinal);
        string[] halves = html.Split("<!-- data -->", 2);
        WholeFile.Write(options.Path, stream => WriteTo(stream, halves), options.Overwrite, options.Force, cancellationToken);
    }

    private static string StateOf(GalleryItem item) =>
        item.Error is not null ? "failed"
        : item.IsFlagged ? "flagged"
        : item.Picture is not null ? "done"
        : item.State is InpaintJobState.Failed ? "failed"
        : item.State is InpaintJobState.Cancelled ? "cancelled"
        : item.State is InpaintJobState.Completed ? "done" : "unfinished";

    private static void WriteText(Utf8JsonWriter writer, string name, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            writer.WriteString(name, text);
        }
    }

    // The JSON writer escapes <, > and &, so that no text can end the element that contains it.
    private void WriteTo(Stream stream, string[] halves)
    {
        stream.Write(Encoding.UTF8.GetBytes(halves[0]));
        stream.Write("<script type=\"application/json\" id=\"data\">{\"title\":"u8);
        stream.Write(Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(options.Title)}\""));
        stream.Write(",\"items\":[\n"u8);
        for (int i = 0; i < rows.Count; i++)
        {
            stream.Write(i == 0 ? ""u8 : ",\n"u8);
            stream.Write(rows[i]);
        }

        stream.Write("\n]}</script>"u8);
        stream.Write(Encoding.UTF8.GetBytes(halves[1]));
    }

    private void WritePicture(Utf8JsonWriter writer, string name, PictureSource? source, bool isThumbnailWanted, ref string? warning, CancellationToken cancellationToken)
    {
        if (source is null)
        {
            return;
        }

        if (source.Url is { } url)
        {
            // Only what a browser fetches.
            writer.WriteString(name, url);
            return;
        }

        try
        {
            if (isThumbnailWanted)
            {
                Raster picture = LocalPictures.Decode(source, cancellationToken);
                writer.WriteNumber("width", picture.Width);
                writer.WriteNumber("height", picture.Height);
                writer.WriteString("thumbnail", Thumbnail(picture, cancellationToken));
            }

            writer.WriteString(name, options.Embed || source.FilePath is null ? DataUriOf(source) : LinkTo(source.FilePath));
        }
        catch (InpaintException e)
        {
            warning ??= e.Message;
        }
    }

    private static string Thumbnail(Raster picture, CancellationToken cancellationToken)
    {
        double scale = Math.Min(1, (double)ThumbnailSide / Math.Max(picture.Width, picture.Height));
        Raster small = Pictures.Resize(picture, Math.Max(1, (int)(picture.Width * scale)), Math.Max(1, (int)(picture.Height * scale)), cancellationToken);
        using MemoryStream encoded = new();
        Pictures.Encode(new Raster(small.Width, small.Height, small.Channels, small.BitDepth, small.Data), PictureFormat.Jpeg, encoded, ThumbnailQuality, cancellationToken);
        return $"data:image/jpeg;base64,{Convert.ToBase64String(encoded.GetBuffer(), 0, (int)encoded.Length)}";
    }

    private static string DataUriOf(PictureSource source)
    {
        using Stream stream = LocalPictures.Open(source);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        PictureFormat format = Pictures.DetectFormat(new MemoryStream(bytes), source.Name);
        return $"data:image/{format.ToString().ToLowerInvariant()};base64,{Convert.ToBase64String(bytes)}";
    }

    /// <summary>A picture in the page's folder or below is linked by a relative path, so that both can be moved together.</summary>
    private string LinkTo(string path)
    {
        string folder = Path.GetDirectoryName(options.Path)!;
        string relative = Path.GetRelativePath(folder, path);
        return Path.IsPathRooted(relative) || relative.StartsWith("..", StringComparison.Ordinal)
            ? new Uri(path).AbsoluteUri
            : string.Join('/', relative.Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString));
    }
}
