using System.ComponentModel;
using System.Management.Automation;
using Inpaint.Binding;

namespace Inpaint.Pipeline;

/// <summary>
/// The base of commands that also accept pictures by path. <see cref="RepaintCommand"/> declares the same parameters again, because its own base is shared with commands that accept no
/// pictures.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class PicturesCommand : RowCommand
{
    /// <summary>Paths of pictures, which may contain wildcards.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true, HelpMessage = "Paths of the pictures. Wildcards are accepted.")]
    [BlankIsNull(typeof(string[]))]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>Literal paths of pictures.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Literal paths of the pictures.")]
    [Alias("PSPath")]
    public string[]? LiteralPath { get; set; }

    /// <summary>Pictures, or rows that name them in a column.</summary>
    [Parameter(ParameterSetName = ImageSet, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = LiteralPathSet, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = InputObjectSet, Mandatory = true, ValueFromPipeline = true, HelpMessage = "Pictures or results, or rows that name them.")]
    public override PSObject? InputObject
    {
        get => base.InputObject;
        set => base.InputObject = value;
    }

    /// <inheritdoc cref="RowCommand.ReadPictures"/>
    private protected IEnumerable<PictureSource> ReadPictures(string parameter, PictureSource? bound) => ReadPictures(parameter, bound, Path, LiteralPath);
}
