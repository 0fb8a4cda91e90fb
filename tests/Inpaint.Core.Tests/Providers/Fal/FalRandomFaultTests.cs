using System.Globalization;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Inpaint.Providers;
using Inpaint.Providers.Fal;
using Xunit;

namespace Inpaint.Tests.Providers.Fal;

/// <summary>Jobs through seeded random sequences of faults: whatever goes wrong, no job is paid twice, and a failure that says that none was made is right.</summary>
public sealed class FalRandomFaultTests : FalClientTest
{
    private static readonly Func<Fault>[] Kinds =
    [
        () => Fault.Pass,
        () => Fault.ResetBeforeRead(),
        () => Fault.ResetAfterAccept(),
        () => Fault.TooManyRequests(),
        () => Fault.TooManyRequests(TimeSpan.Zero),
        () => Fault.TooManyRequests(DateTimeOffset.UnixEpoch),
        () => Fault.Respond(500, """{"detail":"Internal Server Error"}"""),
        () => Fault.Respond(500).AfterAccept(),
        () => Fault.Html(502),
        () => Fault.Html(502).AfterAccept(),
        () => Fault.Respond(503),
        () => Fault.Html(504).AfterAccept(),
        () => Fault.UserTimeout(),
        () => Fault.Truncate(),
        () => Fault.MalformedBody(),
        () => Fault.EmptyBody(),
        () => Fault.Html(200),
        () => Fault.WrongContentType(),
        () => Fault.UnknownStatus(),
        () => Fault.Redirect(new Uri("https://elsewhere.example/")),
        () => Fault.Expired(),
        () => Fault.SlowBody(TimeSpan.Zero, 50),
    ];

    // A long run sets more: INPAINT_FAULT_ROUNDS=300 makes 1,200 sequences.
    private static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("INPAINT_FAULT_ROUNDS"), CultureInfo.InvariantCulture, out int rounds) ? rounds : 40;

    private static readonly WireOperation[] Operations =
        [WireOperation.Submit, WireOperation.Run, WireOperation.Status, WireOperation.StatusStream, WireOperation.Result, WireOperation.Download, WireOperation.Cancel, WireOperation.UploadInitiate, WireOperation.UploadPut];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task NoJobIsPaidTwiceAndNoneIsDenied(int seed)
    {
        Random random = new(seed);
        FalUploadOptions uploads = new() { InlineLimit = seed % 2 == 0 ? 0 : 1_000_000 };
        FalClient client = MakeClient(uploads: uploads);
        PictureDownloader downloader = new(Http, TimeProvider.System, Quick);
        for (int round = 0; round < Rounds; round++)
        {
            State.Reset();
            State.Jobs.DefaultScript = JobScript.Reads(random.Next(2), random.Next(2));
            foreach (WireOperation operation in Operations)
            {
                State.Faults.Enqueue(operation, [.. Enumerable.Range(0, random.Next(4)).Select(_ => Kinds[random.Next(Kinds.Length)]())]);
            }

            string story = $"seed {seed}, round {round}";
            bool isDirect = random.Next(4) == 0;
            bool doesStream = random.Next(2) == 0;
            await OneJobAsync(client, downloader, isDirect, doesStream, story);
            Assert.Empty(State.KeyLeaks);
        }
    }

    private async Task OneJobAsync(FalClient client, PictureDownloader downloader, bool isDirect, bool doesStream, string story)
    {
        RequestPlan plan = Plan(new InpaintRequest { Prompt = "x", Synchronous = isDirect });
        PreparedSubmission submission;
        try
        {
            submission = await client.PrepareAsync(plan, progress: null, Cancellation);
        }
        catch (InpaintException)
        {
            Assert.True(State.PaidJobs == 0, story);
            return;
        }

        Acceptance acceptance;
        try
        {
            acceptance = await client.SubmitAsync(submission, Cancellation);
        }
        catch (InpaintException e)
        {
            Assert.True(State.PaidJobs == 0 || (State.PaidJobs == 1 && e.ErrorId == InpaintErrorId.SubmissionUncertain), $"{story}: {State.PaidJobs} jobs, {e.ErrorId}: {e.Message}");
            return;
        }

        Assert.True(State.PaidJobs == 1, story);
        Assert.Equal(State.Jobs.Last.Id, acceptance.Id);
        InpaintJob job = JobOf(acceptance, plan);
        ProviderOutput output = acceptance.Output ?? await CollectAsync(client, job, doesStream);
        using MemoryStream file = new();
        while (file.Length == 0)
        {
            try
            {
                await downloader.DownloadAsync(output.Pictures[0].Url!, file, Cancellation);
            }
            catch (InpaintException)
            {
                file.SetLength(0);
            }
        }

        Assert.True(State.PaidJobs == 1, story);
    }

    // As a user would who comes back until the job is collected; the queued faults are finite, so that this ends.
    private static async Task<ProviderOutput> CollectAsync(FalClient client, InpaintJob job, bool doesStream)
    {
        if (doesStream)
        {
            await foreach (JobUpdate update in client.StreamStatusAsync(job, Cancellation))
            {
                Assert.NotEqual(InpaintJobState.Failed, update.State);
            }
        }

        const int patience = 50;
        for (int visit = 1; ; visit++)
        {
            try
            {
                while ((await client.GetStatusAsync(job, includeLog: true, Cancellation)).State != InpaintJobState.Completed)
                {
                }

                return await client.GetResultAsync(job, Cancellation);
            }
            catch (InpaintException e)
            {
                Assert.True(visit < patience, e.Message);
            }
        }
    }
}
