using System.Collections.Concurrent;
using System.Management.Automation;
using System.Security;
using Inpaint.Binding;
using Inpaint.Engine;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Saves the pictures of results and jobs to files, each whole or not at all.</summary>
[Cmdlet(VerbsData.Save, "InpaintImage", HelpUri = HelpLinks.Commands + "Save-InpaintImage.md", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo), typeof(InpaintImage))]
public sealed class SaveInpaintImageCommand : BackgroundCommand
{
    private readonly ConcurrentDictionary<(string Path, int Position), int> picturesOfFile = new();
    private readonly HashSet<string> originals = new(StringComparer.Ordinal);
    private readonly List<(object Item, SaveOptions Options)> atTheEnd = [];
    private CommandKey key = null!;
    private OutputTarget? onLine;
    private object? undecided;
    private bool hasSeveral;
    private bool hasWarnedOfColumn;

    /// <summary>Results, pictures or jobs; jobs are waited for.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [SavableTransformation]
    public object[] InputObject { get; set; } = null!;

    /// <summary>A folder, or a file's name; where the OutPath column of the job's row says when not given, else the present location.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [Alias("LiteralPath", "Destination", "OutPath")]
    public string? Path { get; set; }

    /// <summary>The files' name in a folder: {Source} {Operation} {Seed} {Index} {Id} {Provider} {Model} {Date}, and the columns of the job's row.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Makes an existing file an error.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Replaces existing files, read-only ones and the originals of the pictures too.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Emits the pictures in their files, instead of the files.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Quality of a JPEG, WebP or AVIF, 1 to 100.</summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int? Quality { get; set; }

    /// <summary>What is written about the pictures' making.</summary>
    [Parameter]
    public MetadataMode Metadata { get; set; }

    /// <summary>How many pictures may be fetched at once.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = 4;

    /// <summary>Longest time to wait for a job, in seconds; 0 for no limit.</summary>
    [Parameter]
    [ValidateRange(0, TimeLimit.MaximumSeconds)]
    public int TimeoutSec { get; set; }

    /// <summary>The key for jobs that are waited for, when it is not the one set or found in the environment.</summary>
    [Parameter]
    [SecureStringTransformation]
    public SecureString? ApiKey { get; set; }

    private protected override int ConcurrencyLimit => ThrottleLimit;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        key = TakeKey(ApiKey, provider: null);

        // What is wrong with the line is said before the commands ahead of it pay for anything.
        onLine = OrTerminate(() => Path is null ? null : Resolve(Path), Path);
        OrTerminate(() => ModuleEngine.Shared.EnsureWritable(new SaveOptions { NameTemplate = Name }), Path ?? Name);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (object given in InputObject)
        {
            SaveItem(given);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (undecided is { } only)
        {
            SaveTo(only, Piece.Of(only), onLine! with { Folder = null });
        }

        // By now every original is known, and none is read any more.
        foreach ((object item, SaveOptions options) in atTheEnd)
        {
            Save(item, options with { Originals = originals });
        }

        SettleKey(key);
        base.EndProcessing();
    }

    private void SaveItem(object given)
    {
        try
        {
            object item = given is InpaintJob job ? JobCommand.Complete(job, job.Provider) : given;
            Piece piece = Piece.Of(item);
            if (piece.Source is { } source && System.IO.Path.IsPathFullyQualified(source))
            {
                originals.Add(source);
            }

            OutputTarget target = TargetOf(piece);
            if (ShouldProcess(target.File ?? target.Folder!, piece.Action))
            {
                SaveOrWait(item, piece, target);
            }
        }
        catch (InpaintException e)
        {
            WriteFailure(e, given is InpaintJob { Provider.Length: 0 } unknown ? unknown.Id : given);
        }
    }

