using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Fal;
using Inpaint.Providers.Fal.Models;
using Inpaint.Providers.Shared.FalProtocol;
using Xunit;
using Description = Inpaint.Providers.Shared.FalProtocol.FalModel;

namespace Inpaint.Tests.Providers.Fal.Models;

/// <summary>What is made of the OpenAPI documents that fal publishes, and of those that nobody should.</summary>
public sealed class FalOpenApiTests
{
    // In the form of fal's own documents: references beside a description, what may be left out as "anyOf" with null, sizes as either of two things.
    private const string Example = """
        {"openapi":"3.0.4","components":{"schemas":{
          "NewInput":{"type":"object","title":"NewInput","x-fal-order-properties":["prompt","image_url","mask_url","image_size","steps","guidance_scale","mode","seed","loras","shape","safe"],
            "required":["prompt","image_url","mask_url"],
            "properties":{
              "seed":{"anyOf":[{"type":"integer"},{"type":"null"}],"title":"Seed","description":"The same seed\nand the same prompt\u001b[31m give the same picture."},
              "prompt":{"type":"string","title":"Prompt","minLength":1},
              "image_url":{"type":"string","title":"Image Url","description":"The picture."},
              "mask_url":{"type":"string"},
              "steps":{"type":"integer","minimum":1,"exclusiveMaximum":51,"default":28},
              "guidance_scale":{"anyOf":[{"type":"number","minimum":0,"maximum":20},{"type":"null"}],"default":3.5},
              "image_size":{"anyOf":[{"$ref":"#/components/schemas/ImageSize"},{"type":"string","enum":["square","landscape_4_3"]}],"default":"square"},
              "mode":{"allOf":[{"$ref":"#/components/schemas/Mode"}],"description":"How.","default":"fast"},
              "loras":{"type":"array","items":{"$ref":"#/components/schemas/LoraWeight"},"default":[]},
              "shape":{"$ref":"#/components/schemas/Shape"},
              "safe":{"type":"boolean","default":true}}},
          "ImageSize":{"type":"object","properties":{"width":{"type":"integer"},"height":{"type":"integer"}}},
          "Mode":{"type":"string","enum":["fast","good"]},
          "Shape":{"type":"object","properties":{"inner":{"$ref":"#/components/schemas/Shape"}}},
          "LoraWeight":{"type":"object","properties":{"path":{"type":"string"}}},
          "NewOutput":{"type":"object","properties":{"images":{"type":"array"},"seed":{"type":"integer"}}}}},
         "paths":{
          "/someone/new/requests/{request_id}/status":{"get":{"responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Mode"}}}}}}},
          "/someone/new":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/NewInput"}}}}}},
          "/someone/new/requests/{request_id}":{"get":{"responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/NewOutput"}}}}}}}}}
        """;

    public static TheoryData<string> Built => [.. FalModels.InpaintingIds];

    [Fact]
    public void Names_types_ranges_values_defaults_and_descriptions_are_read()
    {
        Description model = Read("someone/new", Example);
        Assert.Equal(["prompt", "image_url", "mask_url", "image_size", "steps", "guidance_scale", "mode", "seed", "loras", "shape", "safe"], model.Fields.Select(f => f.Name));
        Assert.Equal(["prompt", "image_url", "mask_url"], model.Fields.Where(f => f.IsRequired).Select(f => f.Name));
        Assert.Equal(
            [FalFieldType.Text, FalFieldType.File, FalFieldType.File, FalFieldType.Size, FalFieldType.Integer, FalFieldType.Number, FalFieldType.Text, FalFieldType.Integer, FalFieldType.List, FalFieldType.Object, FalFieldType.Boolean],
            model.Fields.Select(f => f.Type));
        Assert.Equal((1, 50, "28"), (model.Fields[4].Minimum, model.Fields[4].Maximum, model.Fields[4].Default));
        Assert.Equal((0, 20, "3.5"), (model.Fields[5].Minimum, model.Fields[5].Maximum, model.Fields[5].Default));
        Assert.Equal(["square", "landscape_4_3"], model.Fields[3].Values);
        Assert.Equal(["fast", "good"], model.Fields[6].Values);
        Assert.Equal(("How.", "true"), (model.Fields[6].Description, model.Fields[10].Default));
        Assert.Equal("The same seed and the same prompt give the same picture.", model.Fields[7].Description);
        Assert.Equal(["images", "seed"], model.Outputs);
    }

