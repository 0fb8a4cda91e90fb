using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Wire;
using Inpaint.Imaging.Masks;
using Inpaint.Providers;
using Inpaint.Providers.Shared;
using Inpaint.Tests.Providers.Fal;
using Xunit;

namespace Inpaint.Tests.Providers.Shared;

/// <summary>Request bodies that hold pictures: streamed from their files, repeatable, and never the reason why it is unknown whether a job was made.</summary>
public sealed class JsonBodyTests : FalClientTest
{
    private static readonly byte[] PngSignature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    private readonly string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".png");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        File.Delete(path);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData((48 << 10) + 1)]
    [InlineData(1_000_000)]
    public async Task A_picture_is_encoded_in_pieces_while_it_is_sent(int length)
    {
        byte[] bytes = WriteFile(length);
        PictureReferences pictures = PictureReferences.Inlined(PictureSource.FromFile(path), PictureSource.FromBytes(PngSignature, "mask.png"));
        JsonObject fields = new() { ["mask_url"] = pictures.Mask, ["image_urls"] = new JsonArray(pictures.Image), ["prompt"] = "a \"bench\"" };
        using HttpContent content = new JsonBody(fields, pictures.Inline).ToContent();
        using PieceMeter network = new();

        await content.CopyToAsync(network, Cancellation);

        Assert.Equal(network.Length, content.Headers.ContentLength);
        Assert.InRange(network.LargestPiece, 1, 64 << 10);
        JsonNode sent = JsonNode.Parse(network.ToArray())!;
        Assert.Equal("data:image/png;base64," + Convert.ToBase64String(bytes), (string?)sent["image_urls"]![0]);
        Assert.Equal("data:image/png;base64," + Convert.ToBase64String(PngSignature), (string?)sent["mask_url"]);
        Assert.Equal("a \"bench\"", (string?)sent["prompt"]);
    }

    [Fact]
    public async Task A_refused_submit_is_sent_again_with_its_pictures()
    {
        WriteFile(100_000);
        PreparedSubmission submission = await PrepareAsync();
        State.Faults.Enqueue(WireOperation.Submit, Fault.TooManyRequests(TimeSpan.Zero));

        await Client.SubmitAsync(submission, Cancellation);

        Assert.Equal(2, State.Requests.Of(WireOperation.Submit).Count);
        Assert.Equal(State.Requests.Of(WireOperation.Submit)[0].Body.ToArray(), State.Requests.Of(WireOperation.Submit)[1].Body.ToArray());
        Assert.Equal(1, State.PaidJobs);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_picture_that_is_gone_or_changed_before_the_submit_leaves_no_doubt_about_the_job(bool isGone)
    {
        WriteFile(100_000);
        PreparedSubmission submission = await PrepareAsync();
        File.Delete(path);
        if (!isGone)
        {
            WriteFile(99_999);
        }

        await FailsAsync(InpaintErrorId.ImageNotFound, () => Client.SubmitAsync(submission, Cancellation));

        Assert.Empty(State.Requests.All);
    }

    [Fact]
    public async Task A_picture_that_is_cut_while_it_is_sent_breaks_the_request_off()
    {
        WriteFile(900_000);
        PictureReferences pictures = PictureReferences.Inlined(PictureSource.FromFile(path), mask: null);
        using HttpContent content = new JsonBody(new JsonObject { ["image_url"] = pictures.Image }, pictures.Inline).ToContent();
        using (FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
        {
            file.SetLength(10_000);
        }

        await FailsAsync(InpaintErrorId.ImageNotFound, () => content.CopyToAsync(Stream.Null, Cancellation));
    }

    private byte[] WriteFile(int length)
    {
        byte[] bytes = [.. PngSignature, .. RandomNumberGenerator.GetBytes(length - PngSignature.Length)];
        File.WriteAllBytes(path, bytes);
        return bytes;
    }

    private Task<PreparedSubmission> PrepareAsync() =>
        Client.PrepareAsync(Plan(new InpaintRequest { Prompt = "x", Image = PictureSource.FromFile(path) }), progress: null, Cancellation);
}
