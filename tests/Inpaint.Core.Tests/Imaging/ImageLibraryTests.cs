using Inpaint.Imaging;
using Xunit;

namespace Inpaint.Tests.Imaging;

/// <summary>The image library behind its one entry.</summary>
public sealed class ImageLibraryTests
{
    [Fact]
    public void Nothing_but_its_folder_names_the_library()
    {
        string source = Path.Combine(RepositoryRoot.Path, "src");
        string[] naming =
        [
            .. Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
                .Where(file => File.ReadAllText(file).Contains("NetVips", StringComparison.Ordinal))
                .Select(file => Path.GetRelativePath(source, file).Replace('\\', '/'))
                .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)),
        ];

        Assert.NotEmpty(naming);
        Assert.All(naming, file => Assert.StartsWith("Inpaint.Pictures/Imaging/Vips/", file, StringComparison.Ordinal));
        string[] users =
        [
            .. Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
                .Where(file => File.ReadAllText(file).Contains("using Inpaint.Imaging.Vips", StringComparison.Ordinal))
                .Select(Path.GetFileName)!,
        ];
        Assert.Equal(["Pictures.cs"], users);
    }
}
