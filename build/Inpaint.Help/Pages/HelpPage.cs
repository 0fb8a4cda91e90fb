using Inpaint.Help.Markdown;

namespace Inpaint.Help.Pages;

/// <summary>The help page of one command.</summary>
internal sealed record HelpPage
{
    /// <summary>The command's name.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence.</summary>
    public required string Synopsis { get; init; }

    /// <summary>What it does and why.</summary>
    public required IReadOnlyList<Block> Description { get; init; }

    /// <summary>The examples.</summary>
    public required IReadOnlyList<Entry> Examples { get; init; }

    /// <summary>The parameters, by name without dash.</summary>
    public required IReadOnlyList<Entry> Parameters { get; init; }

    /// <summary>What can be piped in, by type.</summary>
    public required IReadOnlyList<Entry> Inputs { get; init; }

    /// <summary>What comes out, by type.</summary>
    public required IReadOnlyList<Entry> Outputs { get; init; }

    /// <summary>What else is worth knowing.</summary>
    public required IReadOnlyList<Block> Notes { get; init; }

    /// <summary>Where to read on.</summary>
    public required IReadOnlyList<Link> Links { get; init; }
}

/// <summary>What stands below a heading of the third level.</summary>
/// <param name="Line">The heading's line.</param>
/// <param name="Title">The heading.</param>
/// <param name="Body">What stands below it.</param>
internal sealed record Entry(int Line, string Title, IReadOnlyList<Block> Body);
