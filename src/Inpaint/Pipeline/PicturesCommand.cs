using System.ComponentModel;
using System.Management.Automation;
using Inpaint.Binding;

namespace Inpaint.Pipeline;

/// <summary>
/// A command that takes pictures by path as well. <see cref="RepaintCommand"/> declares the same parameters again, because it shares its other ones with commands that take no
/// pictures.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class PicturesCommand : RowCommand
{
    /// <summary>Pictures as paths with wildcards.</summary>
    [Parameter(ParameterSetName = PathSet, Mandatory = true, HelpMessage = "Paths of the pictures, which may have wildcards.")]
    [BlankIsNull(typeof(string[]))]
    [SupportsWildcards]
    public string[]? Path { get; set; }

    /// <summary>Pictures as paths that are taken as they are.</summary>
    [Parameter(ParameterSetName = LiteralPathSet, Mandatory = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Paths of the pictures, taken as they are.")]
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
