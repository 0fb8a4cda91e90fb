using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Wire;
using Xunit;

namespace Inpaint.Tests.Emulator;

public sealed class FalStorageTests : EmulatorTest
{
    private readonly HttpClient keyless = new();

    public override async ValueTask DisposeAsync()
    {
        keyless.Dispose();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task An_uploaded_file_is_served_with_its_type_and_used_as_input()
    {
        byte[] png = PictureFile.Encode(Painter.Generate(16, 16, 1, "x")).Bytes;
        JsonObject target = await InitiateAsync("initiate");

        using HttpResponseMessage put = await PutAsync(target["upload_url"]!.GetValue<string>(), png);
        using HttpResponseMessage file = await keyless.GetAsync(target["file_url"]!.GetValue<string>(), Cancellation);

        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        Assert.Equal(png, await file.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal("image/png", file.Content.Headers.ContentType!.MediaType);
        Assert.Empty(State.KeyLeaks);

        JsonObject input = Input(width: 16, height: 16);
        input["image_url"] = target["file_url"]!.DeepClone();
        Assert.Equal(HttpStatusCode.OK, (await RunAsync(input)).Response.StatusCode);
    }

    [Fact]
    public async Task Parts_are_joined_in_the_order_of_their_completion()
    {
        JsonObject target = await InitiateAsync("initiate-multipart");
        UriBuilder upload = new(target["upload_url"]!.GetValue<string>());
        string path = upload.Path;
        JsonArray parts = [];
        foreach (byte number in (byte[])[1, 2, 3])
        {
            upload.Path = $"{path}/{number}";
            using HttpResponseMessage put = await PutAsync(upload.Uri.AbsoluteUri, [number, number]);
            parts.Add(JsonNode.Parse(await put.Content.ReadAsStringAsync(Cancellation)));
        }

        upload.Path = path + "/complete";
        using HttpResponseMessage complete = await keyless.PostAsync(upload.Uri, Body(new JsonObject { ["parts"] = parts }), Cancellation);

        Assert.Equal(HttpStatusCode.OK, complete.StatusCode);
        Assert.Equal([1, 1, 2, 2, 3, 3], await keyless.GetByteArrayAsync(target["file_url"]!.GetValue<string>(), Cancellation));
    }

    [Fact]
    public async Task A_part_that_was_never_put_is_refused()
    {
        JsonObject target = await InitiateAsync("initiate-multipart");
        UriBuilder upload = new(target["upload_url"]!.GetValue<string>());
        upload.Path += "/complete";

        using HttpResponseMessage complete = await keyless.PostAsync(
            upload.Uri,
            Body(new JsonObject { ["parts"] = new JsonArray(new JsonObject { ["partNumber"] = 1, ["etag"] = "guess" }) }),
            Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, complete.StatusCode);
    }

    [Fact]
    public async Task Storage_and_platform_live_at_the_root_too()
    {
        Assert.Equal(200, (int)(await PostAsync("storage/upload/initiate?storage_type=fal-cdn-v3", Announcement())).Response.StatusCode);
        JsonObject prices = (await GetAsync("v1/models/pricing?endpoint_id=fal-ai/flux-lora/inpainting,unknown/model")).Json;

        JsonObject price = Assert.Single(prices["prices"]!.AsArray())!.AsObject();
        Assert.Equal(("fal-ai/flux-lora/inpainting", 0.035m, "megapixels"), (price["endpoint_id"]!.GetValue<string>(), price["unit_price"]!.GetValue<decimal>(), price["unit"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Announcing_needs_a_key_and_an_unlocked_account()
    {
        State.FalLock = "Exhausted balance";
        Assert.Equal(403, (int)(await PostAsync("storage/upload/initiate", Announcement())).Response.StatusCode);
        Http.DefaultRequestHeaders.Authorization = null;

        (HttpResponseMessage response, JsonObject json) = await PostAsync("storage/upload/initiate", Announcement());

        Assert.Equal((401, "Authorization header is required"), ((int)response.StatusCode, json["detail"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_key_that_reaches_the_file_host_is_a_leak()
    {
        JsonObject target = await InitiateAsync("initiate");

        using HttpResponseMessage response = await Http.GetAsync(target["file_url"]!.GetValue<string>(), Cancellation);

        Assert.Equal(WireOperation.Download, Assert.Single(State.KeyLeaks).Operation);
    }

    private static JsonObject Announcement() => new() { ["content_type"] = "image/png", ["file_name"] = "a mask.png" };

    private async Task<JsonObject> InitiateAsync(string way) => (await PostAsync($"rest/storage/upload/{way}?storage_type=fal-cdn-v3", Announcement())).Json;

    private async Task<HttpResponseMessage> PutAsync(string url, byte[] bytes)
    {
        using ByteArrayContent content = new(bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        return await keyless.PutAsync(url, content, Cancellation);
    }
}
