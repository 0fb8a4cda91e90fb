using System.Collections;
using System.ComponentModel;
using System.Management.Automation;

namespace Inpaint.Binding;

/// <summary>
/// Converts to a <see cref="PictureSource"/>: a path (also on a PowerShell drive), a URL, a data URI, a file object, bytes, or the result of an earlier job. Other objects are
/// refused with an exception after which the binder goes on to look for the picture among the object's properties, which is how rows of a CSV file are bound.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PictureSourceTransformationAttribute : ArgumentTransformationAttribute
{
    /// <summary>Whether an empty cell of a table counts as "not given".</summary>
    public bool IsOptional { get; set; }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        ArgumentNullException.ThrowIfNull(engineIntrinsics);
        return inputData is null or PSObject { BaseObject: null } || ((inputData as PSObject)?.BaseObject ?? inputData) is string blank && string.IsNullOrWhiteSpace(blank)
            ? IsOptional ? null : throw new PSInvalidCastException("No picture is specified. Specify a path, a URL, a data URI, a file, bytes, or the result of Invoke-Inpaint.")
            : Read(inputData, engineIntrinsics.SessionState.Path);
    }

    /// <summary>Converts a value to a picture.</summary>
    /// <exception cref="PSInvalidCastException">The value is not a picture.</exception>
    internal static PictureSource Read(object value, PathIntrinsics paths)
    {
        PSObject wrapper = PSObject.AsPSObject(value);
        return wrapper.BaseObject switch
        {
            PictureSource source => source,
            string text => FromText(text, paths),
            FileSystemInfo file => PictureSource.FromFile(file.FullName),
            Uri { IsAbsoluteUri: true } uri => OrDefective(uri.OriginalString, PictureSource.Parse),
            Uri uri => FromText(uri.OriginalString, paths),
            byte[] bytes => PictureSource.FromBytes(bytes),
            InpaintImage image => FromImage(image),
            InpaintResult result => FromResult(result),
            object[] { Length: > 0 } items when items.All(i => i is byte || (i as PSObject)?.BaseObject is byte) =>
                PictureSource.FromBytes(LanguagePrimitives.ConvertTo<byte[]>(items)),
            PSCustomObject => FromProperties(wrapper) ?? throw Refuse(wrapper),
            _ => throw Refuse(wrapper),
        };
    }

    /// <summary>Whether an object is a file object from Clixml or another session, which still has its path.</summary>
    internal static bool IsDeserializedFile(PSObject value) => value.TypeNames.Contains("Deserialized.System.IO.FileInfo");

    private static PictureSource? FromProperties(PSObject value)
    {
        if (PSObjectConverter.ToResult(value) is InpaintResult result)
        {
            return FromResult(result);
        }

        if (PSObjectConverter.ToImage(value) is InpaintImage image)
        {
            return FromImage(image);
        }

        return IsDeserializedFile(value) && value.Properties["FullName"]?.Value is string path ? PictureSource.FromFile(path) : null;
    }

    private static PictureSource FromResult(InpaintResult result) =>
        result.Images.Count > 0 ? FromImage(result.Images[0]) : throw new PSInvalidCastException("The result has no pictures.");

    private static PictureSource FromImage(InpaintImage image) => OrDefective(image.Url, _ => PictureSource.FromImage(image));

    private static PictureSource FromText(string text, PathIntrinsics paths)
    {
        // A clipboard's line may have white space around it, and "Copy as path" puts quotes there.
        text = text.Trim() is { } trimmed && trimmed.Length < text.Length && !Path.Exists(FileSystemPaths.Resolve(paths, text)) ? trimmed : text;
        text = text is ['"', .. { Length: > 0 } path, '"'] ? path : text;
        if (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("file://", StringComparison.OrdinalIgnoreCase))
        {
            return OrDefective(text, PictureSource.Parse);
        }

        return OrDefective(FileSystemPaths.Resolve(paths, text) ?? text, PictureSource.FromFile);
    }

    // A binding error would have the shell's wording, and would end a whole command for one of its items.
    private static PictureSource OrDefective(string text, Func<string, PictureSource> parse)
    {
        try
        {
            return parse(text);
        }
        catch (InpaintException e)
        {
            return PictureSource.Invalid(text, e);
        }
    }

    private static PSInvalidCastException Refuse(PSObject value) => value.BaseObject is Array ? new("Only one picture can be specified. Pipe several pictures to the command.") : new(
        $"'{value}' of type {value.BaseObject.GetType().Name} is not a picture. Specify a path, a URL, a data URI, a file, bytes, or the result of Invoke-Inpaint.");
}

