using Inpaint.Files;
using Inpaint.Http;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Journal;
using Inpaint.Results;

namespace Inpaint.Jobs;

/// <summary>
/// Makes of a finished job what the user gets: its result, with the pictures composited into the original where the job says so, or the reason why there is none.
/// Compositing starts when the result's URLs are in the journal and ends with the finished pictures in the spool and their URLs in the journal, so that after a
/// kill the next process to collect the job finishes it. A picture that cannot be composited is returned unmodified, with a warning: it is paid for.
/// </summary>
internal sealed class ResultFinisher(JobJournal journal, PictureSpool spool, PictureDownloader downloader) : IDisposable
{
    /// <summary>The quality of a composited JPEG, most of which is the original and should not suffer.</summary>
    private const int JpegQuality = 95;

    // A large photograph takes hundreds of megabytes and all cores; a batch should not take more.
    private readonly SemaphoreSlim oneAtATime = new(1, 1);

    /// <summary>Collects the result of a settled job, and reports pictures that the safety checker flagged.</summary>
    /// <exception cref="InpaintException">Why there is no result; <see cref="InpaintException.Job"/> holds the job.</exception>
    public Task<InpaintResult> CollectAsync(JournalEntry entry, IProgress<JobEvent>? events, CancellationToken cancellationToken) =>
        JobFailures.AttributeAsync(journal, entry, async () => BuildResult(await FinishAsync(entry, events, cancellationToken).ConfigureAwait(false), events));

