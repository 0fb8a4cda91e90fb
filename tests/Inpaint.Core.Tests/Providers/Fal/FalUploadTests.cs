using System.Security.Cryptography;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Inpaint.Imaging.Masks;
using Inpaint.Providers.Fal;
using Inpaint.Tests.Providers.Shared;
using Xunit;

namespace Inpaint.Tests.Providers.Fal;

public sealed class FalUploadTests : FalClientTest
{
    private static readonly FalUploadOptions AlwaysUpload = new() { InlineLimit = 0 };
    private static readonly FalUploadOptions SmallParts = new() { InlineLimit = 0, MultipartLimit = 1000, PartSize = 400 };

    [Fact]
    public async Task Small_pictures_go_inside()
    {
        await SubmitAsync();
        RecordedRequest sent = Assert.Single(State.Requests.All);
        Assert.StartsWith("data:image/png;base64,", (string?)sent.BodyJson!["image_url"], StringComparison.Ordinal);
        Assert.StartsWith("data:image/png;base64,", (string?)sent.BodyJson!["mask_url"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remote_pictures_go_as_they_are()
    {
        State.Files.Publish("https://pictures.example/a b.png?x=1", PictureBytes(Picture()));
        await SubmitAsync(Plan(new InpaintRequest { Prompt = "x", Image = PictureSource.Parse("https://pictures.example/a b.png?x=1") }));
        Assert.Equal("https://pictures.example/a b.png?x=1", (string?)State.Requests.Of(WireOperation.Submit)[0].BodyJson!["image_url"]);
    }

    [Fact]
    public async Task Larger_pictures_are_uploaded_without_the_key()
    {
        List<string> said = [];
        FalClient client = MakeClient(uploads: AlwaysUpload);
        await client.SubmitAsync(await client.PrepareAsync(Plan(), new Said(said), Cancellation), Cancellation);

        Assert.Equal(["uploading dog.png", "uploading dog_mask.png"], said);
        RecordedRequest announced = State.Requests.Of(WireOperation.UploadInitiate)[0];
        Assert.Equal("/rest/storage/upload/initiate", announced.Path);
        Assert.Equal("?storage_type=fal-cdn-v3", announced.Query);
        Assert.Equal("""{"content_type":"image/png","file_name":"dog.png"}""", announced.BodyText);
        Assert.Equal("Key " + Key, announced.Headers["Authorization"]);

        RecordedRequest put = State.Requests.Of(WireOperation.UploadPut)[0];
        Assert.Equal(PictureBytes(Picture()), put.Body.ToArray());
        Assert.Equal("image/png", put.Headers["Content-Type"]);
        Assert.False(put.Headers.ContainsKey("Authorization"));
        Assert.Empty(State.KeyLeaks);
        Assert.StartsWith(Server.CdnUri.AbsoluteUri, (string?)State.Requests.Of(WireOperation.Submit)[0].BodyJson!["image_url"], StringComparison.Ordinal);
        Assert.Equal(1, State.PaidJobs);
    }

    [Fact]
    public async Task Largest_pictures_are_uploaded_in_parts()
    {
        PictureSource image = Picture(64, 64);
        byte[] expected = PictureBytes(image);
        Assert.True(expected.Length > 1200);
        await SubmitAsync(Plan(new InpaintRequest { Prompt = "x", Image = image, Mask = Mask(64, 64) }), MakeClient(uploads: SmallParts));

        Assert.Equal((expected.Length + 399) / 400, State.Requests.All.Count(r => r.Operation == WireOperation.UploadPart && r.Headers["Content-Type"] == "image/png"));
        Assert.Contains(State.Files.All.Values, file => file.Bytes is { } bytes && bytes.Span.SequenceEqual(expected));
        Assert.All(State.Requests.Of(WireOperation.UploadPart), part => Assert.False(part.Headers.ContainsKey("Authorization")));
        Assert.Empty(State.KeyLeaks);
        Assert.Equal(1, State.PaidJobs);
    }

    public static TheoryData<WireOperation, Fault> Troubles => new()
    {
        { WireOperation.UploadInitiate, Fault.ResetAfterAccept() },
        { WireOperation.UploadInitiate, Fault.Html(502) },
        { WireOperation.UploadInitiate, Fault.TooManyRequests(TimeSpan.Zero) },
        { WireOperation.UploadPut, Fault.ResetBeforeRead() },
        { WireOperation.UploadPut, Fault.ResetAfterAccept() },
        { WireOperation.UploadPut, Fault.Respond(503) },
        { WireOperation.UploadPart, Fault.ResetAfterAccept() },
        { WireOperation.UploadComplete, Fault.Respond(500) },
    };

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task An_upload_is_repeated_freely(WireOperation operation, Fault fault)
    {
        State.Faults.Enqueue(operation, fault);
        FalUploadOptions uploads = operation is WireOperation.UploadPart or WireOperation.UploadComplete ? SmallParts : AlwaysUpload;
        PictureSource image = Picture(64, 64);
        await SubmitAsync(Plan(new InpaintRequest { Prompt = "x", Image = image, Mask = Mask(64, 64) }), MakeClient(uploads: uploads));
        Assert.Equal(0, State.Faults.Pending);
        Assert.Equal(1, State.PaidJobs);
        Assert.Contains(State.Files.All.Values, file => file.Bytes is { } bytes && bytes.Span.SequenceEqual(PictureBytes(image)));
    }

    [Theory]
    [InlineData("http://files.example")]
    [InlineData("https://user:pass@files.example")]
    public async Task An_unprotected_place_is_refused(string uploadBase)
    {
        State.UploadBase = uploadBase;
        await FailsAsync(InpaintErrorId.InsecureTransport, () => SubmitAsync(client: MakeClient(uploads: AlwaysUpload)));
        State.UploadBase = null;
        State.CdnBase = uploadBase;
        await FailsAsync(InpaintErrorId.InsecureTransport, () => SubmitAsync(client: MakeClient(uploads: AlwaysUpload)));
        Assert.Equal(0, State.PaidJobs);
    }

    [Fact]
    public async Task A_response_without_URLs_is_named()
    {
        State.Faults.Enqueue(WireOperation.UploadInitiate, Fault.Respond(200, """{"file_url":"x"}"""));
        InpaintException e = await FailsAsync(InpaintErrorId.ResponseInvalid, () => SubmitAsync(client: MakeClient(uploads: AlwaysUpload)));
        Assert.Contains("upload_url", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_HTML_page_is_not_taken_for_an_upload_response()
    {
        State.Faults.Enqueue(WireOperation.UploadPut, Fault.Html(200));
        InpaintException e = await FailsAsync(InpaintErrorId.ResponseInvalid, () => SubmitAsync(client: MakeClient(uploads: AlwaysUpload)));
        Assert.Contains("an HTML page instead of a receipt", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, State.PaidJobs);
    }

    [Fact]
    public async Task A_locked_account_is_named_at_the_upload()
    {
        State.FalLock = "Exhausted balance";
        await FailsAsync(InpaintErrorId.QuotaExceeded, () => SubmitAsync(client: MakeClient(uploads: AlwaysUpload)));
    }

    [Fact]
    public async Task What_is_no_picture_is_not_sent()
    {
        PictureSource text = PictureSource.FromBytes("just some text"u8.ToArray(), "notes.txt");
        InpaintException e = await FailsAsync(InpaintErrorId.ImageUnsupported, () => SubmitAsync(Plan(new InpaintRequest { Prompt = "x", Image = text })));
        Assert.Contains("notes.txt", e.Message, StringComparison.Ordinal);
        Assert.Empty(State.Requests.All);
    }

    [Fact]
    public async Task A_file_is_read_in_pieces_while_it_is_sent()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        byte[] bytes = RandomNumberGenerator.GetBytes(1_000_000);
        await File.WriteAllBytesAsync(path, bytes, Cancellation);
        try
        {
            using FalFilePart content = new(PictureSource.FromFile(path), "image/png", 100, 900_000);
            using PieceMeter network = new();
            await content.CopyToAsync(network, Cancellation);
            Assert.True(network.LargestPiece <= 64 << 10, $"{network.LargestPiece}");
            Assert.True(bytes.AsSpan(100, 900_000).SequenceEqual(network.ToArray()));
            Assert.Equal(900_000, content.Headers.ContentLength);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static byte[] PictureBytes(PictureSource source)
    {
        using Stream stream = source.OpenRead();
        using MemoryStream copy = new();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private sealed class Said(List<string> said) : IProgress<string>
    {
        public void Report(string value) => said.Add(value);
    }
}
