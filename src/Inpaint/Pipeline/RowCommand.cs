using System.ComponentModel;
using System.Management.Automation;
using Inpaint.Binding;

namespace Inpaint.Pipeline;

/// <summary>
/// The base of the commands whose parameters may be columns of piped rows. A value that cannot be read is an error of its row, which names row and column; a column that is
/// not used but looks like a misspelt parameter causes one warning.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class RowCommand : BackgroundCommand
{
    /// <summary>The parameter set that takes a picture directly: a path, URL, data URI, bytes, or a result.</summary>
    protected const string ImageSet = "Image";

    /// <summary>The parameter set that takes paths with wildcards.</summary>
    protected const string PathSet = "Path";

    /// <summary>The parameter set that takes literal paths.</summary>
    protected const string LiteralPathSet = "LiteralPath";

    /// <summary>The parameter set that takes pictures, or rows that name them, from the pipeline.</summary>
    protected const string InputObjectSet = "InputObject";

    // Column names for the picture, besides the parameter's own.
    private static readonly string[] PathColumns = ["Path", "LiteralPath", "FullName", "PSPath"];

    private readonly HashSet<string> named = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> seenColumns = new(StringComparer.OrdinalIgnoreCase);
    private bool? isPicture;
    private int row;

    /// <summary>Discards values that an earlier command left behind; this command's parameters are bound next.</summary>
    private protected RowCommand()
    {
        UnreadableCells.Clear();
    }

    /// <summary>The whole object from the pipeline.</summary>
    public virtual PSObject? InputObject
    {
        get;
        set
        {
            // Bound before any other parameter of the item.
            field = value;
            isPicture = null;
            row += value is null ? 0 : 1;
            UnreadableCells.Clear();
        }
    }

    /// <summary>The item as messages name it.</summary>
    private protected string ItemName => $"{(InputObject?.BaseObject is PSCustomObject ? "Row" : "Item")} {row}{(PictureName is { Length: > 0 } name ? $" ({name})" : "")}";

    /// <summary>The name of the current item's picture; null where there is none.</summary>
    private protected virtual string? PictureName => null;

    /// <summary>Whether a piped string names pictures.</summary>
    private protected virtual bool TakesPictures => true;

    /// <summary>Runs before the first item.</summary>
    private protected virtual void Begin()
    {
    }

    /// <summary>Processes an item.</summary>
    private protected abstract void ProcessItem();

    /// <inheritdoc/>
    protected sealed override void BeginProcessing()
    {
        named.UnionWith(MyInvocation.BoundParameters.Keys);
        if (UnreadableCells.Take() is [{ } unreadable, ..])
        {
            ThrowTerminatingError(ErrorRecords.From(this, new InpaintException(InpaintErrorId.InvalidParameter, $"-{unreadable.Column}: {unreadable.Reason}.") { Parameter = unreadable.Column }, unreadable.Column));
        }

        Begin();
    }

    /// <inheritdoc/>
    protected sealed override void ProcessRecord()
    {
        if (UnreadableCells.Take() is { Count: > 0 } unreadable)
        {
            string reasons = string.Join("; ", unreadable.Select(cell => $"column {cell.Column}: {cell.Reason}"));
            WriteFailure(new InpaintException(InpaintErrorId.InvalidParameter, $"{ItemName}, {reasons}. Nothing was sent.") { Parameter = unreadable.Count == 1 ? unreadable[0].Column : null, RecommendedAction = "Correct the value in its row." }, InputObject);
            return;
        }

        WarnOfColumns();
        if (TakesPictures && InputObject?.BaseObject is string text && IsList(text))
        {
            ProcessLines(text);
            return;
        }

        ProcessItem();
    }

    /// <summary>Whether the command line itself names a parameter.</summary>
    private protected bool IsNamed(string parameter) => named.Contains(parameter);

    /// <summary>
    /// A parameter's value, unless it was bound by accident. A piped file or earlier result stands for its picture. Its other properties (a file's size, an array's count, a
    /// result's seed and prompt) say how it was made, not what to make of it; only note properties that a script has added are meant for the new job.
    /// </summary>
    private protected T? Given<T>(string parameter, T? value) =>
        IsNamed(parameter) || !IsPicture || NoteOf(parameter) is not null ? value : default;

    /// <summary>Whether a switch was given, on the command line or by a cell that is not empty.</summary>
    private protected bool IsGiven(string parameter) =>
        IsNamed(parameter)
        || (MyInvocation.BoundParameters.ContainsKey(parameter)
            && !(InputObject?.Properties[parameter] is { } cell && string.IsNullOrWhiteSpace(cell.Value?.ToString()))
            && Given(parameter, value: true));

    /// <summary>The pictures of the command line or the current item. One that is not a picture is an error of the item.</summary>
    /// <param name="parameter">The parameter that takes one picture.</param>
    /// <param name="bound">The value that is bound to it.</param>
    /// <param name="path">Paths with wildcards.</param>
    /// <param name="literalPath">Literal paths.</param>
    private protected IEnumerable<PictureSource> ReadPictures(string parameter, PictureSource? bound, string[]? path = null, string[]? literalPath = null)
    {
        foreach (string text in path ?? literalPath ?? [])
        {
            IReadOnlyList<PictureSource> found = Try(() => path is null ? [PictureSourceTransformationAttribute.Read(text, SessionState.Path)] : FileSystemPaths.Expand(SessionState.Path, text), text) ?? [];
            foreach (PictureSource picture in found)
            {
                yield return picture;
            }
        }

        if (path is null && literalPath is null && Try(() => ReadPicture(parameter, bound) ?? throw NoPicture(parameter), InputObject) is { } one)
        {
            yield return one;
        }
    }

    /// <summary>The picture of the current item: for a piped mask, the picture that the mask is for; else the bound value, or the piped object itself.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="bound">The value that is bound to it.</param>
    /// <returns>The picture; null when there is none.</returns>
    /// <exception cref="InpaintException">InvalidParameter: the value is not a picture.</exception>
    private protected PictureSource? ReadPicture(string parameter, PictureSource? bound)
    {
        try
        {
            return NotedPicture(parameter) ?? bound ?? (PictureValue(parameter) is { } value ? PictureSourceTransformationAttribute.Read(value, SessionState.Path) : null);
        }
        catch (PSInvalidCastException e)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"{ItemName}: {e.Message}", e) { Parameter = parameter, RecommendedAction = "Correct the value in its row, or pipe pictures, or rows with their paths." };
        }
    }

    /// <summary>The object that stands for the current item's picture: the item itself, or the value of its column; null for none.</summary>
    private protected object? PictureValue(string parameter) => InputObject switch
    {
        null => null,
        { } item when IsPicture || item.BaseObject is string or Uri or PictureSource or PictureView => item,
        { } item => PathColumns.Prepend(parameter).Select(name => item.Properties[name]?.Value).FirstOrDefault(value => !string.IsNullOrWhiteSpace(value?.ToString())),
    };

    /// <summary>The name of the current item's picture, whether or not it can be read; null where there is none.</summary>
    private protected string? NameOfPicture(string parameter) =>
        PictureValue(parameter) is { } value ? Pipeline.ItemName.Of(value) ?? (PSObject.AsPSObject(value).BaseObject is string text ? Path.GetFileName(text) : null) : null;

    /// <summary>The error for an item without a picture.</summary>
    private protected InpaintException NoPicture(string parameter) => new(InpaintErrorId.InvalidParameter, $"{ItemName} has no picture. Nothing was sent.")
    {
        Parameter = parameter,
        RecommendedAction = $"Add a column {parameter} with a path, URL or data URI to the rows, or pipe files, paths or results.",
    };

    /// <summary>Reads something; a failure is written as the error of the item.</summary>
    private protected T? Try<T>(Func<T?> read, object? target)
        where T : class
    {
        try
        {
            return read();
        }
        catch (InpaintException e)
        {
            WriteFailure(e, target);
            return null;
        }
    }

    /// <summary>Processes each line of a string as an item of its own, because the text of a clipboard or file may be a list of pictures. Blank lines are skipped.</summary>
    private void ProcessLines(string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            WriteWarning($"{ItemName} is blank, and is skipped.");
            return;
        }

        foreach (string line in text.Split('\n').Where(line => !string.IsNullOrWhiteSpace(line)))
        {
            InputObject = line;
            ProcessItem();
        }
    }

    private bool IsList(string text) =>
        string.IsNullOrWhiteSpace(text)
        || (text.Contains('\n', StringComparison.Ordinal) && !text.StartsWith("data:", StringComparison.OrdinalIgnoreCase) && !File.Exists(FileSystemPaths.Resolve(SessionState.Path, text)));

    /// <summary>The picture that a note property of a piped file names; null for none.</summary>
    private protected PictureSource? NotedPicture(string parameter) =>
        !IsNamed(parameter) && (NoteOf(parameter) ?? (IsFileFromElsewhere ? InputObject!.Properties[parameter] : null))?.Value is { } value ? PictureSourceTransformationAttribute.Read(value, SessionState.Path) : null;

    /// <summary>The columns of the current row, or the note properties of a piped file.</summary>
    private protected IReadOnlyDictionary<string, string> ReadColumns() => IsRow || InputObject?.BaseObject is FileSystemInfo ? Columns.Read(InputObject) : System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    private bool IsRow => InputObject?.BaseObject is PSCustomObject && !IsPicture;

    // A deserialized object has only note properties.
    private bool IsFileFromElsewhere => InputObject is { } item && PictureSourceTransformationAttribute.IsDeserializedFile(item);

    /// <summary>Whether the current item itself stands for a picture. Determined once for an item, because it reads properties by name.</summary>
    private bool IsPicture => isPicture ??= InputObject is { } item && StandsForPicture(item);

    private static bool StandsForPicture(PSObject item) =>
        item.BaseObject is FileSystemInfo or InpaintResult or InpaintImage or Array
        || (item.BaseObject is PSCustomObject && (PSObjectConverter.IsResultOrImage(item) || PictureSourceTransformationAttribute.IsDeserializedFile(item)));

    private PSNoteProperty? NoteOf(string name) =>
        InputObject is { BaseObject: not PSCustomObject } item && item.Properties[name] is PSNoteProperty { IsInstance: true } note ? note : null;

    private void WarnOfColumns()
    {
        if (!IsRow)
        {
            return;
        }

        foreach (string column in InputObject!.Properties.Select(p => p.Name).Where(name => !Columns.NamesFiles(name) && seenColumns.Add(name)))
        {
            ParameterMetadata[] own = [.. MyInvocation.MyCommand.Parameters.Values.Where(p => !CommonParameters.Contains(p.Name) && p.Name != nameof(InputObject))];
            ParameterMetadata? parameter = own.FirstOrDefault(p => p.Aliases.Prepend(p.Name).Contains(column, StringComparer.OrdinalIgnoreCase));
            string? meant = parameter is null ? SimilarName.Find(column, own.Where(IsRead).Select(p => p.Name).Append(Columns.OutPath)) : null;
            if (parameter is not null && !IsRead(parameter))
            {
                WriteWarning($"The column {column} is ignored, because -{parameter.Name} is specified for all rows.");
            }
            else if (meant is not null && !string.Equals(meant, column, StringComparison.OrdinalIgnoreCase))
            {
                WriteWarning($"The column '{column}' is ignored. Did you mean {meant}?");
            }
        }
    }

    private static bool IsRead(ParameterMetadata parameter) => PathColumns.Contains(parameter.Name) || parameter.ParameterSets.Values.Any(set => set.ValueFromPipelineByPropertyName);
}
