using System.Management.Automation;
using Inpaint.Binding;
using Inpaint.Loading;

namespace Inpaint.Pipeline;

/// <summary>Converts pipeline objects to the items of a gallery.</summary>
internal sealed class GalleryItems
{
    private readonly HashSet<string> paid = new(StringComparer.Ordinal);

    /// <summary>Reads one object.</summary>
    /// <param name="input">A result, picture, saved file, job or error record, also one from JSON or Clixml.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Its items: one for each picture, or one if there is none.</returns>
    /// <exception cref="InpaintException">InvalidParameter: it is none of these. ImageNotFound, ImageUnsupported: the file is not a picture.</exception>
    public async Task<IReadOnlyList<GalleryItem>> ReadAsync(PSObject input, CancellationToken cancellationToken)
    {
        bool isPlain = input.BaseObject is PSCustomObject;
        object? known = input.BaseObject switch
        {
            InpaintResult or InpaintImage or InpaintJob or ErrorRecord or FileInfo => input.BaseObject,
            InpaintException failure => ErrorRecords.From(command: null, failure, failure.Job),
            IContainsErrorRecord failure => failure.ErrorRecord,
            _ when isPlain => (object?)PSObjectConverter.ToResult(input) ?? (object?)PSObjectConverter.ToImage(input) ?? PSObjectConverter.ToJob(input),
            _ => null,
        };
        return known switch
        {
            InpaintResult result => OfResult(result, input),
            InpaintImage image => [OfImage(image, FindJob(image.GetOrigin()), input)],
            InpaintJob job => await OfJobAsync(job, cancellationToken).ConfigureAwait(false),
            ErrorRecord error => [OfError(error)],
            FileInfo file => [OfFile(file.FullName, input, cancellationToken)],
            _ => throw new InpaintException(InpaintErrorId.InvalidParameter, $"'{input}' of type {input.BaseObject.GetType().Name} is not a result, saved picture, job, or error.")
            {
                Parameter = "InputObject",
                RecommendedAction = "Pipe what Invoke-Inpaint, Save-InpaintImage or Get-InpaintStatus emit, or the records of -ErrorVariable.",
            },
        };
    }

    private GalleryItem[] OfResult(InpaintResult result, PSObject input) =>
        result.Images.Count > 0 ? [.. result.Images.Select(image => OfImage(image, result.Job, input) with { TookSeconds = result.TookSeconds })] : [OfJob(result.Job)];

    private async Task<IReadOnlyList<GalleryItem>> OfJobAsync(InpaintJob job, CancellationToken cancellationToken)
    {
        if (job.State != InpaintJobState.Completed)
        {
            return [OfJob(job)];
        }

        try
        {
            InpaintResult? result = await ModuleEngine.Shared.ReceiveAsync(job, wait: false, options: null, cancellationToken).ConfigureAwait(false);
            return result is null ? [OfJob(job)] : OfResult(result, PSObject.AsPSObject(result));
        }
        catch (InpaintException e)
        {
            return [OfJob(job) with { Error = e.Message, ErrorId = e.ErrorId.ToString(), Advice = ShellAdvice.For(e) }];
        }
    }

    private GalleryItem OfImage(InpaintImage image, InpaintJob? job, PSObject input)
    {
        PictureSource picture = PictureSource.Parse(image.Url);
        string? source = FullName(job?.Source) ?? FullName(image.GetOrigin().Source);
        PictureSource? before = Noted(input, "Image") ?? Existing(source);
        PictureSource? mask = MaskOf(job, before?.FilePath, Noted(input, "Mask"));
        ImageOrigin origin = image.GetOrigin();
        return new GalleryItem
        {
            Name = origin.Source is { Length: > 0 } name ? Path.GetFileName(name) : picture.Name,
            Picture = picture,
            Before = before,
            Mask = mask,
            IsFlagged = image.IsFlagged,
            State = InpaintJobState.Completed,
            Prompt = origin.Prompt ?? job?.Prompt,
            Seed = origin.Seed,
            Provider = origin.Provider ?? job?.Provider,
            Model = origin.Model ?? job?.Model,
            Cost = CostOf(job),
            TookSeconds = SecondsOf(job),
            CreatedAt = origin.CreatedAt ?? job?.CreatedAt,
            Line = RepeatLine.For(origin, job, before, mask),
        };
    }

    private GalleryItem OfFile(string path, PSObject input, CancellationToken cancellationToken)
    {
        InpaintImage saved = input.Properties["Inpaint"]?.Value is { } noted && PSObject.AsPSObject(noted).BaseObject is InpaintImage image
            ? image
            : ModuleEngine.Shared.ReadSaved(path, cancellationToken);

        // The file may have been saved next to its source, of which it records only the name.
        string? beside = saved.GetOrigin().Source is { Length: > 0 } source && !Path.IsPathRooted(source) ? Path.Combine(Path.GetDirectoryName(path)!, source) : null;
        GalleryItem item = OfImage(saved, FindJob(saved.GetOrigin()), input);
        PictureSource? before = item.Before ?? (beside == path ? null : Existing(beside));
        return item with { Name = Path.GetFileName(path), Picture = PictureSource.FromFile(path), Before = before, Mask = item.Mask ?? MaskBeside(before?.FilePath) };
    }

