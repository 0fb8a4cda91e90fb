using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pages;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Writes results, saved pictures, jobs and failures to one HTML page for review.</summary>
[Cmdlet(VerbsData.Export, "InpaintGallery", HelpUri = HelpLinks.Commands + "Export-InpaintGallery.md", SupportsShouldProcess = true)]
[OutputType(typeof(FileInfo))]
public sealed class ExportInpaintGalleryCommand : BackgroundCommand
{
    private readonly GalleryItems items = new();
    private GalleryWriter? gallery;
    private string path = "";

    /// <summary>Results, pictures, saved files, jobs, or error records of failed jobs.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, HelpMessage = "Results, saved files, jobs, or errors.")]
    public PSObject[] InputObject { get; set; } = null!;

    /// <summary>The page's file, or a folder for it.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [Alias("LiteralPath", "Destination", "OutPath")]
    [BlankIsNull(typeof(string))]
    public string Path { get; set; } = "gallery.html";

    /// <summary>The page's heading.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [BlankIsNull(typeof(string))]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string Title { get; set; } = "Inpaint gallery";

    /// <summary>Embeds the pictures in the page instead of linking to them.</summary>
    [Parameter]
    public SwitchParameter Embed { get; set; }

    /// <summary>Opens the page after it is written.</summary>
    [Parameter]
    public SwitchParameter Show { get; set; }

    /// <summary>Reports an error instead of replacing an existing file.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Replaces existing files, even read-only ones.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    // Keeps the order of the items.
    private protected override int ConcurrencyLimit => 1;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        OutputTarget target = ResolveOutput(Path);
        path = target.File ?? System.IO.Path.Combine(target.Folder!, "gallery.html");
        gallery = OrTerminate(() => ModuleEngine.Shared.BeginGallery(new GalleryOptions(path) { Title = Title, Embed = Embed.IsPresent, Overwrite = !NoClobber, Force = Force && !NoClobber }), Path);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (PSObject input in InputObject)
        {
            Start(input, (pipeline, cancellationToken) => AddAsync(input, pipeline, cancellationToken));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        base.EndProcessing();
        if (gallery!.Count == 0)
        {
            WriteWarning("There is nothing to show, so no gallery was written.");
        }
        else if (ShouldProcess(path, $"Write a gallery of {gallery.Count} pictures"))
        {
            Start(path, SaveAsync);
            Drain();
        }
    }

    private async Task AddAsync(PSObject input, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        foreach (GalleryItem item in await items.ReadAsync(input, cancellationToken).ConfigureAwait(false))
        {
            if (gallery!.Add(item, cancellationToken) is { } warning)
            {
                pipeline.Post(c => c.WriteWarning($"{item.Name} is shown without a picture. {warning}"));
            }
        }
    }

    private Task SaveAsync(CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        gallery!.Save(cancellationToken);
        bool isShown = !Show || DefaultBrowser.TryOpen(new Uri(path));
        return pipeline.WriteAsync(
            command =>
            {
                if (!isShown)
                {
                    command.WriteWarning($"No browser could be opened here. The gallery is '{path}'.");
                }

                command.WriteObject(command.InvokeProvider.Item.Get([path], force: true, literalPath: true), enumerateCollection: true);
            },
            cancellationToken);
    }
}
