namespace Inpaint;

/// <summary>How the public types hold lists.</summary>
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
}
