using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Shows pictures in the terminal, results beside their sources.</summary>
[Cmdlet(VerbsCommon.Show, "InpaintImage", HelpUri = HelpLinks.Commands + "Show-InpaintImage.md", DefaultParameterSetName = ImageSet)]
[OutputType(typeof(string))]
public sealed class ShowInpaintImageCommand : PicturesCommand
{
    /// <summary>Pictures or results.</summary>
    [Parameter(ParameterSetName = ImageSet, Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The pictures to show.")]
    [PictureViewTransformation]
    public PictureView[]? Image { get; set; }

    /// <summary>The picture that stands to the left.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [PictureSourceTransformation]
    public PictureSource? Before { get; set; }

    /// <summary>A mask whose repainted part is coloured.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [PictureSourceTransformation]
    public PictureSource? Mask { get; set; }

    /// <summary>Which part of the mask is repainted.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(MaskMode))]
    public MaskMode? MaskMode { get; set; }

    /// <summary>The most cells across.</summary>
    [Parameter]
    [ValidateRange(1, TerminalCanvas.MaximumCells)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Width { get; set; }

    /// <summary>The most cells down.</summary>
    [Parameter]
    [ValidateRange(1, TerminalCanvas.MaximumCells)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Height { get; set; }

    /// <summary>How the terminal is told to draw.</summary>
    [Parameter]
    public TerminalProtocol Protocol { get; set; }

    /// <summary>Draws lines over the pictures, with rulers that say at which pixels they are.</summary>
    [Parameter]
    public SwitchParameter Grid { get; set; }

    // Pictures come out in the order of the input.
    private protected override int ConcurrencyLimit => 1;

    private protected override void ProcessItem()
    {
        // Found for each record: a window may have been made larger meanwhile.
        TerminalCanvas? canvas = HostTerminal.Find(this, Protocol, Width, Height);
        canvas = canvas is null ? null : canvas with { HasGrid = Grid.IsPresent };
        foreach (PictureView given in ReadViews())
        {
            PictureView view = given with
            {
                Before = Before ?? given.Before,
                IsBeforeOptional = Before is null && given.IsBeforeOptional,
                Mask = MaskFor(given.Picture),
                MaskMode = MaskMode ?? Inpaint.MaskMode.White,
            };
            Start(view.Picture, (pipeline, cancellationToken) => ShowAsync(view, canvas, pipeline, cancellationToken));
        }
    }

    private IEnumerable<PictureView> ReadViews()
    {
        if (Path is not null || LiteralPath is not null)
        {
            return ReadPictures(nameof(Image), bound: null).Select(picture => new PictureView(picture));
        }

        return Image ?? Try(
            () =>
            {
                try
                {
                    return PictureViewTransformationAttribute.Read(PictureValue(nameof(Image)) ?? throw NoPicture(nameof(Image)), SessionState.Path);
                }
                catch (PSInvalidCastException e)
                {
                    throw new InpaintException(InpaintErrorId.InvalidParameter, e.Message, e) { Parameter = nameof(Image) };
                }
            },
            InputObject) ?? [];
    }

    private static async Task ShowAsync(PictureView view, TerminalCanvas? canvas, CommandPipeline pipeline, CancellationToken cancellationToken)
    {
        string text = await ModuleEngine.Shared.ShowAsync(view, canvas, note => pipeline.Post(c => c.WriteVerbose(note)), cancellationToken).ConfigureAwait(false);
        await pipeline.WriteObjectAsync(text, cancellationToken).ConfigureAwait(false);
    }

    // What New-InpaintMask has just made says of itself that it is a mask, and is to be seen as it is.
    private PictureSource? MaskFor(PictureSource picture) => Mask?.FilePath is string path && path == picture.FilePath ? null : Mask;
}
