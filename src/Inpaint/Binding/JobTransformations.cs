using System.Collections;
using System.ComponentModel;
using System.Management.Automation;

namespace Inpaint.Binding;

/// <summary>Makes the module's objects of themselves and of what JSON and Clixml made of them, and jobs of ids, one or several at once.</summary>
[AttributeUsage(AttributeTargets.Property)]
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class InpaintObjectTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public sealed override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (inputData is null)
        {
            // The binder itself says best that nothing was given.
            return null;
        }

        object?[] given = PSObject.AsPSObject(inputData).BaseObject is IEnumerable items and not string and not IDictionary ? [.. items.Cast<object?>()] : [inputData];
        return Collect([.. given.Select(item => Read(PSObject.AsPSObject(item ?? "")))]);
    }

    /// <summary>Says what cannot be taken for what is wanted.</summary>
    private protected abstract PSInvalidCastException Refuse(PSObject value);

    /// <summary>Makes what the parameter takes of what was read.</summary>
    private protected abstract object Collect(object[] read);

    private object Read(PSObject value) => value.BaseObject switch
    {
        InpaintResult or InpaintImage or InpaintJob => value.BaseObject,
        string id => new InpaintJob { Id = id },
        PSCustomObject => (object?)PlainObjects.ToResult(value) ?? (object?)PlainObjects.ToImage(value) ?? (object?)PlainObjects.ToJob(value) ?? throw Refuse(value),
        _ => throw Refuse(value),
    };
}

/// <summary>Makes jobs of job objects, of results, and of ids.</summary>
public sealed class JobTransformationAttribute : InpaintObjectTransformationAttribute
{
    private protected override object Collect(object[] read) => read.Select(item => item switch
    {
        InpaintJob job => job,
        InpaintResult result => result.Job,
        _ => throw Refuse(PSObject.AsPSObject(item)),
    }).ToArray();

    private protected override PSInvalidCastException Refuse(PSObject value) =>
        new($"'{value}' of type {value.BaseObject.GetType().Name} is not a job. Give what Start-InpaintJob or Get-InpaintStatus returned, or an id.");
}

/// <summary>Makes what can be saved of results, pictures and jobs, and of ids.</summary>
public sealed class SavableTransformationAttribute : InpaintObjectTransformationAttribute
{
    private protected override object Collect(object[] read) => read;

    private protected override PSInvalidCastException Refuse(PSObject value) =>
        new($"'{value}' of type {value.BaseObject.GetType().Name} is neither a result, a picture nor a job of this module, nor a job's id.");
}