    /// <summary>Composites the pictures of a job; returns the entry unchanged when there is nothing to composite, or it is not possible.</summary>
    /// <exception cref="InpaintException">A picture cannot be downloaded.</exception>
    public async Task<JournalEntry> FinishAsync(JournalEntry entry, IProgress<JobEvent>? events, CancellationToken cancellationToken)
    {
        if (entry.Job.Placement is not { } placement || entry.Result is not { } result)
        {
            return entry;
        }

        entry = entry with { Result = result with { Images = [.. result.Images.Select(ProviderImageWhenLost)] } };
        InpaintImage[] waiting = [.. entry.Result.Images.Where(image => image is { IsFlagged: false, ProviderUrl: null })];
        if (waiting.Length == 0)
        {
            return entry;
        }

        string path = placement.OriginalPath ?? spool.OriginalPathOf(entry.Job.JournalId);
        (PictureSnapshot? original, string? blocker) = await Task.Run(() => ReadOriginal(path, placement, entry.Job), cancellationToken).ConfigureAwait(false);
        if (original is null)
        {
            Warn(entry, blocker!, events);
            return entry;
        }

        events?.Report(new JobEvent(JobEventKind.Timeline, $"compositing the result of {entry.Job.Id} into {path}", entry.Job));
        List<(InpaintImage Image, string Path)> downloaded = [];
        try
        {
            foreach (InpaintImage image in waiting)
            {
                string temporary = spool.TemporaryIn(entry.Job.JournalId);
                if (await FetchAsync(entry, image, temporary, events, cancellationToken).ConfigureAwait(false))
                {
                    downloaded.Add((image, temporary));
                }
            }

            if (downloaded.Count == 0)
            {
                return entry;
            }

            await oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await Task.Run(() => Record(entry, Composite(entry, original, downloaded, events, cancellationToken), events), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                oneAtATime.Release();
            }
        }
        finally
        {
            downloaded.ForEach(file => TryDelete(file.Path));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => oneAtATime.Dispose();

    /// <summary>A composited picture may have been pruned since; the provider's picture may still be there.</summary>
    private static InpaintImage ProviderImageWhenLost(InpaintImage image) =>
        image.ProviderUrl is { } made && !(Uri.TryCreate(image.Url, UriKind.Absolute, out Uri? kept) && File.Exists(kept.LocalPath)) ? image with { Url = made, ProviderUrl = null } : image;

    private static void Warn(JournalEntry entry, string reason, IProgress<JobEvent>? events) => events?.Report(new JobEvent(
        JobEventKind.Warning,
        $"A picture of job {entry.Job.Id} was returned unmodified by {entry.Job.Provider} and not composited into the original: {reason} When that is resolved, collecting the job again composites it.",
        entry.Job));

    /// <summary>Reads the picture into which others are composited; without it, the reason why they cannot be.</summary>
    private (PictureSnapshot? Original, string? Blocker) ReadOriginal(string path, InpaintPlacement placement, InpaintJob job)
    {
        if (!File.Exists(spool.MaskPathOf(job.JournalId)))
        {
            return (null, "its mask is not stored on this machine.");
        }

        try
        {
            PictureSnapshot original = PictureSnapshot.Take(PictureSource.FromFile(path));
            if (original.Digest != placement.OriginalDigest)
            {
                return (null, $"'{path}' has changed since the job was created.");
            }

            original.Settle();
            return (original, null);
        }
        catch (Exception e) when (IsPictureFailure(e))
        {
            return (null, e.Message);
        }
    }

    /// <summary>Downloads the provider's picture. A transient failure is thrown, so that the job is collected later; a permanent one is a warning and must not block the job's other pictures.</summary>
    private async Task<bool> FetchAsync(JournalEntry entry, InpaintImage image, string path, IProgress<JobEvent>? events, CancellationToken cancellationToken)
    {
        bool isFetched = false;
        try
        {
            PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
            FileStream target = PrivateFiles.Open(path, FileMode.CreateNew, FileAccess.ReadWrite, 1 << 16, FileOptions.Asynchronous);
            await using (target.ConfigureAwait(false))
            {
                await downloader.FetchAsync(image, target, SaveOptions.DefaultMaximumBytes, cancellationToken).ConfigureAwait(false);
            }

            isFetched = true;
        }
        catch (InpaintException e) when (!e.IsTransient)
        {
            Warn(entry, e.Message, events);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Warn(entry, $"it cannot be stored in '{Path.GetDirectoryName(path)}': {e.Message}", events);
        }
        finally
        {
            if (!isFetched)
            {
                TryDelete(path);
            }
        }

        return isFetched;
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is deleted with the job's folder at the latest.
        }
    }

    private List<InpaintImage> Composite(JournalEntry entry, PictureSnapshot original, List<(InpaintImage Image, string Path)> downloaded, IProgress<JobEvent>? events, CancellationToken cancellationToken)
    {
        List<InpaintImage> finished = [];
        try
        {
            PasteBack back = Open(entry.Job, original, cancellationToken);
            foreach ((InpaintImage image, string path) in downloaded)
            {
                Raster whole = back.Apply(Decode(path, image.Url, cancellationToken), cancellationToken);
                finished.Add(Keep(image, whole, entry.Job, cancellationToken));
            }
        }
        catch (Exception e) when (IsPictureFailure(e))
        {
            Warn(entry, e.Message, events);
        }

        return finished;
    }

    /// <summary>Nothing that happens to the pictures here, such as one that exceeds memory, may withhold what was paid for.</summary>
    private static bool IsPictureFailure(Exception e) => e is InpaintException or IOException or UnauthorizedAccessException or OutOfMemoryException;

    private PasteBack Open(InpaintJob job, PictureSnapshot original, CancellationToken cancellationToken)
    {
        InpaintPlacement placement = job.Placement!;
        Raster picture = EmbeddedMetadata.RemoveFrom(original.Decode(cancellationToken));
        string maskPath = spool.MaskPathOf(job.JournalId);
        Mask mask;
        using (Stream stream = PictureSource.FromFile(maskPath).OpenRead())
        {
            mask = MaskFeather.ApplyInward(MaskReader.Read(stream, maskPath, MaskMode.White, cancellationToken: cancellationToken), placement.Feather);
        }

        PixelRect part = new(placement.X, placement.Y, placement.Width, placement.Height);
        return PasteBack.Fits(picture.Width, picture.Height, part, new PixelRect(placement.MaskX, placement.MaskY, mask.Width, mask.Height))
            ? new PasteBack(picture, part, mask, placement.MaskX, placement.MaskY)
            : throw new InpaintException(InpaintErrorId.StateUnavailable, $"the job's record does not fit '{original.Source}'.");
    }

    private static Raster Decode(string path, string name, CancellationToken cancellationToken)
    {
        using Stream stream = PictureSource.FromFile(path).OpenRead();
        return Pictures.Decode(stream, name, cancellationToken: cancellationToken);
    }

    private InpaintImage Keep(InpaintImage image, Raster whole, InpaintJob job, CancellationToken cancellationToken)
    {
        PictureFormat format = PictureFormats.CanWrite(job.Placement!.Format) ? job.Placement.Format : PictureFormat.Png;
        (string url, long length) = spool.WriteFinished(job.JournalId, image.Index, target => Pictures.Encode(whole, format, target, JpegQuality, cancellationToken));
        return image with
        {
            Url = url,
            ProviderUrl = image.Url,
            ContentType = PictureFormats.MediaTypeOf(format),
            Width = whole.Width,
            Height = whole.Height,
            FileSize = length,
        };
    }

    private JournalEntry Record(JournalEntry entry, List<InpaintImage> finished, IProgress<JobEvent>? events)
    {
        if (finished.Count == 0)
        {
            return entry;
        }

        StoredResult result = entry.Result! with { Images = [.. entry.Result.Images.Select(image => finished.Find(f => f.Index == image.Index) ?? image)] };
        JournalEntry changed = entry with { Result = result };
        try
        {
            JournalEntry written = journal.Write(changed with { Job = entry.Job with { Logs = [] } }, isDurable: false);
            return written with { Job = written.Job with { Logs = entry.Job.Logs } };
        }
        catch (InpaintException e) when (e.ErrorId == InpaintErrorId.StateUnavailable)
        {
            // The picture exists; the next process to collect the job composites it again.
            events?.Report(new JobEvent(JobEventKind.Warning, $"{e.Message} The finished pictures of job {entry.Job.Id} were not recorded.", entry.Job));
            return changed;
        }
    }

    private static InpaintResult BuildResult(JournalEntry entry, IProgress<JobEvent>? events)
    {
        if (entry.Result is null)
        {
            throw JobFailures.WithoutResult(entry.Job);
        }

        InpaintResult result = ResultBuilder.Build(entry);
        int flagged = result.Images.Count(image => image.IsFlagged);
        if (flagged > 0)
        {
            events?.Report(new JobEvent(JobEventKind.Warning, $"{entry.Job.Provider}'s safety checker flagged {flagged} of {result.Images.Count} picture(s) of job {entry.Job.Id}; flagged pictures are blanked, and are still charged.", entry.Job));
        }

        return result;
    }
}
