using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Inpaint.Imaging;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Tests.Providers;
using Xunit;

namespace Inpaint.Tests.Faults;

/// <summary>A column of the matrix: one operation of one provider.</summary>
/// <param name="Operation">The heading of its table.</param>
/// <param name="Name">The heading of its column.</param>
/// <param name="Provider">The provider.</param>
/// <param name="Struck">What the emulator calls the operation.</param>
/// <param name="Arrange">Does what comes before the operation, and gives the operation itself; that ends with a word for what it came to.</param>
internal sealed record WireColumn(string Operation, string Name, string Provider, WireOperation Struck, Func<FaultScene, Task<Func<Task<string>>>> Arrange)
{
    /// <summary>What a call that did its work comes to.</summary>
    public const string Done = "ok";

    /// <summary>What a stream comes to that ends before its job: the schedule asks on.</summary>
    private const string Ended = "ended";

    /// <summary>Whether the operation makes a job that is paid for.</summary>
    public bool IsPaid => Struck is WireOperation.Submit or WireOperation.Run or WireOperation.RunStream;

    /// <summary>All columns.</summary>
    public static IReadOnlyList<WireColumn> All { get; } =
    [
        new("Submit", "Fal", "Fal", WireOperation.Submit, SubmitAsync),
        new("Submit", "Fal, direct", "Fal", WireOperation.Run, scene => SubmitAsync(scene, isDirect: true)),
        new("Submit", "Fal, with previews", "Fal", WireOperation.RunStream, SubmitWithPreviewsAsync),
        new("Submit", "ChainHub", "ChainHub", WireOperation.Submit, SubmitAsync),
        new("Submit", "ModelsLab", "ModelsLab", WireOperation.Submit, SubmitAsync),
        new("Status", "Fal", "Fal", WireOperation.Status, StatusAsync),
        new("Status", "ChainHub", "ChainHub", WireOperation.Result, StatusAsync),
        new("Status", "ModelsLab", "ModelsLab", WireOperation.Status, StatusAsync),
        new("Status stream", "Fal", "Fal", WireOperation.StatusStream, StreamAsync),
        new("Result", "Fal", "Fal", WireOperation.Result, ResultAsync),
        new("Result", "ChainHub", "ChainHub", WireOperation.Result, ResultAsync),
        new("Result", "ModelsLab", "ModelsLab", WireOperation.Status, ResultAsync),
        new("Cancel", "Fal", "Fal", WireOperation.Cancel, CancelAsync),
        new("Cancel", "ChainHub", "ChainHub", WireOperation.Cancel, CancelAsync),
        new("Upload", "Fal, announcement", "Fal", WireOperation.UploadInitiate, UploadAsync),
        new("Upload", "Fal, bytes", "Fal", WireOperation.UploadPut, UploadAsync),
        new("Upload", "Fal, a part", "Fal", WireOperation.UploadPart, scene => UploadAsync(scene, inParts: true)),
        new("Upload", "Fal, completion", "Fal", WireOperation.UploadComplete, scene => UploadAsync(scene, inParts: true)),
        new("Upload", "ModelsLab", "ModelsLab", WireOperation.UploadPut, UploadAsync),
        new("Download", "Fal", "Fal", WireOperation.Download, DownloadAsync),
        new("Download", "ChainHub", "ChainHub", WireOperation.Download, DownloadAsync),
        new("Download", "ModelsLab", "ModelsLab", WireOperation.Download, DownloadAsync),
    ];

    private static Task<Func<Task<string>>> SubmitAsync(FaultScene scene) => SubmitAsync(scene, isDirect: false);

    private static async Task<Func<Task<string>>> SubmitAsync(FaultScene scene, bool isDirect)
    {
        PreparedSubmission submission = await scene.Client.PrepareAsync(scene.Plan(isDirect: isDirect), progress: null, scene.Cancellation);
        return async () =>
        {
            Acceptance acceptance = await scene.Client.SubmitAsync(submission, scene.Cancellation);
            Assert.Equal(scene.State.Jobs.Last.Id, acceptance.Id);
            return Done;
        };
    }

    private static async Task<Func<Task<string>>> SubmitWithPreviewsAsync(FaultScene scene)
    {
        List<IReadOnlyList<OutputPicture>> previews = [];
        PreparedSubmission submission = await scene.Client.PrepareAsync(scene.PlanWithPreviews(), progress: null, scene.Cancellation);
        return async () =>
        {
            Acceptance acceptance = await scene.Client.SubmitAsync(submission with { OnPreview = previews.Add }, scene.Cancellation);
            Assert.Equal(scene.State.Jobs.Last.Id, acceptance.Id);
            Assert.Equal(4, previews.Count);
            Assert.Equal(Assert.Single(previews[^1]).Content!.Value.ToArray(), Assert.Single(acceptance.Output!.Pictures).Content!.Value.ToArray());
            return Done;
        };
    }

    private static async Task<Func<Task<string>>> StatusAsync(FaultScene scene)
    {
        InpaintJob job = await scene.StartAsync(JobScript.HeldInProgress());
        return async () =>
        {
            JobUpdate update = await scene.Client.GetStatusAsync(job, includeLog: false, scene.Cancellation);
            return update.State == InpaintJobState.InProgress ? Done : update.State.ToString();
        };
    }

    private static async Task<Func<Task<string>>> StreamAsync(FaultScene scene)
    {
        InpaintJob job = await scene.StartAsync(JobScript.Reads(queued: 1, running: 1));
        return async () =>
        {
            string outcome = Ended;
            await foreach (JobUpdate update in scene.Client.StreamStatusAsync(job, scene.Cancellation))
            {
                outcome = update.State == InpaintJobState.Completed ? Done : Ended;
            }

            return outcome;
        };
    }

    private static async Task<Func<Task<string>>> ResultAsync(FaultScene scene)
    {
        InpaintJob job = await scene.StartAsync(JobScript.Immediate);
        return async () =>
        {
            Assert.Single((await scene.Client.GetResultAsync(job with { State = InpaintJobState.Completed }, scene.Cancellation)).Pictures);
            return Done;
        };
    }

    private static async Task<Func<Task<string>>> CancelAsync(FaultScene scene)
    {
        scene.State.Gateway.KnowsCancel = true;
        InpaintJob job = await scene.StartAsync(JobScript.HeldInQueue());
        return async () =>
        {
            StopOutcome outcome = await scene.Client.CancelAsync(job, scene.Cancellation);
            return outcome == StopOutcome.CancellationRequested ? Done : outcome.ToString();
        };
    }

    private static Task<Func<Task<string>>> UploadAsync(FaultScene scene) => UploadAsync(scene, inParts: false);

    private static Task<Func<Task<string>>> UploadAsync(FaultScene scene, bool inParts)
    {
        IProviderClient client = scene.UploadingClient(inParts);
        RequestPlan plan = scene.Plan(isLocal: true);
        return Task.FromResult<Func<Task<string>>>(async () =>
        {
            await client.PrepareAsync(plan, progress: null, scene.Cancellation);
            return Done;
        });
    }

    /// <summary>The way of every result into a file, so that what is no whole picture is seen to become none.</summary>
    private static async Task<Func<Task<string>>> DownloadAsync(FaultScene scene)
    {
        InpaintJob job = await scene.StartAsync(JobScript.Immediate);
        ProviderOutput output = await scene.Client.GetResultAsync(job with { State = InpaintJobState.Completed }, scene.Cancellation);
        return async () =>
        {
            await scene.SaveAsync(output.Pictures[0].Url!);
            return Done;
        };
    }
}