/// <summary>Converts to views of pictures; those of a result show each picture beside its source. Accepts several values.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PictureViewTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        ArgumentNullException.ThrowIfNull(engineIntrinsics);
        return Read(inputData, engineIntrinsics.SessionState.Path);
    }

    /// <summary>Converts a value, or the elements of a list, to views.</summary>
    /// <exception cref="PSInvalidCastException">It is not a picture.</exception>
    internal static PictureView[] Read(object value, PathIntrinsics paths)
    {
        PSObject wrapper = PSObject.AsPSObject(value);
        bool isList = wrapper.BaseObject is IEnumerable and not string and not byte[] and not IDictionary && !IsBytes(wrapper.BaseObject);
        return isList
            ? [.. ((IEnumerable)wrapper.BaseObject).Cast<object?>().SelectMany(item => ToViews(item, paths))]
            : [.. ToViews(value, paths)];
    }

    // A pipeline turns a byte array into an array of objects.
    private static bool IsBytes(object value) => value is object[] { Length: > 0 } items && items.All(i => PSObject.AsPSObject(i).BaseObject is byte);

    private static IEnumerable<PictureView> ToViews(object? value, PathIntrinsics paths)
    {
        PSObject wrapper = PSObject.AsPSObject(value ?? "");
        bool isPlain = wrapper.BaseObject is PSCustomObject;
        return (wrapper.BaseObject as InpaintResult ?? (isPlain ? PSObjectConverter.ToResult(wrapper) : null)) is InpaintResult result
            ? PictureView.Of(result)
            : (wrapper.BaseObject as InpaintImage ?? (isPlain ? PSObjectConverter.ToImage(wrapper) : null)) is InpaintImage image
                ? [PictureView.Of(image)]
                : wrapper.BaseObject is PictureView view ? [view] : [new PictureView(PictureSourceTransformationAttribute.Read(value ?? "", paths))];
    }
}

/// <summary>Converts to the module's objects: accepts the objects themselves, what ConvertFrom-Json and Import-Clixml return for them, and ids of jobs; one or several.</summary>
[AttributeUsage(AttributeTargets.Property)]
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class InpaintObjectTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public sealed override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if (inputData is null)
        {
            // The binder's own error is best when nothing was given.
            return null;
        }

        object?[] given = PSObject.AsPSObject(inputData).BaseObject is IEnumerable items and not string and not IDictionary ? [.. items.Cast<object?>()] : [inputData];
        return Collect([.. given.Select(item => Read(PSObject.AsPSObject(item ?? "")))]);
    }

    /// <summary>Creates the error for a value that cannot be converted.</summary>
    private protected abstract PSInvalidCastException Refuse(PSObject value);

    /// <summary>Creates the parameter's value from the objects that were read.</summary>
    private protected abstract object Collect(object[] read);

    private object Read(PSObject value) => value.BaseObject switch
    {
        InpaintResult or InpaintImage or InpaintJob => value.BaseObject,
        string id => new InpaintJob { Id = id },
        PSCustomObject => (object?)PSObjectConverter.ToResult(value) ?? (object?)PSObjectConverter.ToImage(value) ?? (object?)PSObjectConverter.ToJob(value) ?? throw Refuse(value),
        _ => throw Refuse(value),
    };
}

/// <summary>Converts job objects, results and ids to jobs.</summary>
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

/// <summary>Converts results, pictures, jobs and ids to objects that can be saved.</summary>
public sealed class SavableTransformationAttribute : InpaintObjectTransformationAttribute
{
    private protected override object Collect(object[] read) => read;

    private protected override PSInvalidCastException Refuse(PSObject value) =>
        new($"'{value}' of type {value.BaseObject.GetType().Name} is neither a result, a picture nor a job of this module, nor a job's id.");
}
