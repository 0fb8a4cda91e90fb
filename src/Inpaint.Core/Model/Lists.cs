namespace Inpaint;

/// <summary>The collections that public types hold.</summary>
internal static class Lists
{
    /// <summary>
    /// Makes an array of a list; null, which a file may contain, becomes an empty one. What a collection expression creates for an interface is a compiler-generated type
    /// that scripting languages do not index.
    /// </summary>
    public static IReadOnlyList<T> Indexable<T>(IReadOnlyList<T>? values) => values as T[] ?? values?.ToArray() ?? [];

    /// <summary>An empty dictionary.</summary>
    public static IReadOnlyDictionary<string, string> NoTexts { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Copies texts into a case-insensitive dictionary, which JSON does not bring back; null, which a file may contain, becomes an empty one.</summary>
    public static IReadOnlyDictionary<string, string> ByName(IReadOnlyDictionary<string, string>? values)
    {
        if (values is null || values.Count == 0)
        {
            return NoTexts;
        }

        Dictionary<string, string> texts = new(StringComparer.OrdinalIgnoreCase);
        foreach ((string name, string value) in values)
        {
            texts[name] = value;
        }

        return texts;
    }
}
