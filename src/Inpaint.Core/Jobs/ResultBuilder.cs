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
        InpaintImage[] images = new InpaintImage[output.Pictures.Count];
        for (int index = 0; index < images.Length; index++)
        {
            OutputPicture picture = output.Pictures[index];
            images[index] = new InpaintImage
            {
                Url = UrlOf(picture, index, job, spool),
                ContentType = picture.ContentType,
                Width = picture.Width,
                Height = picture.Height,
                FileSize = picture.Content?.Length ?? picture.FileSize,
                Index = index,
                IsFlagged = picture.IsFlagged,
                Origin = origin,
            };
        }

        return new StoredResult
        {
            Images = images,
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

        return price?.Estimate(output.Pictures.Count, MeanMegapixels(output.Pictures))?.InsteadOf(job.Cost) ?? job.Cost;
    }

    /// <summary>The mean size of pictures; null when one is not known.</summary>
    private static double? MeanMegapixels(IReadOnlyList<OutputPicture> pictures)
    {
        double sum = 0;
        foreach (OutputPicture picture in pictures)
        {
            if (picture is not { Width: > 0 and var width, Height: > 0 and var height })
            {
                return null;
            }

            sum += (double)width * height / 1_000_000;
        }

        return pictures.Count == 0 ? null : sum / pictures.Count;
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
            HasNsfwConcepts = Array.ConvertAll([.. stored.Images], image => image.IsFlagged),
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
