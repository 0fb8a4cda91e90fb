using Inpaint.Journal;
using Inpaint.Tests.Jobs;

namespace Inpaint.Tests.Journal;

/// <summary>A journal in a folder of its own, and jobs to write into it: what the journal's tests share.</summary>
public abstract class JournalTest : IDisposable
{
    internal TemporaryFolder State { get; } = new();

    internal List<string> Warnings { get; } = [];

    public void Dispose()
    {
        State.Dispose();
        GC.SuppressFinalize(this);
    }

    internal JobJournal Journal() => new(() => State.Path, TimeProvider.System);

    internal void Warn(string warning) => Warnings.Add(warning);

    internal static JournalEntry Entry(string journalId, string id = "id") => new(JournalEntry.CurrentVersion, Job(journalId) with { Id = id });

    internal static InpaintJob Job(string journalId) => new()
    {
        JournalId = journalId,
        Id = "id",
        Provider = "Fal",
        Model = "fal-ai/flux-lora/inpainting",
        State = InpaintJobState.InQueue,
        CreatedAt = new DateTimeOffset(2026, 11, 20, 23, 0, 0, TimeSpan.Zero),
    };

    /// <summary>A completed job that has everything a file can hold.</summary>
    internal static JournalEntry Full(string journalId = "a", int pictures = 2) => new(
        JournalEntry.CurrentVersion,
        Job(journalId) with
        {
            State = InpaintJobState.Completed,
            Prompt = "an empty bench",
            Source = "/home/user/dog.png",
            Count = pictures,
            QueuePosition = 0,
            Progress = 0.5,
            StopOutcome = StopOutcome.AlreadyCompleted,
            Error = "an error",
            ErrorId = InpaintErrorId.JobFailed,
            Cost = new InpaintCost(0.018m, "EUR", IsEstimate: false),
            InferenceSeconds = 3.42,
            Fingerprint = "abc",
            SubmittedAt = new DateTimeOffset(2026, 11, 20, 23, 0, 1, TimeSpan.FromHours(2)),
            UpdatedAt = new DateTimeOffset(2026, 11, 20, 23, 0, 2, TimeSpan.Zero),
            CompletedAt = new DateTimeOffset(2026, 11, 20, 23, 0, 3, TimeSpan.Zero),
            ProviderData = new Dictionary<string, string>(StringComparer.Ordinal) { ["responseUrl"] = "https://queue.fal.run/x" },
            Logs = [new InpaintLogEntry("2026-11-20T23:00:00.123Z", "denoising 14/28", "INFO")],
        },
        new StoredResult
        {
            Images = [.. Enumerable.Range(0, pictures).Select(n => new InpaintImage
            {
                Url = $"https://cdn.example/{n}.png",
                ContentType = "image/png",
                Width = 512,
                Height = 512,
                FileSize = 1L << 40,
                Index = n,
                Origin = new ImageOrigin { JournalId = journalId, JobId = "id", Seed = long.MaxValue, Count = pictures },
            })],
            Seed = 196619188014358660,
            Timings = new Dictionary<string, double>(StringComparer.Ordinal) { ["inference"] = 3.5 },
            Prompt = "an empty bench",
        });
}
