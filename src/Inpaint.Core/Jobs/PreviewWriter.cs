using System.Globalization;
using Inpaint.Imaging;
using Inpaint.Providers;
using Inpaint.Results;

namespace Inpaint.Jobs;

/// <summary>
/// Writes the intermediate pictures of one job into a folder as they come, and tells of each. Nothing that goes wrong here is a reason to lose the job, which
/// is paid for by then: it costs a warning and the pictures that would have followed.
/// </summary>
/// <param name="folder">The folder's full path.</param>
/// <param name="job">The job as it was written down before it was sent.</param>
/// <param name="events">Told of each picture.</param>
internal sealed class PreviewWriter(string folder, InpaintJob job, IProgress<JobEvent>? events)
{
    /// <summary>As many as are written of one job: twice the steps that any model takes. A service that goes on for ever must not fill a disk.</summary>
    private const int MaximumCount = 100;

    // The end of the job's name in the journal, by which it is found again, keeps the pictures of jobs with the same prompt apart.
    private readonly string stem = FileNameTemplate.Fill("{Source}-preview", new InpaintImage { Origin = new ImageOrigin { Source = job.Source, Prompt = job.Prompt } }, job.CreatedAt) + "-" + job.JournalId.Split('-')[^1];
    private int count;
    private bool isOver;

    /// <summary>The last file written; null when there is none yet.</summary>
    public string? LastFile { get; private set; }

    /// <summary>Makes the folder, so that one that cannot be written to is found before anything is paid for.</summary>
    /// <exception cref="InpaintException">OutputWriteFailed.</exception>
    public void DemandFolder()
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InpaintException(InpaintErrorId.OutputWriteFailed, $"The folder '{folder}' for previews cannot be made: {e.Message} Nothing was sent.", e);
        }
    }

    /// <summary>Writes the pictures of one moment.</summary>
    /// <param name="pictures">The pictures.</param>
    public void Write(IReadOnlyList<OutputPicture> pictures)
    {
        if (isOver || count == MaximumCount)
        {
            return;
        }

        count++;
        for (int index = 0; index < pictures.Count; index++)
        {
            string number = string.Create(CultureInfo.InvariantCulture, $"{count:00}{(pictures.Count == 1 ? "" : $"-{index}")}");
            try
            {
                Tell(number, pictures[index], WriteOne(number, pictures[index]));
            }
            catch (InpaintException e)
            {
                isOver = true;
                events?.Report(new JobEvent(JobEventKind.Warning, $"{e.Message} The job goes on; no more previews of it are written.", job));
                return;
            }
        }
    }

    /// <summary>Writes a picture that came inside the event. One that stays at the service, or is no picture, is not worth a call in the middle of a job.</summary>
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

    private void Tell(string number, OutputPicture picture, string? path) =>
        events?.Report(new JobEvent(JobEventKind.Preview, $"preview {number}{((path ?? picture.Url) is { } place ? $": {place}" : "")}", job with { State = InpaintJobState.InProgress }) { FilePath = path });
}
