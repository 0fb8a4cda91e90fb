using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Repaints the masked part of pictures and waits for the results; writes results, or the files to which they are saved, as they finish.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "Inpaint", HelpUri = HelpLinks.Commands + "Invoke-Inpaint.md", DefaultParameterSetName = ImageSet, SupportsShouldProcess = true)]
[OutputType(typeof(InpaintResult), typeof(FileInfo))]
public sealed class InvokeInpaintCommand : RepaintCommand
{
    /// <summary>Requests a direct response instead of the queue, where the provider has both.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(SwitchParameter))]
    public SwitchParameter Synchronous { get; set; }

    /// <summary>A folder or a file name for the pictures.</summary>
    [Parameter]
    [BlankIsNull(typeof(string))]
    [ValidateNotNullOrEmpty]
    public string? OutPath { get; set; }

    /// <summary>The template for file names in a folder, as in Save-InpaintImage.</summary>
    [Parameter]
    [BlankIsNull(typeof(string))]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NameTemplateCompleter))]
    public string? Name { get; set; }

    /// <summary>Reports an error instead of replacing an existing file.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Replaces existing files, even read-only ones and the originals of the pictures.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Where the prompt and other details of the job are recorded.</summary>
    [Parameter]
    public MetadataMode Metadata { get; set; }

    /// <summary>Quality of a JPEG, WebP or AVIF, 1 to 100.</summary>
    [Parameter]
    [ValidateRange(1, 100)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Quality { get; set; }

    private protected override void Begin()
    {
        OpenOutput(OutPath, new SaveOptions { NameTemplate = Name, NoClobber = NoClobber.IsPresent, Force = Force.IsPresent, Metadata = Metadata, Quality = Quality });
        base.Begin();
    }

    private protected override InpaintRequest CreateRequest() => base.CreateRequest() with { Synchronous = Given(nameof(Synchronous), Synchronous.IsPresent) };
}
