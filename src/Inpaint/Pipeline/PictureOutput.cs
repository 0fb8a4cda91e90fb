using System.Collections.Concurrent;
using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;

namespace Inpaint.Pipeline;

/// <summary>
/// The output files of a command: their destination, by the command line, the row and the source, and how they are written. Destinations are decided on the pipeline's thread, in
/// the order of the pictures; the files are saved on any thread.
/// </summary>
internal sealed class PictureOutput
{
    private readonly ConcurrentDictionary<(string Path, int Position), int> picturesOfFile = new();
    private readonly HashSet<string> written = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> originals = new(StringComparer.Ordinal);
    private readonly List<PlacedItem> atTheEnd = [];
    private readonly BackgroundCommand command;
    private readonly FileItems items;
    private readonly string parameter;
    private readonly OutputTarget? onLine;
    private object? undecided;
    private bool hasSeveral;
    private bool hasWarnedOfColumn;

    /// <summary>Creates the output of a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="parameter">The parameter that names the destination.</param>
    /// <param name="path">Its value on the command line; null when it is not given there.</param>
    /// <param name="options">How files are named and written.</param>
    /// <exception cref="InpaintException">OutputWriteFailed, InvalidParameter: the command line names no valid destination.</exception>
    public PictureOutput(BackgroundCommand command, string parameter, string? path, SaveOptions options)
    {
        this.command = command;
        items = new FileItems(command);
        this.parameter = parameter;
        Options = options;
        onLine = path is null ? null : Resolve(path);
        EnsureWritable(options);
    }

    /// <summary>How files are named and written; may differ between items.</summary>
    public SaveOptions Options { get; set => field = value with { Claim = Claim }; }

    /// <summary>Whether the pictures, with their new paths, are written instead of the files.</summary>
    public bool PassThru { get; init; }

