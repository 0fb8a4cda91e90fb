using System.Management.Automation;

namespace Inpaint.Pipeline;

/// <summary>The names of items in messages, so that a log can be understood without the objects.</summary>
internal static class ItemName
{
    /// <summary>Derives an item's name from the item itself.</summary>
    /// <returns>Its name; null when it has none.</returns>
    public static string? Of(object? item) => ((item as PSObject)?.BaseObject ?? item) switch
    {
        FileSystemInfo file => file.Name,
        PictureSource source => source.Name,
        InpaintImage image => image.GetOrigin().Title is { } title ? LastPart(title) : image.GetOrigin().JobId,
        InpaintResult result => Of(result.Job),
        InpaintJob job => job.Source is { Length: > 0 } source ? LastPart(source) : job.Id,
        _ => null,
    };

    /// <summary>Puts a name before a message that does not contain it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="name">The name; null for none.</param>
    /// <returns>The message with the name.</returns>
    public static string Before(string message, string? name) => string.IsNullOrWhiteSpace(name) || Tells(message, name) ? message : $"{PlainText.Clean(name)}: {message}";

    private static bool Tells(string message, string name)
    {
        for (int at = message.IndexOf(name, StringComparison.OrdinalIgnoreCase); at >= 0; at = message.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            // "data.png" does not contain the name "a.png".
            if (at == 0 || !char.IsLetterOrDigit(message[at - 1]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The last part of a path or URL.</summary>
    public static string LastPart(string path)
    {
        string place = path.Contains("://", StringComparison.Ordinal) ? path.Split('?', '#')[0] : path;
        string name = place[(place.LastIndexOfAny(['/', '\\']) + 1)..];
        return name.Length == 0 ? path : name;
    }
}
