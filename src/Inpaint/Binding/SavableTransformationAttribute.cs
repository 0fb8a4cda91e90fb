using System.Collections;
using System.Management.Automation;

namespace Inpaint.Binding;

/// <summary>Makes results, pictures and jobs of themselves and of what JSON and Clixml made of them, and jobs of ids.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SavableTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (inputData is null)
        {
            // The binder itself says best that nothing was given.
            return null;
        }

        PSObject wrapper = PSObject.AsPSObject(inputData);
        return wrapper.BaseObject is IEnumerable items and not string and not IDictionary
            ? items.Cast<object>().Select(ToSavable).ToArray()
            : new[] { ToSavable(inputData) };
    }

    private static object ToSavable(object value)
    {
        PSObject wrapper = PSObject.AsPSObject(value);
        return wrapper.BaseObject switch
        {
            InpaintResult or InpaintImage or InpaintJob => wrapper.BaseObject,
            string id => new InpaintJob { Id = id },
            PSCustomObject => (object?)PlainObjects.ToResult(wrapper) ?? (object?)PlainObjects.ToImage(wrapper) ?? (object?)PlainObjects.ToJob(wrapper) ?? throw Refuse(wrapper),
            _ => throw Refuse(wrapper),
        };
    }

    private static PSInvalidCastException Refuse(PSObject value) =>
        new($"'{value}' of type {value.BaseObject.GetType().Name} is neither a result, a picture nor a job of this module, nor a job's id.");
}
