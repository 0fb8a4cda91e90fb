using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;
using Inpaint.Pipeline;

namespace Inpaint;

/// <summary>Shows pictures in the terminal, results next to their sources.</summary>
[Cmdlet(VerbsCommon.Show, "InpaintImage", HelpUri = HelpLinks.Commands + "Show-InpaintImage.md", DefaultParameterSetName = ImageSet)]
[OutputType(typeof(string))]
public sealed class ShowInpaintImageCommand : PicturesCommand
{
    /// <summary>Pictures or results.</summary>
    [Parameter(ParameterSetName = ImageSet, Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "The pictures to show.")]
    [PictureViewTransformation]
    public PictureView[]? Image { get; set; }

    /// <summary>The picture that is shown on the left.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [PictureSourceTransformation]
    public PictureSource? Before { get; set; }

    /// <summary>A mask whose repainted part is tinted.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [PictureSourceTransformation]
    public PictureSource? Mask { get; set; }

    /// <summary>Which part of the mask is repainted.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [BlankIsNull(typeof(MaskMode))]
    public MaskMode? MaskMode { get; set; }

    /// <summary>The maximum width in cells.</summary>
    [Parameter]
    [ValidateRange(1, TerminalCanvas.MaximumCells)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Width { get; set; }

    /// <summary>The maximum height in cells.</summary>
    [Parameter]
    [ValidateRange(1, TerminalCanvas.MaximumCells)]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public int? Height { get; set; }

    /// <summary>The graphics protocol of the terminal.</summary>
    [Parameter]
    public TerminalProtocol Protocol { get; set; }

    /// <summary>Draws grid lines over the pictures, with rulers in pixels.</summary>
    [Parameter]
    public SwitchParameter Grid { get; set; }

    // Pictures are shown in the order of the input.
    private protected override int ConcurrencyLimit => 1;

    private protected override void ProcessItem()
    {
        // Determined for each record, because the window may have been resized.
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

    // The output of New-InpaintMask is itself the mask, and is shown unchanged.
    private PictureSource? MaskFor(PictureSource picture) => Mask?.FilePath is string path && path == picture.FilePath ? null : Mask;
}
