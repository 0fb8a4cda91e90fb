using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Creates pictures from prompts alone.</summary>
[Cmdlet(VerbsCommon.New, "InpaintImage", HelpUri = HelpLinks.Commands + "New-InpaintImage.md", DefaultParameterSetName = InputObjectSet, SupportsShouldProcess = true)]
[OutputType(typeof(InpaintResult), typeof(FileInfo))]
public sealed class NewInpaintImageCommand : RequestCommand
{
    private const string PromptSet = "Prompt";
    private const int MaxNameLength = 40;

    private string prompt = "";

    /// <summary>What the picture should show.</summary>
    [Parameter(ParameterSetName = PromptSet, Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "Describes what the picture should show.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string? Prompt { get; set; }

    /// <summary>Prompts, or rows with a column Prompt.</summary>
    [Parameter(ParameterSetName = PromptSet, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = InputObjectSet, Mandatory = true, ValueFromPipeline = true, HelpMessage = "Prompts, or rows that have one in their column Prompt.")]
    public override PSObject? InputObject
    {
        get => base.InputObject;
        set => base.InputObject = value;
    }

    /// <summary>Requests a direct response instead of the queue, where the provider has both.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(SwitchParameter))]
    public SwitchParameter Synchronous { get; set; }

    /// <summary>A folder for intermediate pictures, which are written as they arrive, where the provider streams them.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(string))]
    public string? PreviewPath { get; set; }

    /// <summary>A folder, or a file's name, to which the pictures are saved.</summary>
    [Parameter]
    [BlankIsNull(typeof(string))]
    [ValidateNotNullOrEmpty]
    public string? OutPath { get; set; }

    /// <summary>The files' name in a folder, as Save-InpaintImage takes it.</summary>
    [Parameter]
    [BlankIsNull(typeof(string))]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NameTemplateCompleter))]
    public string? Name { get; set; }

    /// <summary>Makes an existing file an error.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Replaces existing files, read-only ones and the originals of the pictures too.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>What is written about the pictures' making.</summary>
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

    private protected override bool TakesPictures => false;

    private protected override InpaintRequest CreateRequest() => CommonRequest(InpaintOperation.TextToImage, prompt) with
    {
        Synchronous = Given(nameof(Synchronous), Synchronous.IsPresent),
        PreviewFolder = PreviewPath is null ? null : FileSystemPaths.Resolve(SessionState.Path, PreviewPath)
            ?? throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"'{PreviewPath}' is not a path in the file system."),
    };

    private protected override void ProcessItem()
    {
        prompt = Prompt ?? (InputObject?.BaseObject is string text ? text : InputObject?.Properties[nameof(Prompt)]?.Value?.ToString()) ?? "";
        if (string.IsNullOrWhiteSpace(prompt))
        {
            WriteFailure(new InpaintException(InpaintErrorId.InvalidParameter, $"{ItemName} has no prompt. Nothing was sent.") { Parameter = nameof(Prompt), RecommendedAction = "Add a column Prompt to the rows, or pipe strings." }, InputObject);
            return;
        }

        base.ProcessItem();
    }

    private protected override string TargetOfInput => prompt;

    // A prompt has no name, so messages use its beginning.
    private protected override string NameOfInput => prompt.Length <= MaxNameLength ? $"'{prompt}'" : $"'{prompt[..MaxNameLength].TrimEnd()}…'";
}
