using System.Globalization;
using Markdig.Syntax;

namespace Inpaint.Help;

/// <summary>
/// Builds a module's help: <c>Inpaint.Help &lt;module.dll&gt; &lt;folder of pages&gt; &lt;output folder&gt; [reference.dll …]</c>, its manifest:
/// <c>Inpaint.Help release-notes &lt;manifest&gt; &lt;CHANGELOG.md&gt; &lt;output&gt;</c>, and its engine as a shell shows it:
/// <c>Inpaint.Help hide-record-members &lt;assembly&gt; &lt;output&gt;</c>.
/// </summary>
internal static class Program
{
    private static int errors;

    private static int Main(string[] arguments)
    {
        if (arguments is ["release-notes", string manifest, string changelog, string written])
        {
            if (ReleaseNotes.Write(manifest, changelog, written) is { } problem)
            {
                Report(manifest, 1, problem);
            }

            return errors > 0 ? 1 : 0;
        }

        if (arguments is ["hide-record-members", string assembly, string shown])
        {
            RecordMembers.Hide(assembly, shown);
            return 0;
        }

        if (arguments is not [string module, string pages, string output, .. string[] references])
        {
            Console.Error.WriteLine("usage: Inpaint.Help <module.dll> <folder of pages> <output folder> [reference.dll ...]");
            return 2;
        }

        IReadOnlyList<CommandModel> commands = CommandReader.Read(module, references);
        List<(HelpPage Page, CommandModel Command)> described = [];
        Dictionary<string, string> topics = new(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(pages, "*.md").Order(StringComparer.Ordinal))
        {
            try
            {
                ReadPage(file, commands, described, topics);
            }
            catch (PageException e)
            {
                Report(file, e.Line, e.Message);
            }
        }

        foreach (CommandModel command in commands.Where(c => !File.Exists(Path.Combine(pages, c.Name + ".md"))))
        {
            Report(Path.Combine(pages, command.Name + ".md"), 1, $"{command.Name} has no help page.", isError: false);
        }

        if (errors > 0)
        {
            return 1;
        }

        Directory.CreateDirectory(output);
        MamlWriter.Write(Path.Combine(output, Path.GetFileName(module) + "-Help.xml"), described);
        foreach ((string name, string text) in topics)
        {
            File.WriteAllText(Path.Combine(output, name + ".help.txt"), text);
        }

        return 0;
    }

    private static void ReadPage(string file, IReadOnlyList<CommandModel> commands, List<(HelpPage Page, CommandModel Command)> described, Dictionary<string, string> topics)
    {
        string name = Path.GetFileNameWithoutExtension(file);
        IReadOnlyList<Block> blocks = MarkdownPage.Read(File.ReadAllText(file));
        foreach ((int line, string message) in PageCheck.BrokenLinks(blocks, Path.GetDirectoryName(file)!))
        {
            Report(file, line, message);
        }

        if (name.StartsWith("about_", StringComparison.Ordinal))
        {
            topics.Add(name, AboutWriter.Write(blocks, name));
            return;
        }

        HelpPage page = new(blocks, name);
        CommandModel command = commands.FirstOrDefault(c => c.Name == name) ?? throw new PageException(1, $"The module has no command {name}.");
        foreach ((int line, string message) in PageCheck.Mistakes(page, command))
        {
            Report(file, line, message);
        }

        foreach ((int line, string message) in PageCheck.Gaps(page, command))
        {
            Report(file, line, message, isError: false);
        }

        described.Add((page, command));
    }

    // The form in which the build recognises errors and editors jump to them. A gap does not keep anybody from trying a new parameter out; a falsehood does.
    private static void Report(string file, int line, string message, bool isError = true)
    {
        errors += isError ? 1 : 0;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file}({line}): {(isError ? "error" : "warning")} HELP: {message}"));
    }
}
