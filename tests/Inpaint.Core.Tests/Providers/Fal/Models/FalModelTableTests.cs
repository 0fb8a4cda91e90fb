using System.Text.Json.Nodes;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Wire;
using Inpaint.Engine;
using Inpaint.Imaging.Masks;
using Inpaint.Planning;
using Inpaint.Providers.Fal;
using Inpaint.Providers.Shared.FalProtocol;
using Inpaint.Tests.Fixtures;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Providers.Fal.Models;

/// <summary>Every inpainting model of fal that is described here, by the engine's own calls over real HTTP: a job's whole way with each parameter and option that the model takes.</summary>
public sealed class FalModelTableTests(ProviderTableFixture fixture) : FalTableTest(fixture)
{
    public static TheoryData<string> Models => [.. FalModels.InpaintingIds.Skip(1)];

    [Theory]
    [MemberData(nameof(Models))]
    public async Task A_job_with_everything_that_the_model_takes_is_accepted_and_repaints_the_marked_part(string model)
    {
        ProviderCapabilities capabilities = FalCapabilities.For(InpaintOperation.Inpaint, model);
        Fixture.Server.State.Jobs.Enqueue(JobScript.Reads(1, 1));
        InpaintResult result = await Engine.RunAsync(Engine.Plan(Full(model, capabilities)), new RunOptions { Timeout = TimeSpan.FromSeconds(60) }, cancellationToken: Cancellation);

        Assert.NotEmpty(result.Images);
        Assert.Equal(capabilities.Find("Seed") is null ? null : 42, result.Seed);
        Assert.Equal(1, Fixture.Server.State.PaidJobs);
        JsonObject body = Fixture.Server.State.Requests.All.Single(r => r.Operation == WireOperation.Submit).BodyJson!;
        string[] expected = [.. FalModels.Find(model)!.Fields.Select(field => field.Name)];
        Assert.Equal(expected.Order(StringComparer.Ordinal), body.Select(p => p.Key).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void What_a_model_does_not_have_is_refused_by_the_models_name(string model)
    {
        ProviderCapabilities capabilities = FalCapabilities.For(InpaintOperation.Inpaint, model);
        InpaintRequest plain = Plain(model, capabilities);
        Assert.NotNull(Engine.Plan(plain));
        InpaintException e = Assert.Throws<InpaintException>(() => Engine.Plan(plain with { Options = new Dictionary<string, object> { ["no_such_field"] = 1 } }));
        Assert.Equal(InpaintErrorId.InvalidParameter, e.ErrorId);
        Assert.Contains(model, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Fal", "fal-ai/ideogram/v3/edit", 0)]
    [InlineData("Fal", "fal-ai/flux-general/inpainting", 255)]
    [InlineData("ChainHub", "fal-ai/ideogram/v3/edit", 0)]
    [InlineData("ChainHub", "fal-ai/flux-general/inpainting", 255)]
    public async Task A_mask_goes_out_as_the_model_reads_it(string provider, string model, int marked)
    {
        InpaintRequest request = Plain(model, FalCapabilities.For(InpaintOperation.Inpaint, model)) with { Provider = provider };
        RequestPlan plan = Engine.Plan(request);
        using Stream sent = plan.Mask!.OpenRead();
        byte[] bytes = new byte[sent.Length];
        await sent.ReadExactlyAsync(bytes, Cancellation);
        Picture mask = PictureFile.Decode(bytes)!;
        Assert.Equal(marked, mask.Rgb[^1]);
        Assert.Equal(255 - marked, mask.Rgb[0]);
    }

    [Fact]
    public void A_remote_mask_for_a_model_that_repaints_black_is_refused_before_anything_is_sent()
    {
        InpaintRequest request = Plain("fal-ai/ideogram/v3/edit", FalCapabilities.For(InpaintOperation.Inpaint, "fal-ai/ideogram/v3/edit")) with { Mask = PictureSource.Parse("https://example.com/mask.png") };
        InpaintException e = Assert.Throws<InpaintException>(() => Engine.Plan(request));
        Assert.Equal(InpaintErrorId.InvalidParameter, e.ErrorId);
        Assert.Contains("inverted", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_without_a_description_is_sent_what_the_default_one_takes_with_a_warning_and_no_price()
    {
        RequestPlan plan = Engine.Plan(Plain("someone/new-model", FalCapabilities.For(InpaintOperation.Inpaint, "someone/new-model")));
        Assert.Contains(plan.Warnings, w => w.Contains("someone/new-model", StringComparison.Ordinal));
        Assert.Null(plan.EstimatedCost);
    }

    private InpaintRequest Plain(string model, ProviderCapabilities capabilities)
    {
        Dictionary<string, object> options = new(StringComparer.OrdinalIgnoreCase);
        foreach (ParameterCapability option in capabilities.Parameters.Where(p => p.Option is not null && p.IsRequired))
        {
            options[option.Name] = Example(option);
        }

        return new InpaintRequest
        {
            Provider = "Fal",
            Model = model,
            Image = PictureSource.FromBytes(Fixture.Picture, "dog.png"),
            Mask = PictureSource.FromBytes(Fixture.Mask, "mask.png"),
            Prompt = capabilities.Find("Prompt") is null ? null : "an empty bench",
            Options = options,
        };
    }

    /// <summary>A request that gives every field of the model's input a value.</summary>
    private InpaintRequest Full(string model, ProviderCapabilities capabilities)
    {
        Dictionary<string, object> options = new(StringComparer.OrdinalIgnoreCase);
        string[] fields = [.. FalModels.Find(model)!.Fields.Select(field => field.Name)];
        foreach (ParameterCapability option in capabilities.Parameters.Where(p => p.Option is not null && fields.Contains(p.Name)))
        {
            options[option.Name] = Example(option);
        }

        T? If<T>(string parameter, T value) => capabilities.Find(parameter) is null ? default : value;
        string? FirstOf(string parameter, string other) => capabilities.Find(parameter) is { } found ? (found.Values.Count > 0 ? found.Values[0] : other) : null;
        return Plain(model, capabilities) with
        {
            NegativePrompt = If("NegativePrompt", "blurry"),
            Strength = capabilities.Find("Strength") is null ? null : 0.5,
            Steps = capabilities.Find("Steps") is null ? null : 4,
            GuidanceScale = capabilities.Find("GuidanceScale") is null ? null : 2,
            Count = capabilities.Find("Count") is null ? null : 1,
            Seed = capabilities.Find("Seed") is null ? null : 42,
            Size = FirstOf("Size", "1024x1024") is { } size ? ImageSize.Parse(size == "auto" ? "1024x1024" : size) : null,
            Loras = If<IReadOnlyList<LoraWeight>>("Loras", [new LoraWeight("owner/lora")]) ?? [],
            SafetyChecker = capabilities.Find("SafetyChecker") is null ? null : false,
            OutputFormat = FirstOf("OutputFormat", "png"),
            Acceleration = FirstOf("Acceleration", "none"),
            Scheduler = FirstOf("Scheduler", "euler"),
            InlineResult = capabilities.Find("InlineResult") is not null,
            Options = options,
        };
    }

    private static object Example(ParameterCapability option) => option.Option switch
    {
        OptionKind.Switch => true,
        OptionKind.WholeNumber or OptionKind.Number => option.Minimum ?? 1,
        OptionKind.Url => "https://example.com/other.png",
        OptionKind.List => new JsonArray("https://example.com/one.png"),
        OptionKind.Map => new JsonObject { ["value"] = 1 },
        _ => option.Values.Count > 0 ? option.Values[^1] : "text",
    };
}
