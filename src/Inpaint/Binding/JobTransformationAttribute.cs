using System.Collections;
using System.Management.Automation;

namespace Inpaint.Binding;

/// <summary>Makes jobs of job objects, of what JSON and Clixml made of them, of results, and of ids.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class JobTransformationAttribute : ArgumentTransformationAttribute
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
            ? items.Cast<object>().Select(ToJob).ToArray()
            : new[] { ToJob(inputData) };
    }

    private static InpaintJob ToJob(object value)
    {
        PSObject wrapper = PSObject.AsPSObject(value);
        return wrapper.BaseObject switch
        {
            InpaintJob job => job,
            InpaintResult result => result.Job,
            string id => new InpaintJob { Id = id },
            PSCustomObject when PlainObjects.ToJob(wrapper) is InpaintJob job => job,
            PSCustomObject when PlainObjects.ToResult(wrapper) is InpaintResult result => result.Job,
            _ => throw new PSInvalidCastException($"'{wrapper}' of type {wrapper.BaseObject.GetType().Name} is not a job. Give what Start-InpaintJob or Get-InpaintStatus returned, or an id."),
        };
    }
}