    [Theory]
    [MemberData(nameof(Built))]
    public void Every_built_in_model_is_the_same_by_its_document(string id)
    {
        Description model = FalModels.Find(id)!;
        Description read = Read(id, FalOpenApiWriter.Write(model).ToJsonString());
        Assert.Equal(
            InpaintParameters(model).Select(p => (p.Name, p.IsRequired, p.Default, string.Join(' ', p.Values))),
            InpaintParameters(read).Select(p => (p.Name, p.IsRequired, p.Default, string.Join(' ', p.Values))));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"paths":[]}""")]
    [InlineData("""{"paths":{"/a/b":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Missing"}}}}}}}}""")]
    [InlineData("""{"components":{"schemas":{"A":{"$ref":"#/components/schemas/B"},"B":{"$ref":"#/components/schemas/A"}}},"paths":{"/a/b":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}}}}}}""")]
    [InlineData("""{"paths":{"/a/b":{"post":{"requestBody":{"content":{"application/json":{"schema":{"type":"object","properties":[]}}}}}}}}""")]
    [InlineData("""{"paths":{"/a/b":{"post":"yes"},"/c":7,"/d":null}}""")]
    public void A_document_that_does_not_say_what_the_model_takes_is_refused_in_words(string document)
    {
        FormatException e = Assert.Throws<FormatException>(() => Read("a/b", document));
        Assert.StartsWith("it", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_that_is_malformed_costs_no_more_than_what_is_known_of_it()
    {
        const string fields = """
            "a":7,"b":null,"c":{"type":["string"],"enum":{"x":1},"minimum":"low","default":{"x":1}},"d":{"$ref":"#/components/schemas/D"},"e":{"anyOf":[{"anyOf":[]},5,{"type":"null"}]},
            "f":{"type":"string","enum":["one",2,true,null,{"x":1}],"description":9},"g h":{"type":"string"},"-Force":{"type":"string"},"\ud800":{},"i":{"type":"integer","minimum":1e999,"maximum":3}
            """;
        Description model = Read("a/b", Wrap(fields, """ "D":{"allOf":[{"$ref":"#/components/schemas/D"}]} """));
        Assert.Equal(["a", "b", "c", "d", "e", "f", "i"], model.Fields.Select(f => f.Name));
        Assert.Equal(["one", "2", "true"], model.Fields[5].Values);
        Assert.Equal((null, 3), (model.Fields[6].Minimum, model.Fields[6].Maximum));
    }

    [Fact]
    public void A_document_of_megabytes_is_read_or_refused_and_no_field_is_looked_for_in_a_schema_of_thousands()
    {
        StringBuilder huge = new("\"Huge\":{\"type\":\"string\"");
        for (int index = 0; index < 200_000; index++)
        {
            huge.Append($",\"x{index}\":0");
        }

        huge.Append('}');
        string fields = string.Join(',', Enumerable.Range(0, 250).Select(index => $$"""
            "f{{index}}":{"anyOf":[{{string.Join(',', Enumerable.Repeat("""{"$ref":"#/components/schemas/Huge"}""", 16))}}]}
            """));
        Assert.Equal(250, Read("a/b", Wrap(fields, huge.ToString())).Fields.Count);

        string many = string.Join(',', Enumerable.Range(0, 400).Select(index => $$"""
            "f{{index}}":{"type":"string"}
            """));
        Assert.Throws<FormatException>(() => Read("a/b", Wrap(many, "\"A\":{}")));
    }

    private static ParameterCapability[] InpaintParameters(Description model) => [.. FalModelParameters.Of(model, InpaintOperation.Inpaint).OrderBy(p => p.Name, StringComparer.Ordinal)];

    private static string Wrap(string fields, string schemas) =>
        """{"components":{"schemas":{"Input":{"type":"object","properties":{""" + fields + "}}," + schemas
        + """}},"paths":{"/a/b":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Input"}}}}}}}}""";

    private static Description Read(string id, string document)
    {
        using JsonDocument json = JsonDocument.Parse(document);
        return FalOpenApi.Read(id, json.RootElement);
    }
}
