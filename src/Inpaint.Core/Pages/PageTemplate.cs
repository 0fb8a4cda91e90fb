using System.Security.Cryptography;
using System.Text;

namespace Inpaint.Pages;

/// <summary>A page whose HTML, style sheet and scripts are separate resources of the assembly, combined into one file for the browser.</summary>
internal sealed class PageTemplate
{
    private PageTemplate(string html, string policy)
    {
        Html = html;
        Policy = policy;
    }

    /// <summary>The whole page.</summary>
    public string Html { get; }

    /// <summary>The directives of a Content-Security-Policy that allow only this page's own style sheet and script, by their hashes.</summary>
    public string Policy { get; }

    /// <summary>Loads a page.</summary>
    /// <param name="folder">The folder of its files.</param>
    /// <param name="page">The name of its HTML and CSS files.</param>
    /// <param name="scripts">The names of its scripts, in order.</param>
    public static PageTemplate Load(string folder, string page, params string[] scripts)
    {
        string style = Read($"{folder}.{page}.css");
        string script = $"\"use strict\";\n{string.Join('\n', scripts.Select(name => Read($"{folder}.{name}.js")))}";
        string html = Read($"{folder}.{page}.html")
            .Replace("<!-- style -->", $"<style>{style}</style>", StringComparison.Ordinal)
            .Replace("<!-- script -->", $"<script>{script}</script>", StringComparison.Ordinal);
        return new PageTemplate(html, $"default-src 'none'; script-src {HashOf(script)}; style-src {HashOf(style)}; base-uri 'none'; form-action 'none'");
    }

    private static string HashOf(string text) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";

    // Browsers normalise CRLF to LF before hashing, and a checkout on Windows may contain CRLF.
    private static string Read(string name)
    {
        using Stream stream = typeof(PageTemplate).Assembly.GetManifestResourceStream($"Inpaint.Pages.{name}")
            ?? throw new InvalidOperationException($"The resource {name} is missing from the assembly.");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
