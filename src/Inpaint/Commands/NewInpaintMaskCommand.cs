using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Creates a mask from shapes, transparency, a colour or another mask, and writes it to a file.</summary>
[Cmdlet(VerbsCommon.New, "InpaintMask", HelpUri = HelpLinks.Commands + "New-InpaintMask.md", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class NewInpaintMaskCommand : SubmitCommand
{
    private readonly HashSet<string> written = new(StringComparer.Ordinal);
    private OutputTarget target = null!;

    /// <summary>The picture that the mask is for.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [PictureSourceTransformation(IsOptional = true)]
    public PictureSource? Image { get; set; }

    /// <summary>Pictures, or rows with a column that names them.</summary>
    [Parameter(ValueFromPipeline = true)]
    public override PSObject? InputObject
    {
        get => base.InputObject;
        set => base.InputObject = value;
    }

    /// <summary>The mask to start with.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [PictureSourceTransformation(IsOptional = true)]
    public PictureSource? Mask { get; set; }

    /// <summary>Which part of the mask to start with is repainted.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(MaskMode))]
    public MaskMode? MaskMode { get; set; }

    /// <summary>The size of a mask without a picture.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(SizeCompleter))]
    public string? Size { get; set; }

    /// <summary>Rectangles, each x,y,width,height.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string[]))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string[]? Rectangle { get; set; }

    /// <summary>Ellipses, each by the rectangle around it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string[]))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string[]? Ellipse { get; set; }

    /// <summary>Polygons, each x1,y1 x2,y2 x3,y3; numbers alone are one polygon.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string[]))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string[]? Polygon { get; set; }

    /// <summary>Marks what is transparent in the picture.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(SwitchParameter))]
    public SwitchParameter FromAlpha { get; set; }

    /// <summary>Marks what has this colour in the picture.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(ColorCompleter))]
    public string? Color { get; set; }

    /// <summary>Points, each x,y, from which a flood fill marks the connected area of about the same colour.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string[]))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string[]? From { get; set; }

    /// <summary>The maximum difference of each channel from the colour.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(int), Minimum = 0, Maximum = 255)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Tolerance { get; set; }

    /// <summary>A description of the object that a provider should find in the picture.</summary>
    [Parameter]
    [BlankIsNull(typeof(string))]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? Prompt { get; set; }

    /// <summary>Points on the object that a provider should find, each x,y.</summary>
    [Parameter]
    [BlankIsNull(typeof(string[]))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string[]? Point { get; set; }

    /// <summary>Boxes around the object that a provider should find, each x,y,width,height.</summary>
    [Parameter]
    [BlankIsNull(typeof(string[]))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string[]? Box { get; set; }

    /// <summary>Writes a file for each object that is found.</summary>
    [Parameter]
    public SwitchParameter Separate { get; set; }

    /// <summary>Inverts the mask.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(SwitchParameter))]
    public SwitchParameter Invert { get; set; }

    /// <summary>The number of pixels by which the marked area grows.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(int), Minimum = 0, Maximum = 10000)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Grow { get; set; }

    /// <summary>The number of pixels by which the marked area shrinks.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(int), Minimum = 0, Maximum = 10000)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Shrink { get; set; }

    /// <summary>The width of the softened edge, in pixels.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(int), Minimum = 0, Maximum = 10000)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Feather { get; set; }

    /// <summary>A folder or a file name; next to the picture when not given.</summary>
    [Parameter]
    [BlankIsNull(typeof(string))]
    [ValidateNotNullOrEmpty]
    [Alias("LiteralPath", "Destination", "OutPath")]
    public string? Path { get; set; }

    /// <summary>Reports an error instead of replacing an existing file, even one that is named with Path.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Replaces existing files, even read-only ones.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    // Files are written in the order of the pictures; one mask uses all cores.
    private protected override int ConcurrencyLimit => IsFound ? base.ConcurrencyLimit : 1;

    /// <summary>Whether a provider finds the object, which is a paid job.</summary>
    private bool IsFound => Prompt is not null || Point is { Length: > 0 } || Box is { Length: > 0 };

    private protected override void Begin()
    {
        target = ResolveOutput(Path);
        base.Begin();
    }

    private protected override void ProcessItem()
    {
        MaskRecipe recipe;
        string path;
        bool overwrite;
        bool force = Force && !NoClobber;
        try
        {
            recipe = ReadRecipe();
            path = target.File ?? ModuleEngine.Shared.MaskPathFor(recipe, target.Folder, SessionState.Path.CurrentFileSystemLocation.ProviderPath);

            // A mask that the previous command has just created is replaced by its edited version.
            overwrite = !NoClobber && (target.File is not null || (IsCarriedOn && path == Mask?.FilePath));
            target.EnsureNew(path, written, nameof(Path));
            if (IsFound)
            {
                BeginJob(recipe, path, overwrite, force);
                return;
            }

            ModuleEngine.Shared.CheckMask(recipe, path, overwrite, force);
        }
        catch (InpaintException e)
        {
            WriteFailure(e, InputObject ?? (object?)Image ?? Mask);
            return;
        }

        written.Add(path);
        if (!ShouldProcess(path, "Write a mask"))
        {
            return;
        }

        PictureSource? madeFor = recipe.Image ?? NotedPicture(nameof(Image));
        Start(Image ?? Mask, (pipeline, cancellationToken) => SaveAsync(recipe, path, overwrite, force, madeFor, pipeline, cancellationToken));
    }

    /// <summary>Has a provider find the object. Everything that would prevent the file from being written is checked before that is paid for.</summary>
    private void BeginJob(MaskRecipe recipe, string path, bool overwrite, bool force)
    {
        if (recipe.Mask is not null || recipe.Size is not null)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, "The mask starts from what is found, at the picture's size: Mask and Size cannot be specified as well. Nothing was sent.") { Parameter = recipe.Mask is null ? nameof(Size) : nameof(Mask) };
        }

        PictureSource? picture = Image;
        recipe = recipe with { Image = picture };
        ModuleEngine.Shared.CheckMasks(recipe, path, Separate, overwrite, force);
        written.Add(path);
        InpaintRequest request = new()
        {
            Operation = InpaintOperation.Segment,
            Image = picture,
            Prompt = Prompt,
            Points = MaskPoint.ParseAll(Point ?? [], nameof(InpaintRequest.Points)),
            Boxes = MaskBox.ParseAll(Box ?? []),
            Provider = Given(nameof(Provider), Provider),
            Model = Given(nameof(Model), Model),
            Options = ReadOptions(),
            BringsKey = ApiKey is not null,
            Columns = ReadColumns(),
        };

        async Task WriteFoundAsync(InpaintResult result, CommandPipeline pipeline, CancellationToken cancellationToken)
        {
            IReadOnlyList<MaskFile> files = await ModuleEngine.Shared.SaveMasksAsync(result, recipe, path, Separate, overwrite, force, cancellationToken).ConfigureAwait(false);
            await WriteAsync(files, picture, pipeline, cancellationToken).ConfigureAwait(false);
        }

        Batch.Begin(request, new PaidItem(picture, picture?.Name ?? path, Limit)
        {
            Submit = async (plan, item, events, pipeline, cancellationToken) =>
            {
                InpaintResult result = await ModuleEngine.Shared.RunAsync(plan, OptionsFor(plan, events) with { Timeout = item.Limit }, cancellationToken).ConfigureAwait(false);
                await WriteFoundAsync(result, pipeline, cancellationToken).ConfigureAwait(false);
                return result.Cost;
            },
            Follow = async (job, _, item, events, pipeline, cancellationToken) =>
            {
                InpaintResult? result = await ModuleEngine.Shared.ReceiveAsync(job, wait: true, OptionsFor(job, item.Limit, events), cancellationToken).ConfigureAwait(false);
                await WriteFoundAsync(result!, pipeline, cancellationToken).ConfigureAwait(false);
            },
        });
    }

    private bool IsCarriedOn => !IsNamed(nameof(Mask)) && InputObject?.TypeNames.Any(name => name.EndsWith(MaskOutput.TypeName, StringComparison.Ordinal)) == true;

    private static async Task SaveAsync(MaskRecipe recipe, string path, bool overwrite, bool force, PictureSource? madeFor, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        MaskFile file = await ModuleEngine.Shared.SaveMaskAsync(recipe, path, overwrite, force, cancellationToken).ConfigureAwait(false);
        await WriteAsync([file], madeFor, pipeline, cancellationToken).ConfigureAwait(false);
    }

    private static async Task WriteAsync(IReadOnlyList<MaskFile> files, PictureSource? madeFor, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        foreach (MaskFile file in files)
        {
            await pipeline.WriteAsync(
                command =>
                {
                    if (file.Warning is not null)
                    {
                        command.WriteWarning(file.Warning);
                    }

                    MaskOutput.Write(command, file.Path, madeFor);
                },
                cancellationToken).ConfigureAwait(false);
        }
    }

    private MaskRecipe ReadRecipe() => new()
    {
        // A piped mask is not the picture, unless one is named next to it.
        Image = IsNamed(nameof(Image)) ? Image : IsCarriedOn ? null : ReadPicture(nameof(Image), Image),
        Mask = Mask,
        MaskMode = Given(nameof(MaskMode), MaskMode) ?? Inpaint.MaskMode.White,
        Size = Given(nameof(Size), Size) is string size ? SizeCompleter.Parse(size) : null,
        Shapes = [.. MaskShape.ParseRectangles(Rectangle ?? []), .. MaskShape.ParseEllipses(Ellipse ?? []), .. MaskShape.ParsePolygons(Polygon ?? [])],
        FromAlpha = Given(nameof(FromAlpha), FromAlpha.IsPresent),
        Color = Given(nameof(Color), Color) is string color ? PixelColor.Parse(color) : null,
        From = MaskPoint.ParseAll(From ?? [], nameof(From)),

        // The area around a point rarely has a single colour.
        Tolerance = Given(nameof(Tolerance), Tolerance) ?? (From is { Length: > 0 } ? 32 : 0),
        Invert = Given(nameof(Invert), Invert.IsPresent),
        Grow = Given(nameof(Grow), Grow) ?? 0,
        Shrink = Given(nameof(Shrink), Shrink) ?? 0,
        Feather = Given(nameof(Feather), Feather) ?? 0,
    };
}
