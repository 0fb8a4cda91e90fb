using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Opens a page in the browser for painting a mask over a picture.</summary>
[Cmdlet(VerbsData.Edit, "InpaintMask", HelpUri = HelpLinks.Commands + "Edit-InpaintMask.md", DefaultParameterSetName = InputObjectSet, SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class EditInpaintMaskCommand : RowCommand
{
    private readonly HashSet<string> written = new(StringComparer.Ordinal);
    private OutputTarget target = null!;

    /// <summary>The picture to paint over.</summary>
    [Parameter(ParameterSetName = ImageSet, Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The picture to paint a mask for.")]
    [PictureSourceTransformation]
    public PictureSource? Image { get; set; }

    /// <summary>Pictures, or rows with a column that names them.</summary>
    [Parameter(ParameterSetName = ImageSet, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = InputObjectSet, Mandatory = true, ValueFromPipeline = true, HelpMessage = "Pictures, or rows that name them.")]
    public override PSObject? InputObject
    {
        get => base.InputObject;
        set => base.InputObject = value;
    }

    /// <summary>The mask to start with.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [PictureSourceTransformation(IsOptional = true)]
    public PictureSource? Mask { get; set; }

    /// <summary>Which part of the mask to start with is repainted.</summary>
    [Parameter]
    public MaskMode MaskMode { get; set; }

    /// <summary>A folder or a file name; next to the picture when not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [Alias("LiteralPath", "Destination", "OutPath")]
    [BlankIsNull(typeof(string))]
    public string? Path { get; set; }

    /// <summary>Reports an error instead of replacing an existing file.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Replaces existing files, even read-only ones and colour pictures.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Shows the page's URL instead of opening it.</summary>
    [Parameter]
    public SwitchParameter NoBrowser { get; set; }

    /// <summary>The port of the page on 127.0.0.1; 0 for any free port.</summary>
    [Parameter]
    [ValidateRange(0, 65535)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int Port { get; set; }

    /// <summary>How long a page may stay open, in seconds; 0 for no limit.</summary>
    [Parameter]
    [ValidateRange(0, TimeLimit.MaximumSeconds)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int TimeoutSec { get; set; } = 4 * 60 * 60;

    // A person paints one mask at a time.
    private protected override int ConcurrencyLimit => 1;

    private protected override void Begin() => target = ResolveOutput(Path);

    private protected override void ProcessItem()
    {
        foreach (PictureSource image in ReadPictures(nameof(Image), Image))
        {
            Edit(image);
        }
    }

    private void Edit(PictureSource image)
    {
        MaskEditRequest request;
        try
        {
            request = ReadRequest(image);
            target.EnsureNew(request.Path, written, nameof(Path));
            ModuleEngine.Shared.CheckMaskEdit(request);
        }
        catch (InpaintException e)
        {
            WriteFailure(e, image);
            return;
        }

        written.Add(request.Path);
        if (ShouldProcess(request.Path, $"Paint a mask for {request.Image.Name} in the browser"))
        {
            bool opens = !NoBrowser;
            Start(image, (pipeline, cancellationToken) => EditAsync(request, opens, pipeline, cancellationToken));

            // This mask must exist before the mask of the next picture is looked for.
            Drain();
        }
    }

    private MaskEditRequest ReadRequest(PictureSource image)
    {
        MaskRecipe named = new() { Image = image };
        string path = target.File ?? ModuleEngine.Shared.MaskPathFor(named, target.Folder, SessionState.Path.CurrentFileSystemLocation.ProviderPath);

        // An existing mask is edited further, unless another one is given to start with.
        bool continues = Mask is null && !NoClobber && File.Exists(path) && !ModuleEngine.Shared.WouldReplace(path, image);
        bool beginsThere = Mask is not null && ModuleEngine.Shared.WouldReplace(path, Mask);
        return new MaskEditRequest(image, path)
        {
            Mask = continues ? PictureSource.FromFile(path) : Mask,
            MaskMode = continues ? MaskMode.White : MaskMode,
            Overwrite = !NoClobber && (continues || beginsThere || target.File is not null),
            Force = Force && !NoClobber,
            Port = Port,
            Timeout = TimeLimit.FromSeconds(TimeoutSec),
        };
    }

    private static async Task EditAsync(MaskEditRequest request, bool opens, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        string name = request.Image.Name;
        MaskEdit edit = await ModuleEngine.Shared.EditMaskAsync(request, url => Open(url, name, opens, pipeline), cancellationToken: cancellationToken).ConfigureAwait(false);
        await pipeline.WriteAsync(command => Write(command, request, edit), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the page, or writes its URL as Write-Host does: visible, but not part of the output.</summary>
    private static void Open(Uri url, string name, bool opens, CommandPipeline pipeline)
    {
        if (opens && DefaultBrowser.TryOpen(url))
        {
            pipeline.Post(c => c.WriteVerbose($"the page for the mask of {name} is at {url}"));
            return;
        }

        string text = $"Open {url} on this machine to paint the mask of {name}. The URL works in one tab only.";
        pipeline.Post(c => c.WriteInformation(new HostInformationMessage { Message = text }, ["PSHOST"]));
        if (opens)
        {
            pipeline.Post(c => c.WriteVerbose("No browser could be opened here."));
        }
    }

    private static void Write(PSCmdlet command, MaskEditRequest request, MaskEdit edit)
    {
        string? warning = edit.Outcome switch
        {
            MaskEditOutcome.Closed => $"The page of {request.Image.Name} was closed. Nothing was written.",
            MaskEditOutcome.TimedOut => $"The page of {request.Image.Name} was open longer than -TimeoutSec allows. Nothing was written.",
            _ => edit.File?.Warning,
        };
        if (warning is not null)
        {
            command.WriteWarning(warning);
        }

        if (edit.Outcome == MaskEditOutcome.Cancelled)
        {
            command.WriteVerbose($"The mask of {request.Image.Name} was cancelled in the page. Nothing was written.");
        }

        if (edit.File is not null)
        {
            MaskOutput.Write(command, edit.File.Path, request.Image);
        }
    }
}
