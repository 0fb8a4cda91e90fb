using System.Collections.ObjectModel;
using System.Globalization;

namespace Inpaint;

/// <summary>The collections that public types hold.</summary>
internal static class Lists
{
    /// <summary>
    /// Makes a list that scripts can index and print; null, which a file may contain, becomes an empty one. What a collection expression creates for an interface is a
    /// compiler-generated type that scripting languages do not index.
    /// </summary>
    public static IReadOnlyList<T> Indexable<T>(IReadOnlyList<T>? values) => values as ReadableList<T> ?? new ReadableList<T>(values ?? []);

    /// <summary>An empty dictionary.</summary>
    public static IReadOnlyDictionary<string, string> NoTexts { get; } = ReadableDictionary.Of<string>(null, StringComparer.OrdinalIgnoreCase);

    /// <summary>Copies texts into a case-insensitive dictionary, which JSON does not bring back; null, which a file may contain, becomes an empty one.</summary>
    public static IReadOnlyDictionary<string, string> ByName(IReadOnlyDictionary<string, string>? values) =>
        values is { Count: > 0 } ? ReadableDictionary.Of(values, StringComparer.OrdinalIgnoreCase) : NoTexts;
}

/// <summary>A read-only list whose text is that of its elements, so that a column of a table can show it.</summary>
/// <typeparam name="T">The type of the elements.</typeparam>
public sealed class ReadableList<T> : ReadOnlyCollection<T>
{
    /// <summary>Copies values.</summary>
    /// <param name="values">The values.</param>
    public ReadableList(IReadOnlyList<T> values)
        : base(values.ToArray())
    {
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join("; ", this.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture)));
}

/// <summary>A dictionary whose text is that of its entries, so that a column of a table can show it.</summary>
/// <typeparam name="T">The type of the values.</typeparam>
public sealed class ReadableDictionary<T> : ReadOnlyDictionary<string, T>
{
    internal ReadableDictionary(Dictionary<string, T> values)
        : base(values)
    {
    }

    /// <summary>An empty one.</summary>
    internal static ReadableDictionary<T> None { get; } = new([]);

    /// <inheritdoc/>
    public override string ToString() => string.Join("; ", this.Select(entry => $"{entry.Key}={Convert.ToString(entry.Value, CultureInfo.InvariantCulture)}"));
}

/// <summary>Makes dictionaries that scripts can print.</summary>
internal static class ReadableDictionary
{
    /// <summary>Copies entries; null, which a file may contain, becomes an empty dictionary. Where two names differ in nothing that the comparer sees, the last one counts.</summary>
    public static IReadOnlyDictionary<string, T> Of<T>(IReadOnlyDictionary<string, T>? values, StringComparer comparer)
    {
        if (values is not { Count: > 0 })
        {
            return ReadableDictionary<T>.None;
        }

        Dictionary<string, T> entries = new(comparer);
        foreach ((string name, T value) in values)
        {
            entries[name] = value;
        }

        return new ReadableDictionary<T>(entries);
    }
}