    /// <summary>The destination of an item: that of the command line, else of its row, else the current location.</summary>
    /// <param name="item">A result, a picture or a job.</param>
    /// <param name="path">The value of its own property; null for none.</param>
    /// <exception cref="InpaintException">OutputWriteFailed, InvalidParameter: it is not a file or folder, or is outside the folder on the command line.</exception>
    public OutputTarget TargetOf(object item, string? path = null)
    {
        ItemToSave about = ItemToSave.Of(item);
        if (about.Source is { } source && Path.IsPathFullyQualified(source))
        {
            originals.Add(source);
        }

        OutputTarget? given = onLine ?? (path is null ? null : Resolve(path));
        if (given is { File: not null, IsEither: false } || !about.Columns.TryGetValue(Columns.OutPath, out string? column) || column.Length == 0)
        {
            return given ?? Resolve(".");
        }

        if (Options.NameTemplate is not null)
        {
            if (!hasWarnedOfColumn)
            {
                command.WriteWarning($"-Name determines the file names, so the column {Columns.OutPath} is ignored.");
                hasWarnedOfColumn = true;
            }

            return given ?? Resolve(".");
        }

        OutputTarget target = Resolve(column, given?.Folder);
        if (given?.Folder is { } folder && !$"{target.File ?? target.Folder}/".StartsWith($"{folder.TrimEnd('/', '\\')}{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"The column {Columns.OutPath} has '{column}', which is not inside the -{parameter} '{folder}'. The picture was not saved.")
            {
                Parameter = Columns.OutPath,
                RecommendedAction = $"Correct the column, or leave out -{parameter} if {Columns.OutPath} has complete paths.",
            };
        }

        return target;
    }

    /// <summary>Refuses an item that certainly cannot be saved, before it is paid for.</summary>
    /// <exception cref="InpaintException">OutputExists: the file on the command line exists and must not be replaced, or is the picture itself. OutputWriteFailed, InvalidParameter: its row names no valid destination.</exception>
    public void EnsureSavable(InpaintRequest request)
    {
        OutputTarget target = TargetOf(new InpaintJob { Columns = request.Columns });
        if (target.File is not { } file || target.IsEither || Options.Force)
        {
            return;
        }

        string? taken = ModuleEngine.Shared.SavePathsFor(file, request.Count ?? 1).FirstOrDefault(path => Options.NoClobber ? File.Exists(path) : request.Image is { } picture && ModuleEngine.Shared.WouldReplace(path, picture));
        if (taken is not null)
        {
            throw new InpaintException(InpaintErrorId.OutputExists, $"'{taken}' {(Options.NoClobber ? "exists" : "is the picture itself")}, and is not replaced. Nothing was sent.")
            {
                Subject = taken,
                RecommendedAction = $"Choose another -{parameter}, or add -Force if the file is no longer needed.",
            };
        }
    }

    /// <summary>
    /// Places an item. If the name may be that of a file or a folder, the first item waits until it is known whether there is a second: one picture goes to a file, several go to a folder. An item
    /// that would replace another file waits for the end, because that file may be the original of a later picture.
    /// </summary>
    /// <param name="item">A result, a picture or a job.</param>
    /// <param name="target">Its destination.</param>
    /// <returns>The items that can be saved now; this one may come later.</returns>
    public IEnumerable<PlacedItem> Place(object item, OutputTarget target)
    {
        int pictures = ItemToSave.Of(item).Pictures;
        if (!target.IsEither || !ReferenceEquals(target, onLine))
        {
            return PlaceAt(item, !target.IsEither ? target : pictures > 1 ? target with { File = null } : target with { Folder = null });
        }

        if (!hasSeveral && undecided is null && pictures == 1)
        {
            undecided = item;
            return [];
        }

        hasSeveral = true;
        OutputTarget folder = target with { File = null };
        object? first = undecided;
        undecided = null;
        return [.. first is null ? [] : PlaceAt(first, folder), .. PlaceAt(item, folder)];
    }

    /// <summary>Places the items that waited, when every original is known and none will be read again.</summary>
    /// <returns>The remaining items to save.</returns>
    public IReadOnlyList<PlacedItem> PlaceRest()
    {
        PlacedItem[] only = undecided is { } item ? [.. PlaceAt(item, onLine! with { Folder = null })] : [];
        undecided = null;
        PlacedItem[] rest = [.. only, .. atTheEnd.Select(waiting => waiting with { Options = waiting.Options with { Originals = originals } })];
        atTheEnd.Clear();
        return rest;
    }

    /// <summary>Places a picture of an item. A named file is meant for one result; the picture of another was paid for, too, and gets a name of its own.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="options">The destination of its item.</param>
    public PlacedPicture Place(InpaintImage image, SaveOptions options)
    {
        int position = image.GetOrigin().Count > 1 ? image.Index : -1;
        if (options.FilePath is not { } path || picturesOfFile.AddOrUpdate((path, position), 1, (_, number) => number + 1) is not (> 1 and int number))
        {
            return new PlacedPicture(image, options, Warning: null);
        }

        // An underscore, because the pictures of one result are numbered with a hyphen.
        string numbered = Path.Combine(Path.GetDirectoryName(path)!, $"{Path.GetFileNameWithoutExtension(path)}_{number}{Path.GetExtension(path)}");
        return new PlacedPicture(
            image,
            options with { FilePath = numbered, NoClobber = !options.Force },
            $"'{path}' is used by another result of this command, so this one is saved as '{numbered}'. Specify a folder as -{parameter} to name each file after its source.");
    }

    /// <summary>Saves a picture, and writes its file to the pipeline.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="result">The result that it belongs to, which is attached to the file; null when only the picture is known.</param>
    /// <param name="previous">Completes when the previous file is written to the pipeline.</param>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    /// <exception cref="InpaintException">It cannot be saved.</exception>
    public async Task SaveAsync(PlacedPicture picture, InpaintResult? result, Task previous, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        SavedImage saved;
        try
        {
            saved = await ModuleEngine.Shared.SaveAsync(picture.Image, picture.Options, cancellationToken).ConfigureAwait(false);
        }
        catch (InpaintException e) when (e.Parameter == nameof(SaveOptions.FilePath))
        {
            throw e.WithParameter(parameter);
        }

        command.Jobs.Log?.Saved(picture.Image, saved.Path);
        MaskFile? mask = result?.MaskPath is { } kept && picture.Image.Index == result.Images[0].Index ? await SaveMaskAsync(kept, saved.Path, picture.Options.Force, cancellationToken).ConfigureAwait(false) : null;
        result = mask is null ? result : result! with { MaskPath = mask.Path };
        await previous.WaitAsync(cancellationToken).ConfigureAwait(false);
        await pipeline.WriteAsync(
            command =>
            {
                foreach (string said in new[] { picture.Warning, saved.Warning, mask?.Warning }.OfType<string>())
                {
                    command.WriteWarning(said);
                }

                if (PassThru)
                {
                    command.WriteObject(picture.Image with { Url = new Uri(saved.Path).AbsoluteUri });
                    return;
                }

                PSObject file = items.Get(saved.Path);
                file.Properties.Add(new PSNoteProperty("Inpaint", (object?)result ?? picture.Image), preValidated: true);
                command.WriteObject(file);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Saves the mask that was found for a picture next to it, under the name by which commands find it. A mask that cannot be saved does not fail the picture.</summary>
    private static async Task<MaskFile> SaveMaskAsync(string kept, string picture, bool force, CancellationToken cancellationToken)
    {
        try
        {
            MaskRecipe recipe = new() { Mask = PictureSource.FromFile(kept) };
            string path = ModuleEngine.Shared.MaskPathFor(new MaskRecipe { Image = PictureSource.FromFile(picture) }, folder: null, Path.GetDirectoryName(picture)!);
            string free = path;
            for (int number = 2; !force && File.Exists(free); number++)
            {
                free = Path.Combine(Path.GetDirectoryName(path)!, $"{Path.GetFileNameWithoutExtension(path)}-{number}{Path.GetExtension(path)}");
            }

            return await ModuleEngine.Shared.SaveMaskAsync(recipe, free, overwrite: force, force, cancellationToken).ConfigureAwait(false);
        }
        catch (InpaintException e)
        {
            return new MaskFile(kept, $"The mask that was found is kept in '{kept}', and cannot be saved in the folder of the picture: {e.Message}");
        }
    }

    private OutputTarget Resolve(string path, string? folder = null)
    {
        OutputTarget target = OutputTarget.Resolve(command.SessionState.Path, path, folder);
        if (target is { File: not null, IsEither: false } && Options.NameTemplate is { } name)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"-Name '{name}' names files in a folder, and '{path}' is a file. Nothing was saved.")
            {
                Parameter = "Name",
                RecommendedAction = $"Leave out -Name, or specify a folder as -{parameter}.",
            };
        }

        EnsureWritable(new SaveOptions { FilePath = target.File });
        return Options.NameTemplate is not null ? target with { File = null } : target;
    }

    private bool Claim(string path)
    {
        lock (written)
        {
            return written.Add(path);
        }
    }

    private void EnsureWritable(SaveOptions options)
    {
        try
        {
            ModuleEngine.Shared.EnsureWritable(options);
        }
        catch (InpaintException e) when (e.Parameter == nameof(SaveOptions.FilePath))
        {
            throw e.WithParameter(parameter);
        }
    }

    private IEnumerable<PlacedItem> PlaceAt(object item, OutputTarget target)
    {
        PlacedItem placed = new(item, Options with { Folder = target.Folder, FilePath = target.File });
        if (target.File is { } file && !Options.Force && !Options.NoClobber && ModuleEngine.Shared.SavePathsFor(file, ItemToSave.Of(item).PicturesOfResult).Any(File.Exists))
        {
            atTheEnd.Add(placed);
            return [];
        }

        return [placed];
    }
}

/// <summary>An item and its destination.</summary>
/// <param name="Item">A result, a picture or a job.</param>
/// <param name="Options">The destination, and how it is written.</param>
internal sealed record PlacedItem(object Item, SaveOptions Options);

/// <summary>A picture and its destination.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Options">The destination, and how it is written.</param>
/// <param name="Warning">A warning about the destination; null for none.</param>
internal sealed record PlacedPicture(InpaintImage Image, SaveOptions Options, string? Warning);

/// <summary>The properties of an item that matter before it is saved.</summary>
/// <param name="Source">The path or URL of its source.</param>
/// <param name="Pictures">The number of pictures to save.</param>
/// <param name="PicturesOfResult">The number of pictures of the whole result, by which they are numbered.</param>
/// <param name="Columns">The columns of its row.</param>
/// <param name="Action">The action that is confirmed.</param>
internal sealed record ItemToSave(string? Source, int Pictures, int PicturesOfResult, IReadOnlyDictionary<string, string> Columns, string Action)
{
    /// <summary>Describes an item.</summary>
    /// <param name="item">A result, a picture or a job.</param>
    public static ItemToSave Of(object item) => item switch
    {
        InpaintImage image => new ItemToSave(image.GetOrigin().Source, 1, image.GetOrigin().Count, image.GetOrigin().Columns, $"Save picture {PlainText.WithoutUrlQueries(image.Url)}"),
        InpaintResult result => new ItemToSave(result.Job.Source, result.Images.Count, result.Images.Count, result.Job.Columns, $"Save {result.Images.Count} picture(s) of job {result.Job.Id}"),
        InpaintJob job => new ItemToSave(job.Source, job.Count, job.Count, job.Columns, $"Save the pictures of job {job.Id}"),
        _ => throw new ArgumentException("It is neither a picture, a result nor a job.", nameof(item)),
    };
}
