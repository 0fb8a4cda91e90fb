namespace Inpaint.Help;

/// <summary>Something is wrong with a page.</summary>
/// <param name="line">The line, from 1.</param>
/// <param name="message">What is wrong and how to put it right.</param>
internal sealed class PageException(int line, string message) : Exception(message)
{
    /// <summary>The line, from 1.</summary>
    public int Line { get; } = line;
}
