namespace Inpaint.Help;

/// <summary>Puts what CHANGELOG.md says of the newest version into the module's manifest, where the gallery and Get-PSResource show it.</summary>
internal static class ReleaseNotes
{
    // The line of the manifest in whose place they are written.
    private const string Placeholder = "ReleaseNotes = 'See CHANGELOG.md.'";

    // The gallery takes no more.
    private const int MaxLength = 35_000;

    /// <summary>Writes the manifest.</summary>
    /// <param name="manifest">The manifest with the placeholder.</param>
    /// <param name="changelog">CHANGELOG.md.</param>
    /// <param name="output">The manifest to write.</param>
    /// <returns>Why it could not be; null when it was.</returns>
    public static string? Write(string manifest, string changelog, string output)
    {
        string text = File.ReadAllText(manifest);
        string[] newest = [.. File.ReadLines(changelog).SkipWhile(line => !line.StartsWith("## ", StringComparison.Ordinal)).Skip(1).TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))];
        string notes = string.Join('\n', newest).Trim();
        if (!text.Contains(Placeholder, StringComparison.Ordinal) || notes.Length == 0)
        {
            return $"{manifest} must hold the line {Placeholder}, and {changelog} a section that is not empty.";
        }

        if (notes.Length > MaxLength)
        {
            notes = notes[..notes.LastIndexOf('\n', MaxLength)] + "\n\nSee CHANGELOG.md for the rest.";
        }

        // Nothing in a here-string of single quotes means anything but its end.
        notes = notes.Replace("\n'@", "\n '@", StringComparison.Ordinal);
        File.WriteAllText(output, text.Replace(Placeholder, $"ReleaseNotes = @'\n{notes}\n'@", StringComparison.Ordinal));
        return null;
    }
}
