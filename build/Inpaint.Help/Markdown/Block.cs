namespace Inpaint.Help.Markdown;

/// <summary>A piece of a page, with the line it begins on.</summary>
/// <param name="Line">The line, from 1.</param>
internal abstract record Block(int Line);

/// <summary>A heading.</summary>
/// <param name="Line">The line.</param>
/// <param name="Level">1 to 6.</param>
/// <param name="Text">What it says.</param>
internal sealed record Heading(int Line, int Level, string Text) : Block(Line);

/// <summary>A paragraph, its lines joined.</summary>
/// <param name="Line">The line.</param>
/// <param name="Text">What it says, in Markdown.</param>
internal sealed record Paragraph(int Line, string Text) : Block(Line);

/// <summary>A list without nesting.</summary>
/// <param name="Line">The line.</param>
/// <param name="Items">The items in Markdown, each with its line and its mark (<c>-</c> or <c>1.</c>).</param>
internal sealed record ItemList(int Line, IReadOnlyList<(int Line, string Mark, string Text)> Items) : Block(Line);

/// <summary>A fenced block, taken as it stands.</summary>
/// <param name="Line">The line of the opening fence.</param>
/// <param name="Language">What the fence says; empty for nothing.</param>
/// <param name="Text">The lines between the fences.</param>
internal sealed record CodeBlock(int Line, string Language, string Text) : Block(Line);

/// <summary>A table.</summary>
/// <param name="Line">The line.</param>
/// <param name="Rows">The rows in Markdown, the heading first.</param>
internal sealed record Table(int Line, IReadOnlyList<IReadOnlyList<string>> Rows) : Block(Line);
