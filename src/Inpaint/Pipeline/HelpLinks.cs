namespace Inpaint.Pipeline;

/// <summary>Where the help is that <c>Get-Help -Online</c> opens. The manifest names the same place.</summary>
internal static class HelpLinks
{
    /// <summary>The project's page.</summary>
    public const string Project = "https://inpaint.example/";

    /// <summary>The folder of the commands' pages.</summary>
    public const string Commands = Project + "docs/en-US/";
}