    private GalleryItem OfJob(InpaintJob job)
    {
        PictureSource? before = Existing(FullName(job.Source));
        PictureSource? mask = MaskOf(job, before?.FilePath);
        return new GalleryItem
        {
            Name = job.Source is { Length: > 0 } name ? Path.GetFileName(name) : job.Id,
            Before = before,
            Mask = mask,
            State = job.State,
            Error = job.Error,
            ErrorId = job.ErrorId?.ToString(),
            Advice = job.ErrorId is { } id ? ShellAdvice.For(id) : null,
            Prompt = job.Prompt,
            Provider = job.Provider,
            Model = job.Model,
            Cost = CostOf(job),
            TookSeconds = SecondsOf(job),
            CreatedAt = job.CreatedAt,
            Line = RepeatLine.For(new ImageOrigin { Prompt = job.Prompt, Provider = job.Provider, Model = job.Model, Operation = job.Operation, Count = job.Count }, job, before, mask),
        };
    }

    private GalleryItem OfError(ErrorRecord error)
    {
        InpaintException? failure = error.Exception as InpaintException;
        PSObject? target = error.TargetObject is { } given ? PSObject.AsPSObject(given) : null;
        GalleryItem item = failure?.Job is { } job ? OfJob(job) : new GalleryItem();
        PictureSource? before = item.Before ?? PictureOf(target);
        return item with
        {
            Name = before?.Name ?? (item.Name.Length > 0 ? item.Name : ItemName.Of(target) ?? (target?.BaseObject is string text ? Path.GetFileName(text) : target?.ToString()) ?? "Failed"),
            Before = before is { IsRemote: false, FilePath: null } ? null : before,
            Mask = item.Mask ?? Noted(target, "Mask") ?? MaskBeside(before?.FilePath),
            State = InpaintJobState.Failed,
            Error = error.ErrorDetails?.Message ?? error.Exception.Message,
            ErrorId = error.FullyQualifiedErrorId.Split(',')[0],
            Advice = error.ErrorDetails?.RecommendedAction,
            Prompt = item.Prompt ?? target?.Properties["Prompt"]?.Value?.ToString(),
            Provider = item.Provider ?? failure?.Provider,
        };
    }

    private static PictureSource? PictureOf(PSObject? target) => target?.BaseObject switch
    {
        PictureSource source => source.IsRemote ? source : Existing(source.FilePath),
        FileInfo file => Existing(file.FullName),
        string text => Existing(text),
        PSCustomObject => Noted(target, "Image") ?? Noted(target, "Path") ?? Noted(target, "FullName"),
        _ => null,
    };

    private static PictureSource? Noted(PSObject? input, string name) => Existing(input?.Properties[name] is PSNoteProperty { Value: { } value } ? value.ToString() : null);

    /// <summary>A picture that still exists; a missing one is left out silently, because the rest of the item is still useful.</summary>
    private static PictureSource? Existing(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return null;
        }

        bool isWeb = name.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || name.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
        return isWeb ? PictureSource.Parse(name) : File.Exists(name) ? PictureSource.FromFile(name) : null;
    }

    // A name without a folder could match an unrelated file.
    private static string? FullName(string? source) => source is not null && (Path.IsPathFullyQualified(source) || source.Contains("://", StringComparison.Ordinal)) ? source : null;

    private static PictureSource? MaskBeside(string? picture) =>
        picture is null ? null : Existing(ModuleEngine.Shared.MaskPathFor(new MaskRecipe { Image = PictureSource.FromFile(picture) }, folder: null, currentFolder: ""));

    /// <summary>The mask as it is shown. One that is read the other way round would mark what was kept, and one that was made for the job is in no file.</summary>
    private static PictureSource? MaskOf(InpaintJob? job, string? picture, PictureSource? noted = null) => job?.Parameters switch
    {
        { } known when known.ContainsKey(nameof(InpaintRequest.MaskMode)) || known.ContainsKey(nameof(InpaintRequest.MaskRecipe)) => null,
        { } known when known.TryGetValue(nameof(InpaintRequest.Mask), out string? mask) => Existing(mask),
        _ => noted ?? MaskBeside(picture),
    };

    private static InpaintJob? FindJob(ImageOrigin origin)
    {
        try
        {
            return (origin.JournalId ?? origin.JobId) is { Length: > 0 } id ? ModuleEngine.Shared.FindJob(id) : null;
        }
        catch (InpaintException)
        {
            // The job was made on another machine, or has been removed.
            return null;
        }
    }

    /// <summary>The cost of a job, counted once however many of its pictures are shown.</summary>
    private InpaintCost? CostOf(InpaintJob? job)
    {
        bool isFirst = job is not null && paid.Add(job.JournalId.Length > 0 ? job.JournalId : job.Id);
        return isFirst ? job!.Cost : null;
    }

    private static double? SecondsOf(InpaintJob? job) => job is { SubmittedAt: { } from, CompletedAt: { } to } ? (to - from).TotalSeconds : null;
}
