using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Inpaint.Binding;

/// <summary>
/// Completes inside the hashtable of -Option, and of the -Parameter of Set-InpaintProvider: the names of options, and after the equals sign their values. The shell calls no completer there
/// (CompletionCompleters.CompleteHashtableKey supports a few commands of its own, and values are never completed), so a statement is added to its function TabExpansion2: on import
/// in an interactive session, otherwise at the first completion, because that takes some time. Completion of anything else is unchanged.
/// </summary>
public static class OptionTableCompletion
{
    private const string Statement = "if ($inpaintOptions = [Inpaint.Binding.OptionTableCompletion]::Complete($PSBoundParameters)) { return $inpaintOptions }\n";

    // The sessions whose function has the statement; weak, so that ended sessions are not kept alive.
    private static readonly ConditionalWeakTable<Runspace, object> Changed = [];

    private static readonly TokenKind[] Opening = [TokenKind.AtCurly, TokenKind.LCurly, TokenKind.LParen, TokenKind.AtParen, TokenKind.DollarParen, TokenKind.LBracket];
    private static readonly TokenKind[] Closing = [TokenKind.RCurly, TokenKind.RParen, TokenKind.RBracket];
    private static readonly TokenKind[] Separators = [TokenKind.Semi, TokenKind.NewLine, TokenKind.Pipe, TokenKind.AndAnd, TokenKind.OrOr, TokenKind.Equals];

    /// <summary>Completes what is typed.</summary>
    /// <param name="arguments">The arguments of TabExpansion2: a script and the cursor's position, or the parsed script.</param>
    /// <returns>The completions; null where the cursor is not inside such a hashtable, or its provider is unknown.</returns>
    public static CommandCompletion? Complete(IDictionary arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        try
        {
            return arguments["inputScript"] is string script
                ? Complete(script, arguments["cursorColumn"] as int? ?? script.Length)
                : arguments["ast"] is Ast ast && arguments["positionOfCursor"] is IScriptPosition cursor ? Complete(ast.Extent.Text, cursor.Offset) : null;
        }
        catch (InpaintException)
        {
            // For example, the state folder cannot be read. Completion does not report errors.
            return null;
        }
    }

    /// <summary>Adds the statement to TabExpansion2 in an interactive session. A script completes nothing, and is not slowed down.</summary>
    internal static void InstallWhereLinesAreRead()
    {
        if (AppDomain.CurrentDomain.GetAssemblies().Any(assembly => assembly.GetName().Name == "Microsoft.PowerShell.PSReadLine"))
        {
            Install();
        }
    }

    /// <summary>Adds the statement to the session's TabExpansion2, once.</summary>
    internal static void Install()
    {
        if (Runspace.DefaultRunspace is { } session && Changed.TryAdd(session, session))
        {
            Change(Insert);
        }
    }

    private static string? Insert(ScriptBlock function)
    {
        string text = function.ToString();
        ScriptBlockAst? body = function.Ast as ScriptBlockAst ?? (function.Ast as FunctionDefinitionAst)?.Body;
        string? first = body?.EndBlock?.Statements.FirstOrDefault()?.Extent.Text;
        return first is null || text.Contains(Statement, StringComparison.Ordinal) || text.IndexOf(first, StringComparison.Ordinal) is not (>= 0 and int at) ? null : text.Insert(at, Statement);
    }

    /// <summary>Removes the statement.</summary>
    internal static void Uninstall()
    {
        if (Runspace.DefaultRunspace is { } session && Changed.Remove(session))
        {
            Change(function => function.ToString() is { } text && text.Contains(Statement, StringComparison.Ordinal) ? text.Replace(Statement, "", StringComparison.Ordinal) : null);
        }
    }

    private static void Change(Func<ScriptBlock, string?> change)
    {
        if (Runspace.DefaultRunspace?.SessionStateProxy.LanguageMode != PSLanguageMode.FullLanguage)
        {
            return;
        }

        try
        {
            using PowerShell shell = PowerShell.Create(RunspaceMode.CurrentRunspace);

            // Read by variable notation, because Get-Item would load another module of the shell on each import.
            ScriptBlock? function = shell.AddScript("$function:TabExpansion2").Invoke<ScriptBlock>().FirstOrDefault();
            if (function is not null && change(function) is { } text)
            {
                shell.Commands.Clear();
                shell.AddScript("param($text) $function:global:TabExpansion2 = $text").AddArgument(ScriptBlock.Create(text)).Invoke();
            }
        }
        catch (RuntimeException)
        {
            // In a session whose functions cannot be changed, these completions are missing.
        }
    }

