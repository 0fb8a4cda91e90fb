namespace Inpaint.Pipeline;

/// <summary>The URLs of the help that <c>Get-Help -Online</c> opens. The manifest contains the same ones.</summary>
internal static class HelpLinks
{
    /// <summary>The project's home page.</summary>
    public const string Project = "https://inpaint.example/";

    /// <summary>The folder of the commands' pages.</summary>
    public const string Commands = Project + "docs/en-US/";
}
