using System.Globalization;
using Inpaint.Imaging;
using Inpaint.Providers;
using Inpaint.Results;

namespace Inpaint.Jobs;

/// <summary>
/// Writes the intermediate pictures of one job into a folder as they arrive, and reports each. The job is paid for by then, so that a failure here is only a warning
/// and ends the previews.
/// </summary>
internal sealed class PreviewWriter(string folder, InpaintJob job, IProgress<JobEvent>? events)
{
    /// <summary>The limit of previews per job: twice the steps of any model. A service that sends without end must not fill a disk.</summary>
    private const int MaximumCount = 100;

    // The end of the journal id, by which a job can be found, keeps the pictures of jobs with the same prompt apart.
    private readonly string stem = FileNameTemplate.Fill("{Source}-preview", new InpaintImage { Origin = new ImageOrigin { Source = job.Source, Prompt = job.Prompt } }, job.CreatedAt) + "-" + job.JournalId.Split('-')[^1];
    private int count;
    private bool hasFailed;

    /// <summary>The last file written; null when there is none yet.</summary>
    public string? LastFile { get; private set; }

    /// <summary>Creates the folder, so that a path that cannot be written fails before anything is paid for.</summary>
    /// <exception cref="InpaintException">OutputWriteFailed.</exception>
    public void EnsureFolder()
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"The folder '{folder}' for previews cannot be created: {e.Message} Nothing was sent.", e);
        }
    }

    /// <summary>Writes the pictures of one step.</summary>
    public void Write(IReadOnlyList<OutputPicture> pictures)
    {
        if (hasFailed || count == MaximumCount)
        {
            return;
        }

        count++;
        for (int index = 0; index < pictures.Count; index++)
        {
            string number = string.Create(CultureInfo.InvariantCulture, $"{count:00}{(pictures.Count == 1 ? "" : $"-{index}")}");
            try
            {
                Report(number, pictures[index], WriteOne(number, pictures[index]));
            }
            catch (InpaintException e)
            {
                hasFailed = true;
                events?.Report(new JobEvent(JobEventKind.Warning, $"{e.Message} The job continues; no more previews of it are written.", job));
                return;
            }
        }
    }

    /// <summary>Writes a picture that came inside the event. One that is only a URL is not downloaded while the job runs, and data that is no picture is skipped.</summary>
    private string? WriteOne(string number, OutputPicture picture)
    {
        if (picture.Content is not { } content)
        {
            return null;
        }

        PictureFormat format = PictureSniffer.Detect(content.Span[..Math.Min(content.Length, PictureSniffer.HeadLength)]);
        if (format == PictureFormat.Unknown)
        {
            return null;
        }

        string path = Path.Combine(folder, $"{stem}-{number}{PictureFormats.ExtensionOf(format)}");
        PictureFileWriter.Write(path, stream => stream.Write(content.Span), overwrite: true, force: false, CancellationToken.None);
        LastFile = path;
        return path;
    }

    private void Report(string number, OutputPicture picture, string? path) =>
        events?.Report(new JobEvent(JobEventKind.Preview, $"preview {number}{((path ?? picture.Url) is { } place ? $": {place}" : "")}", job with { State = InpaintJobState.InProgress }) { FilePath = path });
}
