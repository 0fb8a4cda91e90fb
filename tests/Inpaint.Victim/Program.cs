using System.Globalization;
using System.Security;
using Inpaint.Engine;
using Inpaint.Imaging.Masks;
using Inpaint.Journal;
using Inpaint.Planning;

namespace Inpaint.Victim;

/// <summary>A process that does what the module does, and is killed while it does: <c>Inpaint.Victim ORDERS</c>. Says each step on its output.</summary>
public static class Program
{
    /// <summary>Follows its orders.</summary>
    /// <param name="arguments">The orders as JSON.</param>
    /// <returns>0.</returns>
    public static async Task<int> Main(string[] arguments)
    {
        Orders orders = Orders.Parse(arguments[0]);
        Steps steps = new(orders.HangAt) { StateFolder = orders.State };
        using InpaintEngine engine = new(new InpaintEngineOptions { TimeProvider = steps, Environment = steps.Environment });
        if (orders.Kind is ProviderKind kind)
        {
            engine.Providers.Set(new ProviderSettings { Name = "Test", Kind = kind, BaseUri = orders.BaseUri, Endpoints = orders.Endpoints, ApiKey = Secret(orders.Key!) });
        }

        switch (orders.Deed)
        {
            case Deed.Run:
                await RunAsync(engine, orders, steps);
                break;
            case Deed.Collect:
                await CollectAsync(engine, orders, steps);
                break;
            case Deed.Decode:
                Decoding.Run(orders.Image, steps);
                break;
            case Deed.Churn:
                Churn(orders, steps);
                break;
        }

        steps.Sum();
        return 0;
    }

    /// <summary>What a line of <c>Invoke-Inpaint … | Save-InpaintImage</c> does.</summary>
    private static async Task RunAsync(InpaintEngine engine, Orders orders, Steps steps)
    {
        JobResumption? resumption = orders.Resume ? engine.FindResumable(warning => steps.Say($"warning {warning}")) : null;
        await Parallel.ForAsync(1, orders.Jobs + 1, new ParallelOptions { MaxDegreeOfParallelism = orders.AtOnce }, async (seed, cancellationToken) =>
        {
            RequestPlan plan = engine.Plan(new InpaintRequest
            {
                Provider = orders.Kind is null ? "Local" : "Test",
                Prompt = "an empty bench",
                Image = PictureSource.FromFile(orders.Image),
                Mask = PictureSource.FromFile(orders.Mask),
                Seed = seed,
                OutputFormat = orders.Kind is ProviderKind.Fal or ProviderKind.FalGateway ? "png" : null,
                Synchronous = orders.Synchronous,
                InlineResult = orders.InlineResult,
            });
            try
            {
                InpaintResult result = resumption?.TryTake(plan, out InpaintJob? known) == true
                    ? (await engine.ReceiveAsync(known, events: steps, cancellationToken: cancellationToken))!
                    : await engine.RunAsync(plan, events: steps, resumption: resumption, cancellationToken: cancellationToken);
                steps.Say($"result {result.Job.Id}");
                await SaveAsync(engine, result, orders, steps, cancellationToken);
            }
            catch (InpaintException e)
            {
                steps.Say($"failed {e.ErrorId} {e.Message}");
            }
        });
    }

    /// <summary>What <c>Get-InpaintStatus | Receive-InpaintJob -Wait | Save-InpaintImage</c> does.</summary>
    private static async Task CollectAsync(InpaintEngine engine, Orders orders, Steps steps)
    {
        foreach (InpaintJob job in engine.ListJobs(all: false, warning => steps.Say($"warning {warning}")).ToArray())
        {
            try
            {
                InpaintResult result = (await engine.ReceiveAsync(job, events: steps))!;
                await SaveAsync(engine, result, orders, steps, CancellationToken.None);
                steps.Say($"collected {job.Id}");
            }
            catch (InpaintException e)
            {
                steps.Say($"failed {e.ErrorId} {e.Message} {e.RecommendedAction}");
            }
        }
    }

    private static async Task SaveAsync(InpaintEngine engine, InpaintResult result, Orders orders, Steps steps, CancellationToken cancellationToken)
    {
        foreach (InpaintImage image in result.Images)
        {
            steps.Take("save");
            SavedImage saved = await engine.SaveAsync(image, new SaveOptions { Folder = orders.Output, NameTemplate = "{Source}-{Seed}" }, cancellationToken);
            steps.Say($"saved {saved.Path}");
            steps.Take("saved");
        }
    }

    /// <summary>
    /// Each round is one of the things that processes do to the journal at once. Jobs that are marked as saved are never taken back, whoever writes what; and who
    /// looks for a job that was ever written finds it, whoever moves it at that moment.
    /// </summary>
    private static void Churn(Orders orders, Steps steps)
    {
        JobJournal journal = new(() => orders.State, TimeProvider.System);
        Random random = new(Environment.ProcessId);
        HashSet<string> written = new(StringComparer.Ordinal);
        for (int round = 0; round < orders.Jobs; round++)
        {
            JournalEntry own = Entry(journal.NewId());
            journal.Write(own);
            string shared = string.Create(CultureInfo.InvariantCulture, $"shared-{random.Next(8)}");
            JournalEntry entry = Entry(shared);
            journal.Write(random.Next(3) switch
            {
                0 => entry,
                1 => entry with { Job = entry.Job with { State = InpaintJobState.InProgress } },
                _ => WithResult(entry),
            });
            journal.MarkSaved(shared, random.Next(4));
            journal.Write(WithResult(own));
            for (int index = 0; index < 4; index++)
            {
                journal.MarkSaved(own.Job.JournalId, index);
            }

            written.UnionWith([own.Job.JournalId, shared]);
            if (journal.Read(shared) is null)
            {
                steps.Say($"lost {shared}");
            }

            bool isWhole = round % 4 == 0;
            string[] listed = [.. journal.Entries(includeDone: isWhole, warning => steps.Say($"warning {warning}")).Select(seen => seen.Job.JournalId)];
            foreach (string lost in isWhole ? written.Except(listed) : [])
            {
                steps.Say($"lost {lost}");
            }

            steps.Say($"done {own.Job.JournalId}");
        }
    }

    private static JournalEntry Entry(string name) => new(JournalEntry.CurrentVersion, new InpaintJob
    {
        Id = "id-" + name,
        JournalId = name,
        Provider = "Test",
        Model = "model",
        State = InpaintJobState.InQueue,
    });

    private static JournalEntry WithResult(JournalEntry entry) => entry with
    {
        Job = entry.Job with { State = InpaintJobState.Completed },
        Result = new StoredResult { Images = [.. Enumerable.Range(0, 4).Select(n => new InpaintImage { Url = "https://cdn.example/" + n, Index = n, Origin = new ImageOrigin { JournalId = entry.Job.JournalId } })] },
    };

    private static SecureString Secret(string text)
    {
        SecureString secret = new();
        foreach (char letter in text)
        {
            secret.AppendChar(letter);
        }

        return secret;
    }
}
