using System.Reflection;
using Inpaint.Engine;
using Inpaint.Http;
using Inpaint.Providers.Planted;
using NetArchTest.Rules;
using Xunit;

namespace Inpaint.Tests.Architecture;

/// <summary>The engine's folders are layers: each depends only on those that docs/architecture.md lists before it, and a namespace is the path of its folder.</summary>
public sealed class LayerTests
{
    private const string RootNamespace = "Inpaint";

    /// <summary>The layers in their order. Those of one row know nothing of each other.</summary>
    private static readonly string[][] Layers = [["Model"], ["Http", "Files"], ["Imaging"], ["Planning"], ["Journal"], ["Results"], ["Providers"], ["Jobs"], ["Pages"], ["Engine"]];

    private static readonly string[] SourceFolders = [Path.Combine(RepositoryRoot.Path, "src", "Inpaint.Pictures"), Path.Combine(RepositoryRoot.Path, "src", "Inpaint.Core")];

    private static readonly Assembly[] Assemblies = [typeof(InpaintRequest).Assembly, typeof(InpaintEngine).Assembly];

    public static TheoryData<string> LayerNames => [.. Layers.SelectMany(row => row)];

    [Theory]
    [MemberData(nameof(LayerNames))]
    public void A_layer_depends_only_on_those_before_it(string layer) => Assert.Empty(Assemblies.SelectMany(assembly => UpwardDependencies(assembly, layer)));

    [Fact]
    public void No_provider_depends_on_another()
    {
        string[] providers = [.. Directory.GetDirectories(Path.Combine(SourceFolders[^1], "Providers")).Select(Path.GetFileName).OfType<string>().Where(name => name != "Shared")];
        Assert.NotEmpty(providers);
        Assert.All(providers.Append("Shared"), name => Assert.Empty(DependenciesOnOtherProviders(typeof(InpaintEngine).Assembly, name, providers)));
    }

    [Fact]
    public void A_dependency_on_another_provider_is_found()
    {
        IEnumerable<string> found = DependenciesOnOtherProviders(typeof(Inpaint.Providers.Planted.PlantedProvider).Assembly, "Planted", ["Planted", "Local"]);
        Assert.Equal([typeof(Inpaint.Providers.Planted.PlantedProvider).FullName], found);
    }

    [Fact]
    public void A_dependency_on_a_later_layer_is_found()
    {
        IEnumerable<string> found = UpwardDependencies(typeof(Inpaint.Http.PlantedDependency).Assembly, "Http");
        Assert.Equal([typeof(Inpaint.Http.PlantedDependency).FullName], found);
    }

    [Fact]
    public void Every_folder_is_a_layer()
    {
        string[] folders = [.. SourceFiles().Select(file => file.Folders[0]).Distinct(StringComparer.Ordinal)];
        Assert.Equal(Layers.SelectMany(row => row).Order(StringComparer.Ordinal), folders.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_diagram_shows_the_layers()
    {
        string diagram = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "architecture.md"));
        Assert.Contains(string.Join(" < ", Layers.Select(row => string.Join(", ", row))), diagram, StringComparison.Ordinal);
    }

    [Fact]
    public void A_namespace_is_the_path_of_its_folder()
    {
        foreach ((string file, string[] folders) in SourceFiles())
        {
            // What scripts name, such as [Inpaint.InpaintJob], has the root namespace.
            string expected = string.Join('.', folders is ["Model"] ? [RootNamespace] : folders.Prepend(RootNamespace));
            string line = File.ReadLines(file).First(text => text.StartsWith("namespace ", StringComparison.Ordinal));
            Assert.True(line == $"namespace {expected};", $"{file} says '{line}' and lies in the folder of {expected}.");
        }
    }

    private static IEnumerable<(string File, string[] Folders)> SourceFiles() =>
        from source in SourceFolders
        from file in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories)
        let folders = Path.GetRelativePath(source, file).Split(Path.DirectorySeparatorChar)[..^1]
        where folders is not ["obj" or "bin", ..]
        select (file, folders);

    /// <summary>The types of a provider's folder that depend on another's; those of Shared, which all may use, on any.</summary>
    private static IEnumerable<string> DependenciesOnOtherProviders(Assembly assembly, string folder, string[] all) => Types.InAssembly(assembly)
        .That().ResideInNamespaceMatching($@"^Inpaint\.Providers\.{folder}(\.|$)")
        .Should().NotHaveDependencyOnAny([.. all.Where(name => name != folder).Select(name => $"{RootNamespace}.Providers.{name}")])
        .GetResult()
        .FailingTypes.Select(type => type.FullName);

    private static IEnumerable<string> UpwardDependencies(Assembly assembly, string layer)
    {
        int row = Array.FindIndex(Layers, names => names.Contains(layer));
        string[] forbidden = [.. Layers[row..].SelectMany(names => names).Where(name => name != layer).Select(name => $"{RootNamespace}.{name}")];
        return Types.InAssembly(assembly)
            .That().ResideInNamespaceMatching(layer == "Model" ? "^Inpaint$" : $@"^Inpaint\.{layer}(\.|$)")
            .Should().NotHaveDependencyOnAny(forbidden)
            .GetResult()
            .FailingTypes.Select(type => type.FullName);
    }
}
