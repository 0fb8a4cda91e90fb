using System.Text.Json.Nodes;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Pictures;
using Inpaint.Emulator.Wire;
using Inpaint.Engine;
using Inpaint.Providers.Fal;
using Inpaint.Providers.Shared.FalProtocol;
using Inpaint.Tests.Fixtures;
using Xunit;

namespace Inpaint.Tests.Providers.Fal.Models;

/// <summary>Each model of fal that finds things, with every parameter and option that it takes, by the engine's own calls over real HTTP.</summary>
public sealed class FalSegmentTableTests(ProviderTableFixture fixture) : FalTableTest(fixture)
{
    private static readonly string[] Ids = [FalModels.Segmentation.Id, FalModels.SegmentationByWords.Id];

    /// <summary>Whatever has a field of its own in the request: what the platform offers around every model has tests of its own.</summary>
    public static TheoryData<string, string> Parameters =>
        [.. Ids.SelectMany(id => Own(id).Where(p => p.Name != "Image").Select(p => (id, p.Name)))];

    [Theory]
    [MemberData(nameof(Parameters))]
    public async Task Each_parameter_reaches_the_model_and_masks_come_back(string id, string name)
    {
        ParameterCapability parameter = Own(id).Single(p => p.Name == name);
        InpaintRequest request = new()
        {
            Operation = InpaintOperation.Segment,
            Provider = "Fal",
            Model = id,
            Image = PictureSource.FromBytes(Fixture.Picture, "dog.png"),
            Prompt = name is "Points" or "Boxes" ? null : "the dog",
            Points = name == "Points" ? [new MaskPoint(10, 20)] : [],
            Boxes = name == "Boxes" ? [new MaskBox(10, 20, 30, 40)] : [],
            NegativePrompt = name == "NegativePrompt" ? "the cat" : null,
            InlineResult = name == "InlineResult",
            Options = parameter.Option is null ? new Dictionary<string, object>() : new() { [name] = Example(parameter) },
        };
        Fixture.Server.State.Jobs.Enqueue(JobScript.Reads(1, 1));
        InpaintResult result = await Engine.RunAsync(Engine.Plan(request), new RunOptions { Timeout = TimeSpan.FromSeconds(60) }, Cancellation);

        InpaintImage mask = Assert.Single(result.Images);
        Assert.Equal(name == "InlineResult", mask.Url.StartsWith("file:", StringComparison.Ordinal));
        Assert.Equal((1, InpaintOperation.Segment), (Fixture.Server.State.PaidJobs, result.Job.Operation));
        JsonObject body = Fixture.Server.State.Requests.All.Single(r => r.Operation == WireOperation.Submit).BodyJson!;
        string field = parameter.Option is null ? FalFieldRoles.Find(FalModels.Find(id)!, name)!.Name : name;
        Assert.NotNull(body[field]);
        if (parameter.Option is not null)
        {
            Assert.Equal($"{Example(parameter)}", body[field]!.ToString(), ignoreCase: true);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_point_finds_what_it_is_on_and_not_the_thing_of_the_models_own_example(bool isPoint)
    {
        InpaintRequest request = new()
        {
            Operation = InpaintOperation.Segment,
            Provider = "Fal",
            Image = PictureSource.FromBytes(Fixture.Picture, "dog.png"),
            Points = isPoint ? [new MaskPoint(10, 20)] : [],
            Boxes = isPoint ? [] : [new MaskBox(10, 20, 30, 40)],
        };
        await Engine.RunAsync(Engine.Plan(request), cancellationToken: Cancellation);
        JsonObject body = Fixture.Server.State.Requests.All.Single(r => r.Operation == WireOperation.Submit).BodyJson!;
        Assert.Equal("", (string?)body["prompt"]);
    }

    [Theory]
    [InlineData("fal-ai/evf-sam", "Points")]
    [InlineData("fal-ai/sam-3/image", "no_such_field")]
    public void What_a_model_does_not_have_is_refused(string id, string name)
    {
        InpaintException e = Assert.Throws<InpaintException>(() => Engine.Plan(new InpaintRequest
        {
            Operation = InpaintOperation.Segment,
            Provider = "Fal",
            Model = id,
            Image = PictureSource.FromBytes(Fixture.Picture, "dog.png"),
            Prompt = "the dog",
            Points = name == "Points" ? [new MaskPoint(1, 1)] : [],
            Options = name == "Points" ? new Dictionary<string, object>() : new() { [name] = 1 },
        }));
        Assert.Equal((InpaintErrorId.InvalidParameter, name), (e.ErrorId, e.Parameter));
    }

    private static ParameterCapability[] Own(string id)
    {
        string[] fields = [.. FalModels.Find(id)!.Fields.Select(field => field.Name)];
        return [.. FalCapabilities.For(InpaintOperation.Segment, id).Parameters.Where(p => p.Option is null ? FalFieldRoles.ParametersOf(InpaintOperation.Segment).Contains(p.Name) : fields.Contains(p.Name))];
    }

    private static object Example(ParameterCapability option) => option.Option switch
    {
        OptionKind.Switch => true,
        OptionKind.WholeNumber or OptionKind.Number => (int)(option.Maximum ?? 3),
        _ => "text",
    };
}