    private static CommandCompletion? Complete(string script, int cursor)
    {
        if (!script.Contains("Inpaint", StringComparison.OrdinalIgnoreCase) || !script.Contains("@{", StringComparison.Ordinal))
        {
            return null;
        }

        Parser.ParseInput(script, out Token[] all, out _);
        Token[] before = [.. all.Where(token => token.Extent.StartOffset < cursor && token.Kind is not (TokenKind.EndOfInput or TokenKind.Comment or TokenKind.LineContinuation))];
        int open = IndexOfOpen(before);
        if (open < 2 || before[open].Kind != TokenKind.AtCurly || before[open - 1] is not ParameterToken { ParameterName.Length: > 0 } given)
        {
            return null;
        }

        (string? command, Hashtable bound) = CommandOf(before[..(open - 1)]);
        string parameter = string.Equals(command, "Set-InpaintProvider", StringComparison.OrdinalIgnoreCase) ? "Parameter" : "Option";
        ParameterCapability[] options = command?.Contains("Inpaint", StringComparison.OrdinalIgnoreCase) == true && parameter.StartsWith(given.ParameterName, StringComparison.OrdinalIgnoreCase)
            ? [.. OptionCompleter.EntriesOf(command, parameter, bound)]
            : [];
        return options.Length == 0 ? null : CompleteEntry(script, cursor, before[(open + 1)..], options);
    }

    /// <summary>The index of the innermost bracket that is open at the cursor.</summary>
    private static int IndexOfOpen(Token[] tokens)
    {
        int depth = 0;
        for (int index = tokens.Length - 1; index >= 0; index--)
        {
            depth += Closing.Contains(tokens[index].Kind) ? 1 : Opening.Contains(tokens[index].Kind) ? -1 : 0;
            if (depth < 0)
            {
                return index;
            }
        }

        return -1;
    }

    /// <summary>The command before the hashtable, and its parameters so far.</summary>
    private static (string? Command, Hashtable Bound) CommandOf(Token[] tokens)
    {
        int start = Math.Max(Array.FindLastIndex(tokens, token => Separators.Contains(token.Kind)), IndexOfOpen(tokens)) + 1;
        Hashtable bound = new(StringComparer.OrdinalIgnoreCase);

        // As the first argument of Set-InpaintProvider; other commands are not asked for their -Name.
        if (start + 1 < tokens.Length && tokens[start + 1] is not ParameterToken)
        {
            bound["Name"] = NameOf(tokens[start + 1]);
        }

        for (int index = start; index < tokens.Length - 1; index++)
        {
            if (tokens[index] is ParameterToken { ParameterName: { } name } && tokens[index + 1] is not ParameterToken)
            {
                bound[name] = NameOf(tokens[index + 1]);
            }
        }

        return (start < tokens.Length ? tokens[start].Text : null, bound);
    }

    private static CommandCompletion? CompleteEntry(string script, int cursor, Token[] inside, ParameterCapability[] options)
    {
        int separator = Array.FindLastIndex(inside, token => token.Kind is TokenKind.Semi or TokenKind.NewLine);
        Token[] entry = inside[(separator + 1)..];
        int equals = Array.FindIndex(entry, token => token.Kind == TokenKind.Equals);
        int start = equals >= 0 ? entry[equals].Extent.EndOffset : entry.Length > 0 ? entry[0].Extent.StartOffset : cursor;
        while (start < cursor && char.IsWhiteSpace(script[start]))
        {
            start++;
        }

        string typed = script[start..cursor];
        if (equals < 0)
        {
            string[] taken = [.. inside[..(separator + 1)].Where((token, index) => index + 1 <= separator && inside[index + 1].Kind == TokenKind.Equals).Select(NameOf)];
            return Made(start, typed, options.Where(option => !taken.Contains(option.Name, StringComparer.OrdinalIgnoreCase) && option.Name.StartsWith(typed.Trim('\'', '"'), StringComparison.OrdinalIgnoreCase))
                .Select(option => new CompletionResult(option.Name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_') ? option.Name : $"'{option.Name}'", option.Name, CompletionResultType.Property, OptionCompleter.ToolTipOf(option))));
        }

        string name = equals > 0 ? NameOf(entry[0]) : "";
        if (options.FirstOrDefault(option => string.Equals(option.Name, name, StringComparison.OrdinalIgnoreCase)) is not { } named)
        {
            return null;
        }

        string word = typed.Trim('\'', '"');
        CompletionResult[] values = [.. OptionCompleter.ValuesOf(named).Where(value => value.Trim('\'').StartsWith(word, StringComparison.OrdinalIgnoreCase)).Select(value => new CompletionResult(value, value, CompletionResultType.ParameterValue, OptionCompleter.ToolTipOf(named)))];

        // Variables and expressions are left to the shell; anything else without a match would be completed as a command name.
        return values.Length == 0 && typed.StartsWith('$') ? null : Made(start, typed, values);
    }

    private static string NameOf(Token token) => token is StringToken text ? text.Value : token.Text;

    private static CommandCompletion Made(int start, string typed, IEnumerable<CompletionResult> results) =>
        new(new Collection<CompletionResult>([.. results]), currentMatchIndex: -1, start, typed.Length);
}
