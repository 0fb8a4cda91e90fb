using Inpaint.Requests;
using Xunit;

namespace Inpaint.Tests.Requests;

public sealed class RequestValidatorTests
{
    private static readonly ProviderCapabilities Capabilities = new()
    {
        Operation = InpaintOperation.TextToImage,
        DefaultModel = "model",
        Parameters =
        [
            new() { Name = "Prompt", IsRequired = true },
            new() { Name = "Steps", Minimum = 1, Maximum = 50, CapAbove = 20 },
            new() { Name = "Size", Minimum = 256, Maximum = 1024, MultipleOf = 8 },
            new() { Name = "Lora", Minimum = 0.1, Maximum = 1 },
            new() { Name = "ClipSkip", Option = OptionKind.WholeNumber, Minimum = 1, Maximum = 8 },
            new() { Name = "Temp", Option = OptionKind.Switch },
            new() { Name = "Kind", Option = OptionKind.Text, Values = ["Blur", "Black"] },
            new() { Name = "Weight", Option = OptionKind.Number, Minimum = 0, Maximum = 1 },
            new() { Name = "Picture", Option = OptionKind.Address },
        ],
    };

    private static readonly InpaintProvider Provider = new() { Name = "Mine", Kind = ProviderKind.ModelsLab };

    private static readonly InpaintRequest Plain = new() { Operation = InpaintOperation.TextToImage, Prompt = "a bench" };

    [Theory]
    [InlineData(20, 0)]
    [InlineData(21, 1)]
    [InlineData(50, 1)]
    public void A_value_above_a_cap_is_taken_with_a_warning(int steps, int warnings)
    {
        IReadOnlyList<string> cautions = RequestValidator.Check(Plain with { Steps = steps }, Provider, Capabilities);
        Assert.Equal(warnings, cautions.Count);
        Assert.All(cautions, caution => Assert.Contains("caps -Steps at 20", caution, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(248, 512, "256 to 1024")]
    [InlineData(1032, 512, "256 to 1024")]
    [InlineData(512, 300, "multiples of 8")]
    public void A_size_the_provider_does_not_make_is_refused(int width, int height, string reason)
    {
        InpaintException refusal = Assert.Throws<InpaintException>(() => RequestValidator.Check(Plain with { Size = ImageSize.FromPixels(width, height) }, Provider, Capabilities));
        Assert.Equal(InpaintErrorId.InvalidParameter, refusal.ErrorId);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_lora_weight_is_held_against_the_range() =>
        Assert.Throws<InpaintException>(() => RequestValidator.Check(Plain with { Loras = [new("a", 0.5), new("b", 1.5)] }, Provider, Capabilities));

    [Theory]
    [InlineData("clipskip", 2)]
    [InlineData("ClipSkip", "8")]
    [InlineData("Temp", true)]
    [InlineData("Temp", "yes")]
    [InlineData("Kind", "blur")]
    [InlineData("Weight", 0.5)]
    [InlineData("Weight", 1)]
    [InlineData("Picture", "https://pictures.example/a.png")]
    public void An_option_is_taken_in_the_forms_people_give(string name, object value) =>
        Assert.Empty(RequestValidator.Check(With(name, value), Provider, Capabilities));

    [Theory]
    [InlineData("ClipSkip", 9)]
    [InlineData("ClipSkip", 2.5)]
    [InlineData("ClipSkip", true)]
    [InlineData("Temp", "perhaps")]
    [InlineData("Kind", "glitter")]
    [InlineData("Kind", " ")]
    [InlineData("Weight", "much")]
    [InlineData("Weight", double.NaN)]
    [InlineData("Picture", "C:\\a.png")]
    [InlineData("Steps", 5)]
    [InlineData("Nothing", 1)]
    public void An_option_that_does_not_fit_is_named_and_refused(string name, object value)
    {
        InpaintException refusal = Assert.Throws<InpaintException>(() => RequestValidator.Check(With(name, value), Provider, Capabilities));
        Assert.Equal(InpaintErrorId.InvalidParameter, refusal.ErrorId);
        Assert.Contains("-Option " + name, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_are_part_of_what_makes_requests_equal()
    {
        string one = RequestFingerprint.Compute(With("ClipSkip", 1), "Mine", "model", image: null, mask: null);
        Assert.Equal(one, RequestFingerprint.Compute(With("clipskip", 1), "Mine", "model", image: null, mask: null));
        Assert.NotEqual(one, RequestFingerprint.Compute(With("ClipSkip", 2), "Mine", "model", image: null, mask: null));
    }

    [Fact]
    public void A_capability_says_its_limits_in_words()
    {
        Assert.Equal("Steps (1-50, capped at 20)", Capabilities.Find("steps")!.ToString());
        Assert.Equal("Size (256-1024, multiples of 8)", Capabilities.Find("size")!.ToString());
    }

    private static InpaintRequest With(string option, object value) => Plain with { Options = new Dictionary<string, object>(StringComparer.Ordinal) { [option] = value } };
}
