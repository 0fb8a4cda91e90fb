using System.Globalization;
using Inpaint.Planning;
using Xunit;

namespace Inpaint.Tests.Planning;

public sealed class RequestDefaultsTests : RequestPlanTest
{
    [Fact]
    public void What_a_request_leaves_out_is_filled_in_and_told()
    {
        SetDefaults(("steps", 12), ("Strength", "0.5"), ("GuidanceScale", 2.5), ("Count", 2), ("Size", "512x256"), ("OutputFormat", "png"), ("SafetyChecker", "no"), ("Acceleration", "regular"), ("Priority", "low"), ("RunnerHint", "a"));
        RequestPlan plan = Plan(Request() with { Strength = 0.9 });
        InpaintRequest request = plan.Request;
        Assert.Equal((12, 0.9, 2.5, 2, "png", false), (request.Steps, request.Strength, request.GuidanceScale, request.Count, request.OutputFormat, request.SafetyChecker));
        Assert.Equal(("512x256", "regular", "low", "a"), (request.Size!.ToString(), request.Acceleration, request.Priority, request.Options["RunnerHint"]));
        string note = Assert.Single(plan.Notes, note => note.EndsWith("set by the defaults of Fal.", StringComparison.Ordinal));
        Assert.DoesNotContain("Strength", note, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_model_does_not_have_is_left_out()
    {
        SetDefaults(("NegativePrompt", "blurry"), ("Scheduler", "euler"));
        RequestPlan plan = Plan(Request());
        Assert.Equal((null, null), (plan.Request.NegativePrompt, plan.Request.Scheduler));
        Assert.Empty(plan.Request.Options);
        Assert.DoesNotContain(plan.Notes, note => note.Contains("settings of", StringComparison.Ordinal));
    }

    [Fact]
    public void An_option_of_the_request_counts_in_any_case()
    {
        SetDefaults(("RunnerHint", "a"));
        Assert.Equal("b", Assert.Single(Plan(Request() with { Options = new Dictionary<string, object> { ["runnerhint"] = "b" } }).Request.Options).Value);
    }

    [Fact]
    public void Numbers_are_read_alike_in_every_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            (german.NumberFormat.NumberDecimalSeparator, german.NumberFormat.NumberGroupSeparator) = (",", ".");
            CultureInfo.CurrentCulture = german;
            SetDefaults(("Strength", 0.25), ("GuidanceScale", "1.5"));
            InpaintRequest request = Plan(Request()).Request;
            Assert.Equal((0.25, 1.5), (request.Strength, request.GuidanceScale));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("Steps", "many")]
    [InlineData("Steps", 1.5)]
    [InlineData("Strength", "")]
    [InlineData("Size", "0x5")]
    [InlineData("SafetyChecker", "perhaps")]
    public void A_value_that_cannot_be_one_of_a_property_is_told_apart(string name, object value) => Assert.False(RequestDefaults.CanBe(name, value));

    [Theory]
    [InlineData("steps", " 12 ")]
    [InlineData("SafetyChecker", "off")]
    [InlineData("Strength", 0.5)]
    [InlineData("AnOption", "anything")]
    public void A_value_that_can_be_one_is_taken(string name, object value) => Assert.True(RequestDefaults.CanBe(name, value));

    private void SetDefaults(params (string Name, object? Value)[] defaults) =>
        Providers.Set(new ProviderSettings { Name = "Fal", Defaults = defaults.ToDictionary(entry => entry.Name, entry => entry.Value) });
}
