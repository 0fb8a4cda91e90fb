using System.Text.Json.Nodes;
using Inpaint.Planning;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Planning;

public sealed class RequestPlannerTests : RequestPlanTest
{
    [Fact]
    public void What_comes_back_much_smaller_is_said_and_counted_as_it_is_made()
    {
        InpaintRequest request = Request(PictureSource.FromBytes(TestPictures.Png(2000, 1500), "photo.png"), MaskOf((x, _) => x < 100 ? (byte)255 : (byte)0, 2000, 1500)) with { Provider = "ModelsLab" };

        Assert.Equal(1.024 * 0.768, Plan(request).Megapixels!.Value, 6);
        Assert.Contains("returns 1024x768 for photo.png, which is 2000x1500", Assert.Single(Plan(request).Warnings), StringComparison.Ordinal);
        Assert.Contains(Plan(request with { KeepUnmasked = true }).Warnings, w => w.Contains("less sharp", StringComparison.Ordinal));
        Assert.Empty(Plan(request with { Provider = "Fal" }).Warnings);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_stop_ends_the_planning(bool cropToMask) =>
        Assert.ThrowsAny<OperationCanceledException>(() => RequestPlanner.Plan(Request() with { CropToMask = cropToMask }, Providers.Choose(name: null), new CancellationToken(canceled: true)));

    [Theory]
    [InlineData(512, 512, 1, "$0.009")]
    [InlineData(512, 512, 2, "$0.018")]
    [InlineData(1024, 1024, 1, "$0.037")]
    [InlineData(8, 8, 1, "$0.000002")]
    public void The_cost_follows_from_the_pixels_and_the_count(int width, int height, int count, string cost)
    {
        RequestPlan plan = Plan(Request(
            PictureSource.FromBytes(TestPictures.Png(width, height), "dog.png"),
            PictureSource.FromBytes(TestPictures.RightHalfMask(width, height), "mask.png")) with
        { Count = count });

        Assert.Equal(cost, plan.EstimatedCost!.ToString());
        Assert.True(plan.EstimatedCost.IsEstimate);
        Assert.Equal(width * height / 1e6, plan.Megapixels);
    }

    [Fact]
    public void A_size_asked_for_is_what_is_paid_for() =>
        Assert.Equal(1024 * 768 / 1e6, Plan(Request() with { Size = ImageSize.Parse("landscape_4_3") }).Megapixels);

    [Fact]
    public void What_a_remote_picture_will_cost_is_not_known()
    {
        RequestPlan plan = Plan(Request(PictureSource.Parse("https://pictures.example/dog.png"), PictureSource.Parse("https://pictures.example/mask.png")));

        Assert.Null(plan.EstimatedCost);
        Assert.Null(plan.Megapixels);
        Assert.Equal("dog.png", plan.SourceName);
    }

    [Fact]
    public void Text_to_image_costs_its_usual_size()
    {
        RequestPlan plan = Plan(new InpaintRequest { Operation = InpaintOperation.TextToImage, Provider = "Fal", Prompt = "a bench" });

        Assert.Equal(1024 * 768 / 1e6, plan.Megapixels);
        Assert.Equal("fal-ai/flux-lora", plan.Model);
    }

    [Fact]
    public void The_price_of_a_model_that_is_not_known_is_not_known_either()
    {
        Assert.Null(Plan(Request() with { Model = "fal-ai/other" }).EstimatedCost);
        Assert.Null(Plan(Request() with { Provider = "Local" }).EstimatedCost);
    }

    [Fact]
    public void The_model_is_the_requests_then_the_providers_then_the_usual_one()
    {
        Assert.Equal("fal-ai/flux-lora/inpainting", Plan(Request()).Model);
        Providers.Set(new ProviderSettings { Name = "Fal", Model = "fal-ai/mine" });
        Assert.Equal("fal-ai/mine", Plan(Request()).Model);
        Assert.Equal("fal-ai/given", Plan(Request() with { Model = "fal-ai/given" }).Model);
        Assert.Equal("fal-ai/flux-lora", Plan(new InpaintRequest { Operation = InpaintOperation.TextToImage, Provider = "Fal", Prompt = "a bench" }).Model);
    }

    [Fact]
    public void Equal_requests_are_recognised_wherever_the_files_lie()
    {
        byte[] image = TestPictures.Png(32, 24);
        byte[] mask = TestPictures.RightHalfMask(32, 24);
        string expected = Plan(Request(PictureSource.FromFile(Files.Write("a/dog.png", image)), PictureSource.FromFile(Files.Write("a/mask.png", mask)))).Fingerprint;

        Assert.Matches("^[0-9A-F]{64}$", expected);
        Assert.Equal(expected, Plan(Request(PictureSource.FromFile(Files.Write("b/cat.png", image)), PictureSource.FromBytes(mask))).Fingerprint);
        Assert.Equal(expected, Plan(Request(PictureSource.FromBytes(image), PictureSource.FromBytes(mask)) with { Count = 1, Provider = "FAL", Model = "fal-ai/flux-lora/inpainting", NegativePrompt = "" }).Fingerprint);
        Assert.Equal(expected, Plan(Request(PictureSource.Parse("data:image/png;base64," + Convert.ToBase64String(image)), PictureSource.FromBytes(mask))).Fingerprint);
    }

    [Fact]
    public void Different_requests_are_told_apart()
    {
        InpaintRequest[] requests =
        [
            Request(),
            Request(PictureSource.FromBytes(TestPictures.Png(32, 24, salt: 1))),
            Request(mask: MaskOf((x, _) => x >= 17 ? (byte)255 : (byte)0)),
            Request() with { Prompt = "another bench" },
            Request() with { Prompt = "an empty bench " },
            Request() with { Model = "fal-ai/other" },
            Request() with { Seed = 1 },
            Request() with { Seed = 0 },
            Request() with { Strength = 0.5 },
            Request() with { Steps = 10 },
            Request() with { GuidanceScale = 10 },
            Request() with { Count = 2 },
            Request() with { Size = ImageSize.FromPixels(512, 512) },
            Request() with { Size = ImageSize.Parse("square") },
            Request() with { OutputFormat = "png" },
            Request() with { SafetyChecker = false },
            Request() with { SafetyChecker = true },
            Request() with { Acceleration = "regular" },
            Request() with { Loras = [new LoraWeight("a"), new LoraWeight("b")] },
            Request() with { Loras = [new LoraWeight("b"), new LoraWeight("a")] },
            Request() with { Loras = [new LoraWeight("a", 0.5), new LoraWeight("b")] },
            Request() with { AdditionalBody = new JsonObject { ["a"] = 1 } },
            Request() with { AdditionalBody = new JsonObject { ["a"] = "1" } },
            Request() with { AdditionalBody = new JsonObject { ["a"] = new JsonArray(1, 2) } },
            Request() with { AdditionalBody = new JsonObject { ["a"] = new JsonArray(2, 1) } },
            Request() with { Provider = "Local" },
        ];

        Assert.Equal(requests.Length, requests.Select(r => Plan(r).Fingerprint).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void A_hashtables_order_makes_no_difference()
    {
        JsonObject one = new() { ["b"] = 1, ["a"] = new JsonObject { ["y"] = null, ["x"] = true } };
        JsonObject other = new() { ["a"] = new JsonObject { ["x"] = true, ["y"] = null }, ["b"] = 1 };

        Assert.Equal(Plan(Request() with { AdditionalBody = one }).Fingerprint, Plan(Request() with { AdditionalBody = other }).Fingerprint);
    }
}
