using System.Text;
using System.Text.Json.Nodes;
using Inpaint.Emulator;
using Inpaint.Emulator.Pictures;
using Inpaint.Providers.Shared;
using Xunit;

namespace Inpaint.Tests.Emulator;

/// <summary>A running emulator and a plain HTTP client with an accepted key: what the tests of the emulator itself share.</summary>
public abstract class EmulatorTest : IAsyncLifetime
{
    protected const string InpaintingPath = "fal-ai/flux-lora/inpainting";

    protected EmulatorServer Server { get; private set; } = null!;

    protected EmulatorState State => Server.State;

    protected HttpClient Http { get; private set; } = null!;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync()
    {
        Server = await EmulatorServer.StartAsync();
        Http = new() { BaseAddress = Server.BaseUri, Timeout = TimeSpan.FromSeconds(60) };
        Http.DefaultRequestHeaders.Authorization = new("Key", "test-id:test-secret");
    }

    public virtual async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A small picture and a mask with its right half white, as data URIs.</summary>
    protected static JsonObject Input(string prompt = "an empty bench", int width = 32, int height = 24)
    {
        return new()
        {
            ["prompt"] = prompt,
            ["image_url"] = DataUri(Painter.Generate(width, height, 7, "source")),
            ["mask_url"] = DataUri(RightHalf(width, height)),
            ["output_format"] = "png",
        };
    }

    internal static Picture RightHalf(int width, int height)
    {
        Picture mask = Picture.Black(width, height);
        for (int index = 0; index < mask.Rgb.Length; index++)
        {
            mask.Rgb[index] = index / 3 % width >= width / 2 ? (byte)255 : (byte)0;
        }

        return mask;
    }

    internal static string DataUri(Picture picture) => PictureFile.Encode(picture).DataUri;

    protected static StringContent Body(JsonNode json) => new(json.ToJsonString(), Encoding.UTF8, "application/json");

    protected async Task<(HttpResponseMessage Response, JsonObject Json)> SendAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        using HttpRequestMessage request = new(method, path) { Content = body is null ? null : Body(body) };
        HttpResponseMessage response = await Http.SendAsync(request, Cancellation);
        return (response, JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancellation))!.AsObject());
    }

    protected Task<(HttpResponseMessage Response, JsonObject Json)> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    protected Task<(HttpResponseMessage Response, JsonObject Json)> PostAsync(string path, JsonNode body) => SendAsync(HttpMethod.Post, path, body);

    /// <summary>Submits a job and gives its base path.</summary>
    protected async Task<string> SubmitAsync(JsonNode? input = null)
    {
        (HttpResponseMessage response, JsonObject json) = await PostAsync(InpaintingPath, input ?? Input());
        Assert.Equal(200, (int)response.StatusCode);
        return $"fal-ai/flux-lora/requests/{json["request_id"]}";
    }

    /// <summary>Submits a job that is over at once and gives its result.</summary>
    protected async Task<(HttpResponseMessage Response, JsonObject Json)> RunAsync(JsonNode? input = null)
    {
        string job = await SubmitAsync(input);
        State.Jobs.Last.Complete();
        return await GetAsync(job);
    }
}
