namespace Inpaint;

/// <summary>How the public types hold lists, and texts by name.</summary>
internal static class Lists
{
    /// <summary>
    /// Makes a list indexable in PowerShell. What a collection expression makes for an interface is a type of the compiler's own, whose <c>[0]</c> PowerShell
    /// takes for the whole list.
    /// </summary>
    /// <typeparam name="T">What it holds.</typeparam>
    /// <param name="values">The list; null, which a file may say, is an empty one.</param>
    /// <returns>The same as an array.</returns>
    public static IReadOnlyList<T> Indexable<T>(IReadOnlyList<T>? values) => values as T[] ?? values?.ToArray() ?? [];

    /// <summary>No texts.</summary>
    public static IReadOnlyDictionary<string, string> NoTexts { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Makes texts that are found by their name in any case; what comes back from JSON minds it.</summary>
    /// <param name="values">The texts; null, which a file may say, for none.</param>
    /// <returns>The same texts.</returns>
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
