using Inpaint.Journal;
using Inpaint.Providers;

namespace Inpaint.Jobs;

/// <summary>Converts a provider's output into the stored result, and a stored result into the user's.</summary>
internal static class ResultBuilder
{
    /// <summary>Writes pictures that came inside a response to disk, and refers to the others by their URL.</summary>
    public static StoredResult Store(ProviderOutput output, InpaintJob job, PictureSpool spool, DateTimeOffset now)
    {
        ImageOrigin origin = ImageOrigin.Of(job, output.Seed, output.Pictures.Count, now);
        return new StoredResult
        {
            Images = output.Pictures.Select((picture, index) => new InpaintImage
            {
                Url = UrlOf(picture, index, job, spool),
                ContentType = picture.ContentType,
                Width = picture.Width,
                Height = picture.Height,
                FileSize = picture.Content?.Length ?? picture.FileSize,
                Index = index,
                IsFlagged = picture.IsFlagged,
                Origin = origin,
            }).ToArray(),
            Seed = output.Seed,
            Timings = output.Timings,
            Prompt = output.Prompt ?? job.Prompt,
        };
    }

    /// <summary>The cost: by the units that the provider bills, else by the pictures that were delivered, else the earlier estimate. Null when nothing is known or it is free.</summary>
    public static InpaintCost? Cost(ProviderOutput output, InpaintJob job, InpaintPrice? price)
    {
        if (output.BillableUnits is decimal units && price is not null)
        {
            return price.CostOf(units, isEstimate: false).InsteadOf(job.Cost);
        }

        bool sizesKnown = output.Pictures.Count > 0 && output.Pictures.All(p => p is { Width: > 0, Height: > 0 });
        double? megapixels = sizesKnown ? output.Pictures.Average(p => (double)p.Width!.Value * p.Height!.Value / 1_000_000) : null;
        return price?.Estimate(output.Pictures.Count, megapixels)?.InsteadOf(job.Cost) ?? job.Cost;
    }

    /// <summary>Builds the user's result from an entry that has one.</summary>
    public static InpaintResult Build(JournalEntry entry)
    {
        StoredResult stored = entry.Result ?? throw new ArgumentException("The entry has no result.", nameof(entry));
        return new InpaintResult
        {
            Images = stored.Images,
            Job = entry.Job,
            Seed = stored.Seed,
            Timings = stored.Timings,
            HasNsfwConcepts = stored.Images.Select(i => i.IsFlagged).ToArray(),
            Prompt = stored.Prompt,
            Cost = entry.Job.Cost,
            TookSeconds = Math.Round(((entry.Job.CompletedAt ?? entry.Job.UpdatedAt) - (entry.Job.SubmittedAt ?? entry.Job.CreatedAt)).TotalSeconds, 3),
        };
    }

    /// <summary>A URL from a response is only ever fetched from the web: a <c>file:</c> URL would disclose a local file to the service.</summary>
    private static string UrlOf(OutputPicture picture, int index, InpaintJob job, PictureSpool spool)
    {
        if (picture.Content is ReadOnlyMemory<byte> content)
        {
            return spool.Write(job.JournalId, index, content);
        }

        if (picture.FilePath is string path)
        {
            return spool.Keep(path);
        }

        bool isWeb = Uri.TryCreate(picture.Url, UriKind.Absolute, out Uri? uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp);
        return isWeb ? picture.Url! : throw new InpaintException(InpaintErrorId.ResponseInvalid, $"{job.Provider} returned '{picture.Url}' as a picture's URL, which is not an http(s) URL.") { RequestId = job.Id };
    }
}
