using System.Collections.Concurrent;
using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;

namespace Inpaint.Pipeline;

/// <summary>
/// The files of a command: where each picture goes, by the line, by its row and by its source, and how it gets there. Where pictures go is decided on the pipeline's thread, in the order
/// in which they come; they are saved on any.
/// </summary>
internal sealed class PictureOutput
{
    private readonly ConcurrentDictionary<(string Path, int Position), int> picturesOfFile = new();
    private readonly ConcurrentDictionary<string, byte> written = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> originals = new(StringComparer.Ordinal);
    private readonly List<PlacedItem> atTheEnd = [];
    private readonly BackgroundCommand command;
    private readonly FileItems items;
    private readonly string parameter;
    private readonly OutputTarget? onLine;
    private object? undecided;
    private bool hasSeveral;
    private bool hasWarnedOfColumn;

    /// <summary>Begins the files of a command, as it begins.</summary>
    /// <param name="command">The command.</param>
    /// <param name="parameter">The parameter that says where files go.</param>
    /// <param name="path">Its value on the command line; null when it is not there.</param>
    /// <param name="options">How files are named and written.</param>
    /// <exception cref="InpaintException">OutputWriteFailed, InvalidParameter: the line names no place for files.</exception>
    public PictureOutput(BackgroundCommand command, string parameter, string? path, SaveOptions options)
    {
        this.command = command;
        items = new FileItems(command);
        this.parameter = parameter;
        Options = options;
        onLine = path is null ? null : Resolve(path);
        EnsureWritable(options);
    }

    /// <summary>How files are named and written; items may differ.</summary>
    public SaveOptions Options { get; set => field = value with { Claim = path => written.TryAdd(path, 0) }; }

    /// <summary>Whether the pictures are written as such, by their files, instead of the files.</summary>
    public bool PassThru { get; init; }

    /// <summary>Where an item goes: as the line says, else as its row says, else to the current location.</summary>
    /// <param name="item">A result, a picture or a job.</param>
    /// <param name="path">What its own property says; null for nothing.</param>
    /// <exception cref="InpaintException">OutputWriteFailed, InvalidParameter: it leads to no file or folder, or out of the folder that the line names.</exception>
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
                command.WriteWarning($"-Name determines the file names, so the column {Columns.OutPath} is not read.");
                hasWarnedOfColumn = true;
            }

            return given ?? Resolve(".");
        }

        OutputTarget target = Resolve(column, given?.Folder);
        if (given?.Folder is { } folder && !$"{target.File ?? target.Folder}/".StartsWith($"{folder.TrimEnd('/', '\\')}{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"The column {Columns.OutPath} says '{column}', which is not below the -{parameter} '{folder}'. The picture was not saved.")
            {
                Parameter = Columns.OutPath,
                RecommendedAction = $"Correct the column, or leave -{parameter} out where {Columns.OutPath} says it all.",
            };
        }

        return target;
    }

    /// <summary>Refuses what is certain not to be saved, before it is paid for.</summary>
    /// <exception cref="InpaintException">OutputExists: the file that the line names is there and must not be replaced, or is the picture itself. OutputWriteFailed, InvalidParameter: its row names no place for files.</exception>
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
    /// Places an item. One whose name may be a file's or a folder's waits for whether there is a second: one picture goes into a file, several into a folder. One that takes the place of another
    /// file waits for the end: that file may be the original of a picture still to come.
    /// </summary>
    /// <param name="item">A result, a picture or a job.</param>
    /// <param name="target">Where it goes.</param>
    /// <returns>What can be saved now; this item may come later.</returns>
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

    /// <summary>Places what has waited, when every original is known and none is read any more.</summary>
    /// <returns>What is left to be saved.</returns>
    public IReadOnlyList<PlacedItem> PlaceRest()
    {
        PlacedItem[] only = undecided is { } item ? [.. PlaceAt(item, onLine! with { Folder = null })] : [];
        undecided = null;
        PlacedItem[] rest = [.. only, .. atTheEnd.Select(waiting => waiting with { Options = waiting.Options with { Originals = originals } })];
        atTheEnd.Clear();
        return rest;
    }

    /// <summary>Places a picture of an item. A file that was named is meant for one result; what another one brings was paid for as well, and gets a name of its own.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="options">Where its item goes.</param>
    public PlacedPicture Place(InpaintImage image, SaveOptions options)
    {
        int position = image.GetOrigin().Count > 1 ? image.Index : -1;
        if (options.FilePath is not { } path || picturesOfFile.AddOrUpdate((path, position), 1, (_, number) => number + 1) is not (> 1 and int number))
        {
            return new PlacedPicture(image, options, Warning: null);
        }

        // Not as the pictures of one result are numbered, whose names it must not take.
        string numbered = Path.Combine(Path.GetDirectoryName(path)!, $"{Path.GetFileNameWithoutExtension(path)}_{number}{Path.GetExtension(path)}");
        return new PlacedPicture(
            image,
            options with { FilePath = numbered, NoClobber = !options.Force },
            $"'{path}' is the picture of another result of this command, so that this one goes to '{numbered}'. Give a folder as -{parameter} to name each file after its source.");
    }

    /// <summary>Saves a picture, and writes its file.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="result">The result that it is of, to which the file leads back; null when only the picture is known.</param>
    /// <param name="previous">Done when the file before it is written.</param>
    /// <param name="pipeline">The pipeline.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    /// <returns>When its file is out.</returns>
    /// <exception cref="InpaintException">Why it cannot be saved.</exception>
    public async Task SaveAsync(PlacedPicture picture, InpaintResult? result, Task previous, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        SavedImage saved = await ModuleEngine.Shared.SaveAsync(picture.Image, picture.Options, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Saves the mask that was found for a picture as the mask of that picture, so that the next command finds it. The picture is saved, whatever becomes of its mask.</summary>
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
            return new MaskFile(kept, $"The mask that was found is kept in '{kept}', and cannot be saved beside the picture: {e.Message}");
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
                RecommendedAction = $"Leave out -Name, or give a folder as -{parameter}.",
            };
        }

        EnsureWritable(new SaveOptions { FilePath = target.File });
        return Options.NameTemplate is not null ? target with { File = null } : target;
    }

    private void EnsureWritable(SaveOptions options)
    {
        try
        {
            ModuleEngine.Shared.EnsureWritable(options);
        }
        catch (InpaintException e) when (e.Parameter == "Path" && parameter != "Path")
        {
            throw new InpaintException(e.ErrorId, e.Message, e) { Parameter = parameter, Subject = e.Subject, RecommendedAction = e.RecommendedAction };
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

/// <summary>An item, and where it is saved.</summary>
/// <param name="Item">A result, a picture or a job.</param>
/// <param name="Options">Where and how.</param>
internal sealed record PlacedItem(object Item, SaveOptions Options);

/// <summary>A picture, and where it is saved.</summary>
/// <param name="Image">The picture.</param>
/// <param name="Options">Where and how.</param>
/// <param name="Warning">What is to be said of its place; null for nothing.</param>
internal sealed record PlacedPicture(InpaintImage Image, SaveOptions Options, string? Warning);

/// <summary>What is known of an item before it is saved.</summary>
/// <param name="Source">What it was made from.</param>
/// <param name="Pictures">How many pictures are saved.</param>
/// <param name="PicturesOfResult">How many there are of the result that they belong to, by which they are numbered.</param>
/// <param name="Columns">The columns of its row.</param>
/// <param name="Action">What is done, for who is asked.</param>
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
