using Inpaint.Files;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Journal;
using Inpaint.Results;

namespace Inpaint.Jobs;

/// <summary>
/// Puts the pictures of a job back into its original, where the job says so. It begins when the result's addresses are in the journal and ends with the finished
/// pictures in the spool and their addresses in the journal: whoever dies in between leaves a job that the next one finishes. What cannot be put back is handed
/// over as it came, with a warning: it is paid for.
/// </summary>
internal sealed class ResultFinisher(JobJournal journal, PictureSpool spool, PictureFetcher fetcher) : IDisposable
{
    /// <summary>The quality of a finished JPEG: most of it is the original's, which shall not suffer.</summary>
    private const int JpegQuality = 95;

    // A large photograph takes hundreds of megabytes and every core while it is worked on; a batch shall not take more.
    private readonly SemaphoreSlim turn = new(1, 1);

    /// <summary>Finishes a job.</summary>
    /// <param name="entry">The job, with its result.</param>
    /// <param name="events">Told what happens.</param>
    /// <param name="cancellationToken">Ends it; the job stays as it was.</param>
    /// <returns>The job with finished pictures; as it was when there is nothing to finish, or it cannot be.</returns>
    /// <exception cref="InpaintException">A picture cannot be fetched.</exception>
    public async Task<JournalEntry> FinishAsync(JournalEntry entry, IProgress<JobEvent>? events, CancellationToken cancellationToken)
    {
        if (entry.Job.Placement is not { } placement || entry.Result is not { } result)
        {
            return entry;
        }

        entry = entry with { Result = result with { Images = [.. result.Images.Select(AsMadeWhenLost)] } };
        InpaintImage[] waiting = [.. entry.Result.Images.Where(image => image is { IsFlagged: false, ProviderUrl: null })];
        if (waiting.Length == 0)
        {
            return entry;
        }

        string original = placement.OriginalPath ?? spool.OriginalOf(entry.Job.JournalId);
        if (await Task.Run(() => ObstacleOf(original, placement, entry.Job), cancellationToken).ConfigureAwait(false) is { } obstacle)
        {
            Warn(entry, obstacle, events);
            return entry;
        }

        events?.Report(new JobEvent(JobEventKind.Timeline, $"putting the result of {entry.Job.Id} back into {original}", entry.Job));
        List<(InpaintImage Image, string Path)> answers = [];
        try
        {
            foreach (InpaintImage image in waiting)
            {
                string path = spool.TemporaryIn(entry.Job.JournalId);
                if (await FetchAsync(entry, image, path, events, cancellationToken).ConfigureAwait(false))
                {
                    answers.Add((image, path));
                }
            }

            if (answers.Count == 0)
            {
                return entry;
            }

            await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await Task.Run(() => Note(entry, PutBack(entry, original, answers, events, cancellationToken), events), cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                turn.Release();
            }
        }
        finally
        {
            answers.ForEach(answer => TryDelete(answer.Path));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => turn.Dispose();

    /// <summary>A finished picture may have been tidied away since; what it was made of may still be there.</summary>
    private static InpaintImage AsMadeWhenLost(InpaintImage image) =>
        image.ProviderUrl is { } made && !(Uri.TryCreate(image.Url, UriKind.Absolute, out Uri? kept) && File.Exists(kept.LocalPath)) ? image with { Url = made, ProviderUrl = null } : image;

    private static void Warn(JournalEntry entry, string reason, IProgress<JobEvent>? events) => events?.Report(new JobEvent(
        JobEventKind.Warning,
        $"What {entry.Job.Provider} made for job {entry.Job.Id} is handed over as it came, not put back into the original: {reason} When that is mended, Receive-InpaintJob -Id {entry.Job.Id} puts it back.",
        entry.Job));

    private string? ObstacleOf(string original, InpaintPlacement placement, InpaintJob job)
    {
        if (!File.Exists(spool.MaskOf(job.JournalId)))
        {
            return "its mask is not kept on this machine.";
        }

        try
        {
            return PictureSource.FromFile(original).GetDigest() == placement.OriginalDigest ? null : $"'{original}' has changed since the job was made.";
        }
        catch (Exception e) when (IsOfPictures(e))
        {
            return e.Message;
        }
    }

    /// <summary>Fetches what the provider made. What may come later is waited for; what never will must not keep the job's other pictures back.</summary>
    private async Task<bool> FetchAsync(JournalEntry entry, InpaintImage image, string path, IProgress<JobEvent>? events, CancellationToken cancellationToken)
    {
        bool isFetched = false;
        try
        {
            PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
            FileStream target = PrivateFiles.Open(path, FileMode.CreateNew, FileAccess.ReadWrite, 1 << 16, FileOptions.Asynchronous);
            await using (target.ConfigureAwait(false))
            {
                await fetcher.FetchAsync(image, target, SaveOptions.DefaultMaximumBytes, cancellationToken).ConfigureAwait(false);
            }

            isFetched = true;
        }
        catch (InpaintException e) when (!e.IsTransient)
        {
            Warn(entry, e.Message, events);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Warn(entry, $"it cannot be kept in '{Path.GetDirectoryName(path)}': {e.Message}", events);
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
            // It goes with the job's folder, at the latest.
        }
    }

    private List<InpaintImage> PutBack(JournalEntry entry, string original, List<(InpaintImage Image, string Path)> answers, IProgress<JobEvent>? events, CancellationToken cancellationToken)
    {
        List<InpaintImage> finished = [];
        try
        {
            PasteBack back = Open(entry.Job, original, cancellationToken);
            foreach ((InpaintImage image, string path) in answers)
            {
                Raster whole = back.Apply(Decode(path, image.Url, cancellationToken), cancellationToken);
                finished.Add(Keep(image, whole, entry.Job, cancellationToken));
            }
        }
        catch (Exception e) when (IsOfPictures(e))
        {
            Warn(entry, e.Message, events);
        }

        return finished;
    }

    /// <summary>Whatever befalls the pictures here, a very large one included, is no reason to keep back what was paid for.</summary>
    private static bool IsOfPictures(Exception e) => e is InpaintException or IOException or UnauthorizedAccessException or OutOfMemoryException;

    private PasteBack Open(InpaintJob job, string original, CancellationToken cancellationToken)
    {
        InpaintPlacement placement = job.Placement!;
        Raster picture = EmbeddedMetadata.RemoveFrom(Decode(original, original, cancellationToken));
        string maskPath = spool.MaskOf(job.JournalId);
        Mask mask;
        using (Stream stream = PictureSource.FromFile(maskPath).OpenRead())
        {
            mask = MaskMorphology.FeatherInward(MaskReader.Read(stream, maskPath, MaskMode.White, cancellationToken: cancellationToken), placement.Feather);
        }

        PixelRect part = new(placement.X, placement.Y, placement.Width, placement.Height);
        return PasteBack.Fits(picture.Width, picture.Height, part, new PixelRect(placement.MaskX, placement.MaskY, mask.Width, mask.Height))
            ? new PasteBack(picture, part, mask, placement.MaskX, placement.MaskY)
            : throw new InpaintException(InpaintErrorId.StateUnavailable, $"the job's record does not fit '{original}'.");
    }

    private static Raster Decode(string path, string name, CancellationToken cancellationToken)
    {
        using Stream stream = PictureSource.FromFile(path).OpenRead();
        return Pictures.Decode(stream, name, cancellationToken: cancellationToken);
    }

    private InpaintImage Keep(InpaintImage image, Raster whole, InpaintJob job, CancellationToken cancellationToken)
    {
        PictureFormat format = PictureFormats.CanWrite(job.Placement!.Format) ? job.Placement.Format : PictureFormat.Png;
        (string address, long length) = spool.WriteFinished(job.JournalId, image.Index, target => Pictures.Encode(whole, format, target, JpegQuality, cancellationToken));
        return image with
        {
            Url = address,
            ProviderUrl = image.Url,
            ContentType = PictureFormats.MediaTypeOf(format),
            Width = whole.Width,
            Height = whole.Height,
            FileSize = length,
        };
    }

    private JournalEntry Note(JournalEntry entry, List<InpaintImage> finished, IProgress<JobEvent>? events)
    {
        if (finished.Count == 0)
        {
            return entry;
        }

        StoredResult result = entry.Result! with { Images = [.. entry.Result.Images.Select(image => finished.Find(f => f.Index == image.Index) ?? image)] };
        JournalEntry changed = entry with { Result = result };
        try
        {
            JournalEntry written = journal.Write(changed with { Job = entry.Job with { Logs = [] } });
            return written with { Job = written.Job with { Logs = entry.Job.Logs } };
        }
        catch (InpaintException e) when (e.ErrorId == InpaintErrorId.StateUnavailable)
        {
            // The picture is there; the next one to collect the job makes it once more.
            events?.Report(new JobEvent(JobEventKind.Warning, $"{e.Message} That the pictures of job {entry.Job.Id} are finished is not written down.", entry.Job));
            return changed;
        }
    }
}
