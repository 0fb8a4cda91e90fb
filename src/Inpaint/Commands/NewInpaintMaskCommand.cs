using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Makes a mask of shapes, transparency, a colour or another mask, and writes it as a picture.</summary>
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

    /// <summary>Pictures, or rows that name them in a column.</summary>
    [Parameter(ValueFromPipeline = true)]
    public override PSObject? InputObject
    {
        get => base.InputObject;
        set => base.InputObject = value;
    }

    /// <summary>The mask to begin with.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [PictureSourceTransformation(IsOptional = true)]
    public PictureSource? Mask { get; set; }

    /// <summary>Which part of the mask to begin with is repainted.</summary>
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

    /// <summary>Repaints what is transparent in the picture.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(SwitchParameter))]
    public SwitchParameter FromAlpha { get; set; }

    /// <summary>Repaints what has this colour in the picture.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(ColorCompleter))]
    public string? Color { get; set; }

    /// <summary>Points from which everything of about the point's own colour is repainted that is connected to it, each x,y.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string[]))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string[]? From { get; set; }

    /// <summary>How far each channel may be off the colour.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(int), Minimum = 0, Maximum = 255)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Tolerance { get; set; }

    /// <summary>Words for the thing that a provider is to find in the picture.</summary>
    [Parameter]
    [BlankIsNull(typeof(string))]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? Prompt { get; set; }

    /// <summary>Points on the thing that a provider is to find, each x,y.</summary>
    [Parameter]
    [BlankIsNull(typeof(string[]))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string[]? Point { get; set; }

    /// <summary>Boxes around the thing that a provider is to find, each x,y,width,height.</summary>
    [Parameter]
    [BlankIsNull(typeof(string[]))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string[]? Box { get; set; }

    /// <summary>Writes a file for each thing that is found.</summary>
    [Parameter]
    public SwitchParameter Separate { get; set; }

    /// <summary>Repaints what would be kept, and the other way round.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(SwitchParameter))]
    public SwitchParameter Invert { get; set; }

    /// <summary>Pixels to add all around.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(int), Minimum = 0, Maximum = 10000)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Grow { get; set; }

    /// <summary>Pixels to take away all around.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(int), Minimum = 0, Maximum = 10000)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Shrink { get; set; }

    /// <summary>Pixels to soften the edges by.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(int), Minimum = 0, Maximum = 10000)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Feather { get; set; }

    /// <summary>A folder, or the file's name; beside the picture when not given.</summary>
    [Parameter]
    [BlankIsNull(typeof(string))]
    [ValidateNotNullOrEmpty]
    [Alias("LiteralPath", "Destination")]
    public string? Path { get; set; }

    /// <summary>Makes an existing file an error even when it was named with Path.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Replaces existing files, read-only ones too.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    // Files come out in the order of the pictures; a mask uses all cores by itself.
    private protected override int ConcurrencyLimit => IsFound ? base.ConcurrencyLimit : 1;

    /// <summary>Whether a provider finds what the mask marks, which is a paid job.</summary>
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

            // What the command before this one has just made is carried on, not kept.
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
        Start(Image ?? Mask, (pipeline, cancellationToken) => WriteAsync([ModuleEngine.Shared.SaveMask(recipe, path, overwrite, force, cancellationToken)], madeFor, pipeline, cancellationToken));
    }

    /// <summary>Has the thing found by a provider. Whatever would keep the file from being written is found before that is paid for.</summary>
    private void BeginJob(MaskRecipe recipe, string path, bool overwrite, bool force)
    {
        if (recipe.Mask is not null || recipe.Size is not null)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, "The mask starts from what is found, at the picture's size: Mask and Size cannot be given as well. Nothing was sent.") { Parameter = recipe.Mask is null ? nameof(Size) : nameof(Mask) };
        }

        PictureSource? picture = Image;
        recipe = recipe with { Image = picture is { IsRemote: true } ? null : picture };

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
            await WriteAsync(files, recipe.Image, pipeline, cancellationToken).ConfigureAwait(false);
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

    private bool IsCarriedOn => !IsNamed(nameof(Mask)) && InputObject?.TypeNames.Any(name => name.EndsWith(MaskOutput.MadeHere, StringComparison.Ordinal)) == true;

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
        // A mask that is carried on is no picture to look at, unless one is named beside it.
        Image = IsNamed(nameof(Image)) ? Image : IsCarriedOn ? null : ReadPicture(nameof(Image), Image),
        Mask = Mask,
        MaskMode = Given(nameof(MaskMode), MaskMode) ?? Inpaint.MaskMode.White,
        Size = Given(nameof(Size), Size) is string size ? SizeCompleter.Parse(size) : null,
        Shapes = [.. MaskShape.ParseRectangles(Rectangle ?? []), .. MaskShape.ParseEllipses(Ellipse ?? []), .. MaskShape.ParsePolygons(Polygon ?? [])],
        FromAlpha = Given(nameof(FromAlpha), FromAlpha.IsPresent),
        Color = Given(nameof(Color), Color) is string color ? PixelColor.Parse(color) : null,
        From = MaskPoint.ParseAll(From ?? [], nameof(From)),

        // A point is put on something that has no single colour.
        Tolerance = Given(nameof(Tolerance), Tolerance) ?? (From is { Length: > 0 } ? 32 : 0),
        Invert = Given(nameof(Invert), Invert.IsPresent),
        Grow = Given(nameof(Grow), Grow) ?? 0,
        Shrink = Given(nameof(Shrink), Shrink) ?? 0,
        Feather = Given(nameof(Feather), Feather) ?? 0,
    };
}
