using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Control;
using Inpaint.Http;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Providers.Fal;
using Inpaint.Providers.Shared.FalProtocol;
using Inpaint.Tests.Fixtures;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Providers.Fal;

/// <summary>The examples of the model's page: what it sends is what is sent here for the same request, and what it answers is read.</summary>
public sealed class FalDocumentedExampleTests
{
    [Fact]
    public void The_required_parameters()
    {
        JsonObject example = Fixture.Json("Fal/inpaint-request-required");
        InpaintRequest request = RequestOf(example);
        Assert.True(JsonNode.DeepEquals(example, Body(request, example)));
        Assert.Empty(Check(request));
    }

    [Fact]
    public void All_parameters()
    {
        JsonObject example = Fixture.Json("Fal/inpaint-request");
        InpaintRequest request = RequestOf(example) with { Steps = 28, GuidanceScale = 3.5, Count = 1, SafetyChecker = true, OutputFormat = "jpeg", Acceleration = "none", Strength = 0.85 };
        Assert.True(JsonNode.DeepEquals(example, Body(request, example)));
        Assert.Empty(Check(request));
    }

    [Fact]
    public void The_response_with_its_URL_filled_in()
    {
        // The page leaves the address empty, which is no picture.
        string text = Fixture.Text("Fal/inpaint-output");
        using JsonDocument empty = JsonDocument.Parse(text);
        Assert.Null(FalOutputReader.Read(empty.RootElement, billableUnits: null));
        using JsonDocument filled = JsonDocument.Parse(text.Replace("\"url\": \"\"", "\"url\": \"https://v3.fal.media/files/a.jpg\"", StringComparison.Ordinal));
        ProviderOutput output = FalOutputReader.Read(filled.RootElement, billableUnits: null)!;
        OutputPicture picture = Assert.Single(output.Pictures);
        Assert.Equal(("https://v3.fal.media/files/a.jpg", "image/jpeg"), (picture.Url, picture.ContentType));
        Assert.False(picture.IsFlagged);
    }

    private static InpaintRequest RequestOf(JsonObject example) => new()
    {
        Prompt = example["prompt"]!.GetValue<string>(),
        Image = PictureSource.Parse(example["image_url"]!.GetValue<string>()),
        Mask = PictureSource.Parse(example["mask_url"]!.GetValue<string>()),
    };

    private static JsonNode? Body(InpaintRequest request, JsonObject example) =>
        JsonNode.Parse(FalRequestBody.Build(FalModels.Inpainting, request, example["image_url"]!.GetValue<string>(), example["mask_url"]!.GetValue<string>()).ToJsonString());

    private static IReadOnlyList<string> Check(InpaintRequest request) =>
        RequestValidator.Check(request, new ProviderChoice(new InpaintProvider("Fal", "Fal"), Reason: null, []), FalCapabilities.All[0]);
}
