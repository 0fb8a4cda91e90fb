using Xunit;

namespace Inpaint.Tests.Providers;

/// <summary>
/// A document in docs/ whose tables are generated from the capabilities in code. With the environment variable INPAINT_WRITE_DOCS=1, its test writes the tables; otherwise it fails
/// if the committed file differs.
/// </summary>
internal static class GeneratedDocument
{
    private const string Begin = "<!-- tables: generated from the capabilities in code; to update, run the tests with INPAINT_WRITE_DOCS=1 -->";
    private const string End = "<!-- end of tables -->";

    /// <summary>Reads a document.</summary>
    public static string Read(string name) => File.ReadAllText(PathOf(name)).ReplaceLineEndings("\n");

    /// <summary>Compares the tables of a document with what the code says, or writes them.</summary>
    public static void Check(string name, string tables)
    {
        string document = Read(name);
        int begin = document.IndexOf(Begin, StringComparison.Ordinal);
        int end = document.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= 0 && end > begin, $"docs/{name} has lost the comments that enclose the tables.");
        string expected = document[..begin] + Begin + "\n\n" + tables + "\n" + document[end..];
        if (Environment.GetEnvironmentVariable("INPAINT_WRITE_DOCS") == "1")
        {
            File.WriteAllText(PathOf(name), expected);
        }
        else
        {
            Assert.True(expected == document, $"docs/{name} differs from the capabilities in code. Run the tests once with INPAINT_WRITE_DOCS=1 and commit the file.");
        }
    }

    private static string PathOf(string name) => Path.Combine(RepositoryRoot.Path, "docs", name);
}
