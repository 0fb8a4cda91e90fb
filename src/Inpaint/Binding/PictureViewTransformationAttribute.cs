using System.Collections;
using System.Management.Automation;

namespace Inpaint.Binding;

/// <summary>
/// Makes views of results, which show each picture beside its source, and of everything that is a picture. Several may be given at once.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PictureViewTransformationAttribute : ArgumentTransformationAttribute
{
    private readonly PictureSourceTransformationAttribute pictures = new();

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        PSObject wrapper = PSObject.AsPSObject(inputData);
        bool isList = wrapper.BaseObject is IEnumerable and not string and not byte[] and not IDictionary && !IsBytes(wrapper.BaseObject);
        return isList
            ? ((IEnumerable)wrapper.BaseObject).Cast<object>().SelectMany(item => ToViews(engineIntrinsics, item)).ToArray()
            : ToViews(engineIntrinsics, inputData).ToArray();
    }

    // A pipeline makes an array of objects of the bytes of a file.
    private static bool IsBytes(object value) => value is object[] { Length: > 0 } items && items.All(i => PSObject.AsPSObject(i).BaseObject is byte);

    private IEnumerable<PictureView> ToViews(EngineIntrinsics engineIntrinsics, object? value)
    {
        PSObject wrapper = PSObject.AsPSObject(value ?? "");
        bool isPlain = wrapper.BaseObject is PSCustomObject;
        return (wrapper.BaseObject as InpaintResult ?? (isPlain ? PlainObjects.ToResult(wrapper) : null)) is InpaintResult result
            ? PictureView.Of(result)
            : (wrapper.BaseObject as InpaintImage ?? (isPlain ? PlainObjects.ToImage(wrapper) : null)) is InpaintImage image
                ? [PictureView.Of(image)]
                : wrapper.BaseObject is PictureView view ? [view] : [new PictureView((PictureSource)pictures.Transform(engineIntrinsics, value)!)];
    }
}
