using System.Text;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.ModelsLab;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Wire;
using Inpaint.Providers.Shared;
using Xunit;

namespace Inpaint.Tests.Emulator;

public sealed class ModelsLabTests : EmulatorTest
{
    private const string Images = "modelslab/api/v6/images/";

    [Fact]
    public async Task A_job_is_processing_until_its_fetches_have_used_up_the_steps()
    {
        State.Jobs.Enqueue(JobScript.Reads(1, 1));

        JsonObject submitted = (await PostAsync(Images + "inpaint", Inpainting())).Json;
        string future = submitted["future_links"]![0]!.GetValue<string>();
        using HttpResponseMessage early = await Http.GetAsync(future, Cancellation);
        JsonObject first = await FetchAsync(submitted["fetch_result"]!.GetValue<string>());
        JsonObject second = (await PostAsync(Images + "fetch", new JsonObject { ["key"] = "test-key", ["request_id"] = submitted["id"]!.DeepClone() })).Json;
        JsonObject third = await FetchAsync(submitted["fetch_result"]!.GetValue<string>());

        Assert.Equal("processing", submitted["status"]!.GetValue<string>());
        Assert.Empty(submitted["output"]!.AsArray());
        Assert.Equal(404, (int)early.StatusCode);
        Assert.Equal(("processing", "", "processing"), (first["status"]!.GetValue<string>(), first["output"]!.GetValue<string>(), second["status"]!.GetValue<string>()));
        Assert.Equal(("success", future), (third["status"]!.GetValue<string>(), third["output"]![0]!.GetValue<string>()));
        Assert.NotNull(PictureFile.Decode(await Http.GetByteArrayAsync(future, Cancellation)));
        Assert.Equal(3, State.Requests.Count(WireOperation.Status, WireService.ModelsLab));
        Assert.Equal(1, State.PaidJobs);
    }

    [Fact]
    public async Task The_size_is_512_when_none_is_given_and_numbers_may_be_strings()
    {
        State.Jobs.DefaultScript = JobScript.Immediate;
        JsonObject bare = Inpainting();
        bare.Remove("width");
        bare.Remove("height");
        JsonObject texts = Inpainting();
        (texts["width"], texts["height"], texts["samples"], texts["steps"]) = ("264", "256", "2", "21");

        Picture square = await PictureOfAsync((await PostAsync(Images + "inpaint", bare)).Json);
        JsonObject answer = (await PostAsync(Images + "inpaint", texts)).Json;
        Picture chosen = await PictureOfAsync(answer);

        Assert.Equal((512, 512), (square.Width, square.Height));
        Assert.Equal((264, 256, 2), (chosen.Width, chosen.Height, answer["output"]!.AsArray().Count));
        Assert.Equal(20, answer["meta"]!["steps"]!.GetValue<int>());
        Assert.False(answer["meta"]!.AsObject().ContainsKey("key"));
    }

    [Theory]
    [InlineData(ModelsLabOutputForm.Array)]
    [InlineData(ModelsLabOutputForm.Members)]
    [InlineData(ModelsLabOutputForm.ProxyLinks)]
    [InlineData(ModelsLabOutputForm.ProxyLinkMembers)]
    [InlineData(ModelsLabOutputForm.Base64Links)]
    [InlineData(ModelsLabOutputForm.DataUris)]
    [InlineData(ModelsLabOutputForm.BareBase64)]
    public async Task Every_form_of_output_holds_a_picture(ModelsLabOutputForm form)
    {
        State.ModelsLab.Outputs = form;
        State.ModelsLab.Ids = ModelsLabIdForm.Text;
        State.Jobs.DefaultScript = JobScript.Immediate;

        JsonObject answer = (await PostAsync(Images + "inpaint", Inpainting())).Json;

        Assert.NotEmpty(answer["id"]!.GetValue<string>());
        Assert.Equal(256, (await PictureOfAsync(answer)).Width);
    }

