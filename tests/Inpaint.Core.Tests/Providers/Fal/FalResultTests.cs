using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Inpaint.Imaging;
using Inpaint.Providers;
using Xunit;

namespace Inpaint.Tests.Providers.Fal;

/// <summary>Outputs are read tolerantly, and named when there is no picture in them.</summary>
public sealed class FalResultTests : FalClientTest
{
    [Fact]
    public async Task A_flagged_picture_is_marked()
    {
        State.Jobs.DefaultScript = JobScript.Immediate;
        InpaintJob job = await StartAsync(new InpaintRequest { Prompt = "nsfw", Count = 2 });
        Assert.All((await Client.GetResultAsync(job with { State = InpaintJobState.Completed }, Cancellation)).Pictures, picture => Assert.True(picture.IsFlagged));
    }

    [Fact]
    public async Task Inline_pictures_come_as_bytes()
    {
        State.Jobs.DefaultScript = JobScript.Immediate;
        InpaintJob job = await StartAsync(new InpaintRequest { Prompt = "x", InlineResult = true, Count = 2, OutputFormat = "png" });
        await Client.GetStatusAsync(job, includeLog: false, Cancellation);
        ProviderOutput output = await Client.GetResultAsync(job, Cancellation);
        Assert.Equal(2, output.Pictures.Count);
        Assert.All(output.Pictures, picture =>
        {
            Assert.Null(picture.Url);
            Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], picture.Content!.Value.Span[..4].ToArray());
            Assert.Equal("image/png", picture.ContentType);
        });
    }

    [Theory]
    [InlineData("""{"images":[]}""", InpaintErrorId.JobFailed, "no picture")]
    [InlineData("""{"images":null}""", InpaintErrorId.JobFailed, "no picture")]
    [InlineData("""{"images":[{"url":""},{},7]}""", InpaintErrorId.JobFailed, "no picture")]
    [InlineData("""{"error":{"message":"The prompt was moderated","code":7}}""", InpaintErrorId.JobFailed, "The prompt was moderated (7)")]
    [InlineData("""{"status":"IN_PROGRESS"}""", InpaintErrorId.ResponseInvalid, "no result yet")]
    [InlineData("""{"status":"COMPLETED"}""", InpaintErrorId.ResponseInvalid, "COMPLETED instead of pictures")]
    [InlineData("""{"images":[{"url":"data:image/png,abc"}]}""", InpaintErrorId.ResponseInvalid, "not base64")]
    [InlineData("""{"images":[{"url":"data:image/png;base64,a"}]}""", InpaintErrorId.ResponseInvalid, "base64 is broken")]
    [InlineData("""{"images":[{"url":"data:"}]}""", InpaintErrorId.ResponseInvalid, "not base64")]
    public async Task An_output_without_pictures_is_named(string body, InpaintErrorId expected, string said)
    {
        InpaintJob job = await StartAsync();
        State.Faults.Enqueue(WireOperation.Result, Fault.Respond(200, body));
        InpaintException e = await FailsAsync(expected, () => Client.GetResultAsync(job, Cancellation));
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.Equal(expected == InpaintErrorId.JobFailed, e.IsVerdict);
    }

    [Fact]
    public async Task An_output_is_read_tolerantly()
    {
        InpaintJob job = await StartAsync();
        const string body = """
            {"images":[{"url":"https://v3.fal.media/a.png","width":"x","height":1e99,"file_size":12,"new":{}}],"timings":{"inference":1.5,"text":"2","odd":[]},
             "seed":18446744073709551615,"has_nsfw_concepts":[],"prompt":null,"new_field":[1]}
            """;
        State.Faults.Enqueue(WireOperation.Result, Fault.Respond(200, body).WithHeader("x-fal-billable-units", "abc"));
        ProviderOutput output = await Client.GetResultAsync(job, Cancellation);
        OutputPicture picture = Assert.Single(output.Pictures);
        Assert.Equal(("https://v3.fal.media/a.png", null, null, 12L, false), (picture.Url, picture.Width, picture.Height, picture.FileSize, picture.IsFlagged));
        Assert.Equal(new Dictionary<string, double> { ["inference"] = 1.5, ["text"] = 2 }, output.Timings);
        Assert.Equal((null, null, null), (output.Seed, output.Prompt, output.BillableUnits));
    }
}