    /// <summary>Where an item goes: as the line says, else as its row says, else here.</summary>
    private OutputTarget TargetOf(Piece piece)
    {
        OutputTarget? given = onLine ?? (Path is null ? null : Resolve(Path));
        if (given is { File: not null, IsEither: false } || !piece.Columns.TryGetValue(Columns.OutPath, out string? column) || column.Length == 0)
        {
            return given ?? Resolve(".");
        }

        if (Name is not null)
        {
            if (!hasWarnedOfColumn)
            {
                WriteWarning($"-Name says how files are called, so that the column {Columns.OutPath} is not read.");
                hasWarnedOfColumn = true;
            }

            return given ?? Resolve(".");
        }

        OutputTarget target = Resolve(column, given?.Folder);
        if (given?.Folder is { } folder && !$"{target.File ?? target.Folder}/".StartsWith($"{folder.TrimEnd('/', '\\')}{System.IO.Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"The column {Columns.OutPath} says '{column}', which is not below the -Path '{folder}'. The picture was not saved.")
            {
                Parameter = Columns.OutPath,
                RecommendedAction = $"Correct the column, or leave -Path out where {Columns.OutPath} says it all.",
            };
        }

        return target;
    }

    private OutputTarget Resolve(string path, string? folder = null)
    {
        OutputTarget target = OutputTarget.Resolve(SessionState.Path, path, folder);
        if (target is { File: not null, IsEither: false } && Name is not null)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"-Name '{Name}' names files in a folder, and '{path}' is a file. Nothing was saved.")
            {
                Parameter = nameof(Name),
                RecommendedAction = "Leave out -Name, or give a folder as -Path.",
            };
        }

