using System.Text.Json.Nodes;

namespace Inpaint.Tests.Fixtures;

/// <summary>Bodies as the services' documentation prints them.</summary>
internal static class Fixture
{
    /// <summary>Reads a body's text.</summary>
    /// <param name="name">Folder and name without the extension, such as <c>ModelsLab/inpaint-request</c>.</param>
    public static string Text(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Fixtures", name + ".json"));

    /// <summary>Reads a body.</summary>
    /// <param name="name">Folder and name without the extension.</param>
    public static JsonObject Json(string name) => JsonNode.Parse(Text(name))!.AsObject();
}
