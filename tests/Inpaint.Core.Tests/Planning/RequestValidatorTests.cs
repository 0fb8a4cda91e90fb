using System.Text.Json.Nodes;
using Inpaint.Imaging.Masks;
using Inpaint.Planning;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Planning;

public sealed class RequestValidatorTests : RequestPlanTest
{
    public static TheoryData<string, InpaintRequest, string> OutOfRange => new()
    {
        { "Strength", Request() with { Strength = 0 }, "0.01 to 1" },
        { "Strength", Request() with { Strength = 1.001 }, "0.01 to 1" },
        { "Strength", Request() with { Strength = -0.5 }, "0.01 to 1" },
        { "Strength", Request() with { Strength = double.NaN }, "NaN" },
        { "Strength", Request() with { Strength = double.PositiveInfinity }, "0.01 to 1" },
        { "Steps", Request() with { Steps = 0 }, "1 to 50" },
        { "Steps", Request() with { Steps = 51 }, "1 to 50" },
        { "Steps", Request() with { Steps = int.MinValue }, "1 to 50" },
        { "GuidanceScale", Request() with { GuidanceScale = -0.1 }, "0 to 35" },
        { "GuidanceScale", Request() with { GuidanceScale = 35.1 }, "0 to 35" },
        { "Count", Request() with { Count = 0 }, "1 to 4" },
        { "Count", Request() with { Count = 5 }, "1 to 4" },
        { "Size", Request() with { Size = ImageSize.FromPixels(14143, 1) }, "1 to 14142" },
        { "Size", Request() with { Size = ImageSize.Parse("huge") }, "WIDTHxHEIGHT, such as 768x512, square_hd" },
        { "Size", Request() with { Size = ImageSize.Parse("768x") }, "landscape_16_9" },
        { "OutputFormat", Request() with { OutputFormat = "bmp" }, "jpeg, png" },
        { "Acceleration", Request() with { Acceleration = "turbo" }, "none, regular" },
        { "Priority", Request() with { Priority = "urgent" }, "normal, low" },
        { "StartTimeout", Request() with { StartTimeout = TimeSpan.FromSeconds(1) }, "2 or more" },
        { "Loras", Request() with { Loras = [new LoraWeight("")] }, "LoRA" },
        { "Loras", Request() with { Loras = [new LoraWeight("owner/model", double.NaN)] }, "owner/model" },
        { "Loras", Request() with { Loras = [null!] }, "LoRA" },
        { "WebhookUri", Request() with { WebhookUri = new Uri("hook", UriKind.Relative) }, "http" },
        { "WebhookUri", Request() with { WebhookUri = new Uri("file:///etc/passwd") }, "http" },
        { "Prompt", Request() with { Prompt = null }, "Prompt" },
        { "Prompt", Request() with { Prompt = "  " }, "Prompt" },
        { "Image", Request() with { Image = null }, "Image" },
        { "Mask", Request() with { Mask = null }, "Mask" },
    };

    public static TheoryData<InpaintRequest> AtTheLimits => new()
    {
        Request() with { Strength = 0.01 },
        Request() with { Strength = 1 },
        Request() with { Steps = 1 },
        Request() with { Steps = 50 },
        Request() with { GuidanceScale = 0 },
        Request() with { GuidanceScale = 35 },
        Request() with { Count = 4 },
        Request() with { Seed = long.MaxValue },
        Request() with { Seed = 0 },
        Request() with { OutputFormat = "PNG" },
        Request() with { SafetyChecker = false },
        Request() with { Loras = [new LoraWeight("https://x/lora.safetensors", 4)] },
        Request() with { Size = ImageSize.Parse("square_hd") },
        Request() with { AdditionalBody = new JsonObject { ["new_field"] = 1 } },
        Request() with { WebhookUri = new Uri("https://me.example/hook") },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void A_value_the_provider_does_not_take_is_refused_before_anything_is_sent(string parameter, InpaintRequest request, string said)
    {
        InpaintException e = Refuses(InpaintErrorId.InvalidParameter, request);

        Assert.Equal(parameter, e.Parameter);
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(AtTheLimits))]
    public void The_limits_themselves_are_taken(InpaintRequest request) => Assert.NotNull(Plan(request));

    [Fact]
    public void A_parameter_of_other_providers_is_refused_with_their_names()
    {
        InpaintException e = Refuses(InpaintErrorId.InvalidParameter, Request() with { Provider = "Local", Strength = 0.5 });

        Assert.Contains("Local has no Strength", e.Message, StringComparison.Ordinal);
        Assert.Contains("Fal", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_provider_is_named_together_with_the_known_ones()
    {
        InpaintException e = Refuses(InpaintErrorId.ProviderNotFound, Request() with { Provider = "Nowhere" });

        Assert.Contains("Nowhere", e.Message, StringComparison.Ordinal);
        Assert.Contains("Local", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_alone_is_not_for_a_provider_that_only_fills() =>
        Refuses(InpaintErrorId.InvalidParameter, new InpaintRequest { Operation = InpaintOperation.TextToImage, Provider = "Local", Prompt = "a bench" });

    [Fact]
    public void That_Local_ignores_the_prompt_is_said_before()
    {
        RequestPlan plan = Plan(Request() with { Provider = "Local" });

        Assert.Contains("the prompt is ignored", Assert.Single(plan.Warnings), StringComparison.Ordinal);
        Assert.Empty(Plan(Request() with { Provider = "Local", Prompt = null }).Warnings);
    }

    [Theory]
    [InlineData("Fal", " Landscape_16_9 ", "landscape_16_9", 1024, 576)]
    [InlineData("Fal", "square_hd", "square_hd", 1024, 1024)]
    [InlineData("ChainHub", "square pro", "square_hd", 1024, 1024)]
    [InlineData("ChainHub", "portrait_3_4", "portrait_4_3", 768, 1024)]
    [InlineData("ModelsLab", "square", "square", 512, 512)]
    public void A_size_may_be_given_by_the_name_that_a_provider_has_for_it(string provider, string text, string name, int width, int height)
    {
        ImageSize size = Plan(Request() with { Provider = provider, Size = ImageSize.Parse(text) }).Request.Size!;

        Assert.Equal((name, width, height), (size.Name, size.Width, size.Height));
    }

    [Fact]
    public void Only_gateways_misspell_names_of_sizes() =>
        Assert.Equal("Size", Refuses(InpaintErrorId.InvalidParameter, Request() with { Provider = "Fal", Size = ImageSize.Parse("square pro") }).Parameter);

    [Fact]
    public void Names_are_spelled_as_the_provider_does()
    {
        InpaintRequest request = Plan(Request() with { OutputFormat = "PNG", Acceleration = "Regular", Priority = "LOW" }).Request;

        Assert.Equal(("png", "regular", "low"), (request.OutputFormat, request.Acceleration, request.Priority));
    }
}