        ModuleEngine.Shared.EnsureWritable(new SaveOptions { FilePath = target.File });
        return Name is not null ? target with { File = null } : target;
    }

    /// <summary>Decides what a name means that may be a file or a folder: one picture goes into a file, several into a folder. The first waits for whether there is a second.</summary>
    private void SaveOrWait(object item, Piece piece, OutputTarget target)
    {
        if (target.IsEither && !hasSeveral && undecided is null && piece.Pictures == 1 && ReferenceEquals(target, onLine))
        {
            undecided = item;
            return;
        }

        if (ReferenceEquals(target, onLine) && target.IsEither)
        {
            hasSeveral = true;
            if (undecided is { } first)
            {
                undecided = null;
                SaveTo(first, Piece.Of(first), target with { File = null });
            }
        }

        SaveTo(item, piece, !target.IsEither ? target : hasSeveral || piece.Pictures > 1 ? target with { File = null } : target with { Folder = null });
    }

    private void SaveTo(object item, Piece piece, OutputTarget target)
    {
        SaveOptions options = new()
        {
            Folder = target.Folder,
            FilePath = target.File,
            NameTemplate = Name,
            NoClobber = NoClobber.IsPresent,
            Force = Force.IsPresent,
            Metadata = Metadata,
            Quality = Quality,
        };

        // What takes the place of another file waits: that file may be the original of a picture still to come.
        if (target.File is { } file && !Force && !NoClobber && ModuleEngine.Shared.SavePathsFor(file, piece.PicturesOfResult).Any(File.Exists))
        {
            atTheEnd.Add((item, options));
            return;
        }

        Save(item, options);
    }

    private void Save(object item, SaveOptions options)
    {
        switch (item)
        {
            case InpaintImage image:
                SaveAll([image], options);
                break;
            case InpaintResult result:
                SaveAll(result.Images, options);
                break;
            default:
                InpaintJob job = (InpaintJob)item;
                key.Begin(job.Provider, () => Start(job, (pipeline, cancellationToken) => ReceiveAndSaveAsync(job, options, pipeline, cancellationToken)));
                break;
        }
    }

    private async Task ReceiveAndSaveAsync(InpaintJob job, SaveOptions options, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        using JobProgress progress = new(pipeline, job);
        InpaintResult? result = await ModuleEngine.Shared
            .ReceiveAsync(job, wait: true, new RunOptions { Timeout = TimeLimit.FromSeconds(TimeoutSec), Events = progress, ApiKey = key.For(job.Provider) }, cancellationToken).ConfigureAwait(false);
        foreach (InpaintImage image in result?.Images ?? [])
        {
            await SaveAsync(image, PlaceFor(image, options), Task.CompletedTask, pipeline, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Saves the pictures of one result side by side. Their files come out in the order of the pictures.</summary>
    private void SaveAll(IReadOnlyList<InpaintImage> images, SaveOptions options)
    {
        Task before = Task.CompletedTask;
        foreach (InpaintImage image in images)
        {
            Task previous = before;
            Place place = PlaceFor(image, options);
            TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
            before = done.Task;
            Start(image, async (pipeline, cancellationToken) =>
            {
                try
                {
                    await SaveAsync(image, place, previous, pipeline, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    done.SetResult();
                }
            });
        }
    }

    /// <summary>A file that was named is meant for one result. What another one brings was paid for as well, and gets a name of its own.</summary>
    private Place PlaceFor(InpaintImage image, SaveOptions options)
    {
        int position = image.Origin.Count > 1 ? image.Index : -1;
        if (options.FilePath is not { } path || picturesOfFile.AddOrUpdate((path, position), 1, (_, number) => number + 1) is not (> 1 and int number))
        {
            return new Place(options, Warning: null);
        }

        // Not as the pictures of one result are numbered, whose names it must not take.
        string numbered = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(path)!, $"{System.IO.Path.GetFileNameWithoutExtension(path)}_{number}{System.IO.Path.GetExtension(path)}");
        return new Place(
            options with { FilePath = numbered, NoClobber = !options.Force },
            $"'{path}' is the picture of another result of this command, so that this one goes to '{numbered}'. Give a folder as -Path to name each file after its source.");
    }

    private async Task SaveAsync(InpaintImage image, Place place, Task previous, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        SavedImage saved = await ModuleEngine.Shared.SaveAsync(image, place.Options, cancellationToken).ConfigureAwait(false);
        await previous.WaitAsync(cancellationToken).ConfigureAwait(false);
        await pipeline.WriteAsync(
            command =>
            {
                foreach (string said in new[] { place.Warning, saved.Warning }.OfType<string>())
                {
                    command.WriteWarning(said);
                }

                if (PassThru)
                {
                    command.WriteObject(image with { Url = new Uri(saved.Path).AbsoluteUri });
                    return;
                }

                // As Get-Item gives it, with the properties that the next command in the line binds by.
                command.WriteObject(command.InvokeProvider.Item.Get([saved.Path], force: true, literalPath: true), enumerateCollection: true);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What is known of an item before it is saved.</summary>
    /// <param name="Source">What it was made from.</param>
    /// <param name="Pictures">How many pictures are saved.</param>
    /// <param name="PicturesOfResult">How many there are of the result that they belong to, by which they are numbered.</param>
    /// <param name="Columns">The columns of its row.</param>
    /// <param name="Action">What is done, for who is asked.</param>
    private sealed record Piece(string? Source, int Pictures, int PicturesOfResult, IReadOnlyDictionary<string, string> Columns, string Action)
    {
        public static Piece Of(object item) => item switch
        {
            InpaintImage image => new Piece(image.Origin.Source, 1, image.Origin.Count, image.Origin.Columns, $"Save picture {PlainText.WithoutUrlQueries(image.Url)}"),
            InpaintResult result => new Piece(result.Job.Source, result.Images.Count, result.Images.Count, result.Job.Columns, $"Save {result.Images.Count} picture(s) of job {result.Job.Id}"),
            InpaintJob job => new Piece(job.Source, job.Count, job.Count, job.Columns, $"Save the pictures of job {job.Id}"),
            _ => throw new ArgumentException("It is neither a picture, a result nor a job.", nameof(item)),
        };
    }

    /// <summary>Where a picture goes.</summary>
    private sealed record Place(SaveOptions Options, string? Warning);
}
