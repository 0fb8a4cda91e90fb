using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Inpaint.Imaging;
using Inpaint.Planning;
using Inpaint.Providers;
using Xunit;

namespace Inpaint.Tests.Providers.Fal;

public sealed class FalQueuePathTests : FalClientTest
{
    [Fact]
    public async Task A_job_goes_through_the_queue_to_its_picture()
    {
        State.Jobs.DefaultScript = JobScript.Reads(queued: 2, running: 1);
        RequestPlan plan = Plan(new InpaintRequest { Prompt = "an empty bench", Seed = 196619188014358660, Count = 2, OutputFormat = "png" });
        Acceptance acceptance = await SubmitAsync(plan);
        InpaintJob job = JobOf(acceptance, plan);

        Assert.Equal(State.Jobs.Last.Id, acceptance.Id);
        Assert.Equal(InpaintJobState.InQueue, acceptance.State);
        Assert.Equal(2, acceptance.QueuePosition);
        Assert.DoesNotContain(acceptance.ProviderData, pair => pair.Value.Contains("test-", StringComparison.Ordinal));

        JobUpdate first = await Client.GetStatusAsync(job, includeLog: false, Cancellation);
        JobUpdate second = await Client.GetStatusAsync(job, includeLog: false, Cancellation);
        JobUpdate third = await Client.GetStatusAsync(job, includeLog: true, Cancellation);
        JobUpdate last = await Client.GetStatusAsync(job, includeLog: false, Cancellation);
        Assert.Equal((InpaintJobState.InQueue, 1), (first.State, first.QueuePosition));
        Assert.Equal((InpaintJobState.InQueue, 0), (second.State, second.QueuePosition));
        Assert.Equal(InpaintJobState.InProgress, third.State);
        Assert.Equal("denoising 1/1", Assert.Single(third.Logs).Message);
        Assert.Equal(InpaintJobState.Completed, last.State);
        Assert.Equal(1.5, last.InferenceSeconds);

        ProviderOutput output = await Client.GetResultAsync(job, Cancellation);
        Assert.Equal(2, output.Pictures.Count);
        Assert.Equal(196619188014358660, output.Seed);
        Assert.Equal("an empty bench", output.Prompt);
        Assert.All(output.Pictures, picture => Assert.Equal((32, 24, "image/png", false), (picture.Width, picture.Height, picture.ContentType, picture.IsFlagged)));
        Assert.All(output.Pictures, picture => Assert.StartsWith(Server.CdnUri.AbsoluteUri, picture.Url, StringComparison.Ordinal));
        Assert.All(output.Pictures, picture => Assert.Null(picture.Content));
        Assert.Equal(2 * 32 * 24 / 1e6m, output.BillableUnits);
        Assert.Equal(1, State.PaidJobs);
        Assert.Empty(State.KeyLeaks);
    }

    [Fact]
    public async Task Requests_live_under_owner_and_alias_alone()
    {
        InpaintJob job = await StartAsync();
        InpaintJob rebuilt = job with { ProviderData = new Dictionary<string, string>() };
        await Client.GetStatusAsync(rebuilt, includeLog: false, Cancellation);
        Assert.Equal($"/queue/fal-ai/flux-lora/requests/{job.Id}/status", State.Requests.Of(WireOperation.Status)[^1].Path);
        Assert.Equal("/queue/fal-ai/flux-lora/inpainting", State.Requests.Of(WireOperation.Submit)[0].Path);
    }

    [Fact]
    public async Task A_stream_tells_every_step_and_ends()
    {
        State.Jobs.DefaultScript = JobScript.Reads(queued: 1, running: 2);
        InpaintJob job = await StartAsync();
        List<JobUpdate> updates = [];
        await foreach (JobUpdate update in Client.StreamStatusAsync(job, Cancellation))
        {
            updates.Add(update);
        }

        Assert.Equal([InpaintJobState.InQueue, InpaintJobState.InProgress, InpaintJobState.InProgress, InpaintJobState.Completed], updates.Select(u => u.State));
        Assert.Equal("denoising 2/2", updates[^1].Logs[^1].Message);
        Assert.Equal(0, State.Requests.Count(WireOperation.Status));
    }

    [Fact]
    public async Task A_key_is_asked_for_before_anything_is_sent()
    {
        InpaintException e = await FailsAsync(InpaintErrorId.ApiKeyMissing, () => SubmitAsync(client: MakeClient(key: null)));
        Assert.Contains("FAL_KEY", e.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal("Fal", e.Provider);
        Assert.Empty(State.Requests.All);
    }

    [Fact]
    public async Task A_wrong_key_is_refused_once_and_not_passed_on()
    {
        InpaintException e = await FailsAsync(InpaintErrorId.AuthenticationFailed, () => SubmitAsync(client: MakeClient(key: "wrong-id:wrong-secret")));
        Assert.DoesNotContain("wrong-secret", e.ToString(), StringComparison.Ordinal);
        Assert.Equal(401, e.HttpStatus);
        Assert.Equal(1, State.Requests.Count(WireOperation.Submit));
    }
}
