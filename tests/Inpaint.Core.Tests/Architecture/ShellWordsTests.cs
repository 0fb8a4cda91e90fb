using System.Text.RegularExpressions;
using Xunit;

namespace Inpaint.Tests.Architecture;

/// <summary>The engine knows no shell: what it says, in messages and comments, names no cmdlet and no parameter with a dash. Advice for a shell is given by src/Inpaint.</summary>
public sealed partial class ShellWordsTests
{
    private static readonly string SourceFolder = Path.Combine(RepositoryRoot.Path, "src");

    [Fact]
    public void No_message_or_comment_of_the_engine_names_a_command_or_its_parameters()
    {
        IEnumerable<string> found =
            from file in Directory.EnumerateFiles(SourceFolder, "*.cs", SearchOption.AllDirectories)
            where Path.GetRelativePath(SourceFolder, file).Split(Path.DirectorySeparatorChar) is ["Inpaint.Core" or "Inpaint.Pictures", not ("obj" or "bin"), ..]
            from line in File.ReadLines(file).Select((text, index) => (Text: text, Number: index + 1))
            where NamesAShell(line.Text)
            select $"{Path.GetRelativePath(SourceFolder, file)}({line.Number}): {line.Text.Trim()}";

        Assert.Empty(found);
    }

    [Theory]
    [InlineData("throw new($\"Give the key with Set-InpaintProvider.\");", true)]
    [InlineData("RecommendedAction = \"Get-Help tells what it takes.\",", true)]
    [InlineData("RecommendedAction = $\"Download it first: Invoke-WebRequest {url} -OutFile x\",", true)]
    [InlineData("$\"-Strength {value} is out of range.\"", true)]
    [InlineData("\"add -ResizeMask\"", true)]
    [InlineData("/// <summary>By <c>-Provider</c>.</summary>", true)]
    [InlineData("// Set-InpaintProvider keeps it.", true)]
    [InlineData("const string Header = \"Content-Type\";", false)]
    [InlineData("Add(\"X-Fal-Object-Lifecycle-Preference\", value);", false)]
    [InlineData("response.Headers[\"X-Fal-Request-Timeout\"]", false)]
    [InlineData("int left = a -Width;", false)]
    [InlineData("\"sips -s format png\"", false)]
    [InlineData("[GeneratedRegex(\"[A-Z0-9._-]+\")]", false)]
    public void Names_of_commands_and_parameters_are_found(string line, bool isFound) => Assert.Equal(isFound, NamesAShell(line));

    private static bool NamesAShell(string line) => Spoken().Matches(line).Any(text => ShellWord().IsMatch(text.Value));

    /// <summary>String literals and comments.</summary>
    [GeneratedRegex("""("([^"\\]|\\.)*")|(//.*$)""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Spoken();

    [GeneratedRegex("""(?<![-\w])[A-Z][a-z]+-(Inpaint[A-Z]?\w*|Help|ChildItem|WebRequest|Csv|Host|Clixml|Object)\b|(?<=["\s'<>(`])-[A-Z][a-z]+[A-Za-z]*\b""", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ShellWord();
}
