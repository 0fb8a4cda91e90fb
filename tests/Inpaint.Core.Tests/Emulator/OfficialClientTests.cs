using System.Text.Json.Nodes;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Inpaint.Imaging.Masks;
using Inpaint.Providers.Shared;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Emulator;

/// <summary>What fal's own client makes of the emulator: the check that the emulator speaks fal's protocol and not merely our reading of it.</summary>
public sealed class OfficialClientTests(OfficialClientFixture client) : EmulatorTest, IClassFixture<OfficialClientFixture>
{
    private static readonly string Image = DataUri(Painter.Generate(24, 16, 3, "source"));
    private static readonly string Mask = DataUri(RightHalf(24, 16));

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (await client.ObstacleAsync() is { } obstacle)
        {
            await DisposeAsync();
            Assert.Skip(obstacle);
        }
    }

    [RequiresFact(Requirement.Node)]
    public async Task Subscribes_by_polling()
    {
        State.Jobs.Enqueue(JobScript.Reads(2, 2));

        JsonObject seen = await RunAsync("poll");

        Assert.Equal(["IN_QUEUE 1", "IN_QUEUE 0", "IN_PROGRESS -", "IN_PROGRESS -", "COMPLETED -"], Steps(seen));
        Assert.Equal(["denoising 1/2", "denoising 2/2"], seen["updates"]![4]!["logs"]!.AsArray().Select(line => line!.GetValue<string>()));
        Assert.Equal(State.Jobs.Last.Id, seen["requestId"]!.GetValue<string>());
        Assert.Equal(42, seen["data"]!["seed"]!.GetValue<int>());
        Assert.Equal((24, 16), (seen["data"]!["images"]![0]!["width"]!.GetValue<int>(), seen["data"]!["images"]![0]!["height"]!.GetValue<int>()));
        Assert.Equal(1, State.PaidJobs);
    }

    [RequiresFact(Requirement.Node)]
    public async Task Subscribes_by_streaming()
    {
        State.Jobs.Enqueue(JobScript.Reads(2, 1));

        JsonObject seen = await RunAsync("stream");

        Assert.Equal(["IN_QUEUE 1", "IN_QUEUE 0", "IN_PROGRESS -", "COMPLETED -"], Steps(seen));
        Assert.Equal(1, State.Requests.Count(WireOperation.StatusStream));
        Assert.Equal(0, State.Requests.Count(WireOperation.Status));
        Assert.Single(seen["data"]!["images"]!.AsArray());
    }

    [RequiresFact(Requirement.Node)]
    public async Task Uploads_and_downloads_without_a_key()
    {
        JsonObject seen = await RunAsync("upload");

        RecordedRequest put = Assert.Single(State.Requests.Of(WireOperation.UploadPut));
        Assert.Equal("image/png", put.Headers["Content-Type"]);
        Assert.Equal("image/png", seen["type"]!.GetValue<string>());
        Assert.Equal(seen["image"]!["file_size"]!.GetValue<int>(), seen["bytes"]!.GetValue<int>());
        Assert.Equal(seen["url"]!.GetValue<string>(), State.Jobs.Last.Input["image_url"]!.GetValue<string>());
        Assert.Empty(State.KeyLeaks);
    }

    [RequiresFact(Requirement.Node)]
    public async Task Uploads_a_blob_of_the_input()
    {
        Assert.Equal(1, (await RunAsync("blob"))["images"]!.GetValue<int>());
        Assert.Equal(1, State.Requests.Count(WireOperation.UploadPut));
    }

    [RequiresFact(Requirement.Node)]
    public async Task Uploads_a_large_file_in_parts()
    {
        Assert.True((await RunAsync("multipart"))["same"]!.GetValue<bool>());
        Assert.Equal(10, State.Requests.Count(WireOperation.UploadPart));
        Assert.Equal(1, State.Requests.Count(WireOperation.UploadComplete));
    }

    [RequiresFact(Requirement.Node)]
    public async Task Cancels_and_learns_that_it_is_too_late()
    {
        State.Jobs.Enqueue(JobScript.HeldInQueue());

        JsonObject seen = await RunAsync("cancel");

        Assert.Equal(("IN_QUEUE", "COMPLETED"), (seen["before"]!.GetValue<string>(), seen["after"]!.GetValue<string>()));
        Assert.Equal("ALREADY_COMPLETED", seen["again"]!["body"]!["status"]!.GetValue<string>());
        Assert.True(State.Jobs.Last.IsCancelled);
    }

    [RequiresFact(Requirement.Node)]
    public async Task Runs_directly()
    {
        JsonObject seen = await RunAsync("run");

        Assert.Equal(State.Jobs.Last.Id, seen["requestId"]!.GetValue<string>());
        Assert.Equal(1, State.Requests.Count(WireOperation.Run));
    }

    [RequiresFact(Requirement.Node)]
    public async Task Streams_intermediate_pictures()
    {
        JsonObject seen = await RunAsync("preview");

        Assert.Equal((4, "data:image/"), (seen["events"]!.GetValue<int>(), seen["final"]!.GetValue<string>()));
    }

    [RequiresFact(Requirement.Node)]
    public async Task Told_what_is_invalid()
    {
        JsonObject seen = await RunAsync("invalid");

        Assert.Equal(("ValidationError", 422), (seen["error"]!.GetValue<string>(), seen["status"]!.GetValue<int>()));
        Assert.Equal("less_than_equal", seen["body"]!["detail"]![0]!["type"]!.GetValue<string>());
        Assert.Equal(State.Jobs.Last.Id, seen["requestId"]!.GetValue<string>());
    }

    [RequiresFact(Requirement.Node)]
    public async Task Refused_without_a_good_key()
    {
        JsonObject seen = await RunAsync("unauthorized");

        Assert.Equal(("ApiError", 401, "invalid key credentials"), (seen["error"]!.GetValue<string>(), seen["status"]!.GetValue<int>(), seen["body"]!["detail"]!.GetValue<string>()));
        Assert.Equal(0, State.PaidJobs);
    }

    [RequiresFact(Requirement.Node)]
    public async Task Refused_while_the_account_is_locked()
    {
        State.FalLock = "Exhausted balance";

        Assert.Equal(403, (await RunAsync("locked"))["status"]!.GetValue<int>());
    }

    private Task<JsonObject> RunAsync(string scenario) => client.RunAsync(scenario, Server.BaseUri, Image, Mask);

    private static IEnumerable<string> Steps(JsonObject seen) =>
        seen["updates"]!.AsArray().Select(update => $"{update!["status"]} {update["position"]?.ToString() ?? "-"}");
}