    [Theory]
    [InlineData("prompt", null, """{"prompt":["The prompt field is required."]}""")]
    [InlineData("width", "128", "\"width must be between 256 and 1024\"")]
    [InlineData("height", "260", "\"height must be divisible by 8\"")]
    [InlineData("samples", "5", "\"samples must be between 1 and 4\"")]
    [InlineData("model_id", "\"nobody\"", "\"Model not found: nobody\"")]
    [InlineData("init_image", "\"https://nowhere.example/a.png\"", "\"Unable to fetch image from provided URL\"")]
    public async Task Mistakes_are_told_with_either_status(string field, string? value, string message)
    {
        JsonObject input = Inpainting();
        input[field] = value is null ? null : JsonNode.Parse(value);

        (HttpResponseMessage response, JsonObject json) = await PostAsync(Images + "inpaint", input);
        State.ModelsLab.HidesErrorStatus = true;
        State.ModelsLab.MisspellsMessage = true;
        (HttpResponseMessage hidden, JsonObject misspelt) = await PostAsync(Images + "inpaint", input);

        Assert.Equal((400, "error", message), ((int)response.StatusCode, json["status"]!.GetValue<string>(), json["message"]!.ToJsonString()));
        Assert.Equal((200, message), ((int)hidden.StatusCode, misspelt["messege"]!.ToJsonString()));
        Assert.Equal(0, State.PaidJobs);
    }

    [Fact]
    public async Task The_account_is_checked()
    {
        JsonObject keyless = Inpainting();
        keyless.Remove("key");
        JsonObject wrong = Inpainting();
        wrong["key"] = "wrong";

        Assert.Equal("API key required", (await PostAsync(Images + "inpaint", keyless)).Json["message"]!.GetValue<string>());
        Assert.Equal("Invalid API key", (await PostAsync(Images + "inpaint", wrong)).Json["message"]!.GetValue<string>());
        State.ModelsLab.LacksPlan = true;
        Assert.Equal(403, (int)(await PostAsync(Images + "inpaint", Inpainting())).Response.StatusCode);
        State.ModelsLab.IsOutOfCredit = true;
        Assert.Equal(402, (int)(await PostAsync(Images + "inpaint", Inpainting())).Response.StatusCode);
        JsonObject wallet = (await PostAsync("modelslab/api/v6/wallet_balance", new JsonObject { ["key"] = "test-key" })).Json;
        Assert.Equal(0m, wallet["data"]!["balance"]!.GetValue<decimal>());
    }

    [Fact]
    public async Task Only_the_allowed_number_of_unfinished_requests_is_accepted()
    {
        State.ModelsLab.QueueLimit = 2;
        await PostAsync(Images + "inpaint", Inpainting());
        await PostAsync(Images + "inpaint", Inpainting());

        (HttpResponseMessage response, JsonObject json) = await PostAsync(Images + "inpaint", Inpainting());
        Assert.Equal((429, 30), ((int)response.StatusCode, json["retry_after"]!.GetValue<int>()));

        State.Jobs.Last.Complete();
        Assert.Equal(200, (int)(await PostAsync(Images + "inpaint", Inpainting())).Response.StatusCode);
    }

    [Fact]
    public async Task An_identical_submit_is_refused_within_the_window()
    {
        State.ModelsLab.DuplicateWindow = TimeSpan.FromHours(1);
        await PostAsync(Images + "inpaint", Inpainting());

        JsonObject json = (await PostAsync(Images + "inpaint", Inpainting())).Json;
        (HttpResponseMessage other, _) = await PostAsync(Images + "inpaint", Inpainting("another prompt"));

        Assert.Contains("same request multiple times", json["tips"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(200, (int)other.StatusCode);
        Assert.Equal(2, State.PaidJobs);
    }

    [Fact]
    public async Task A_failure_comes_with_the_fetch_in_the_old_form()
    {
        JsonObject submitted = (await PostAsync(Images + "inpaint", Inpainting("fail"))).Json;
        State.Jobs.Last.Complete();

        JsonObject json = await FetchAsync(submitted["fetch_result"]!.GetValue<string>());

        Assert.Equal("""{"status":"failed","id":"","message":"Failed, Try Again","output":""}""", json.ToJsonString());
    }

    [Fact]
    public async Task The_fetch_URL_may_be_foreign_and_the_success_without_meta()
    {
        State.ModelsLab.FetchBase = "https://elsewhere.example";
        State.ModelsLab.OmitsMeta = true;

        JsonObject submitted = (await PostAsync(Images + "inpaint", Inpainting())).Json;
        State.Jobs.Last.Complete();
        JsonObject fetched = await FetchAsync($"{Images}fetch/{submitted["id"]}");

        Assert.Equal($"https://elsewhere.example/api/v6/images/fetch/{submitted["id"]}", submitted["fetch_result"]!.GetValue<string>());
        Assert.Equal(("success", false), (fetched["status"]!.GetValue<string>(), fetched.ContainsKey("meta")));
    }

    [Fact]
    public async Task A_flagged_picture_is_replaced()
    {
        State.Jobs.DefaultScript = JobScript.Immediate;
        JsonObject input = Inpainting("something nsfw");
        input["safety_checker"] = "yes";

        JsonObject json = (await PostAsync(Images + "inpaint", input)).Json;

        Assert.True(json["nsfw_content_detected"]!.GetValue<bool>());
        Assert.All((await PictureOfAsync(json)).Rgb, sample => Assert.Equal(0, sample));
    }

    [Fact]
    public async Task Text_to_image_and_uploads_work()
    {
        State.Jobs.DefaultScript = JobScript.Immediate;
        JsonObject upload = (await PostAsync(
            "modelslab/api/v6/base64_to_url",
            new JsonObject { ["key"] = "test-key", ["base64_string"] = DataUri(Painter.Generate(16, 16, 1, "x")) })).Json;
        JsonObject input = Inpainting();
        input["init_image"] = upload["output"]![0]!.DeepClone();

        Assert.Equal(256, (await PictureOfAsync((await PostAsync(Images + "inpaint", input)).Json)).Width);
        JsonObject text = (await PostAsync(Images + "text2img", new JsonObject { ["key"] = "test-key", ["model_id"] = "flux", ["prompt"] = "a tiger's eye" })).Json;
        Assert.Equal(512, (await PictureOfAsync(text)).Width);
    }

    [Fact]
    public async Task An_upload_of_more_than_five_megabytes_is_refused()
    {
        string large = "data:image/png;base64," + Convert.ToBase64String(new byte[5 * 1024 * 1024 + 1]);

        (HttpResponseMessage response, _) = await PostAsync("modelslab/api/v6/base64_to_url", new JsonObject { ["key"] = "test-key", ["base64_string"] = large });

        Assert.Equal(400, (int)response.StatusCode);
    }

    private static JsonObject Inpainting(string prompt = "an empty bench") => new()
    {
        ["key"] = "test-key",
        ["model_id"] = "lazymixv4-inpaint",
        ["prompt"] = prompt,
        ["init_image"] = DataUri(Painter.Generate(32, 32, 7, "source")),
        ["mask_image"] = DataUri(RightHalf(32, 32)),
        ["width"] = 256,
        ["height"] = 256,
    };

    private async Task<JsonObject> FetchAsync(string url) => (await PostAsync(url, new JsonObject { ["key"] = "test-key" })).Json;

    private async Task<Picture> PictureOfAsync(JsonObject answer)
    {
        JsonNode source = answer["output"] is JsonArray { Count: 0 } ? answer["proxy_links"]! : answer["output"]!;
        string item = (source is JsonObject members ? members["0"]! : source[0]!).GetValue<string>();
        if (!item.StartsWith("http", StringComparison.Ordinal))
        {
            return PictureFile.Decode(Convert.FromBase64String(item[(item.IndexOf(',', StringComparison.Ordinal) + 1)..]))!;
        }

        byte[] bytes = await Http.GetByteArrayAsync(item, Cancellation);
        return PictureFile.Decode(item.EndsWith(".base64", StringComparison.Ordinal) ? Convert.FromBase64String(Encoding.ASCII.GetString(bytes)) : bytes)!;
    }
}
