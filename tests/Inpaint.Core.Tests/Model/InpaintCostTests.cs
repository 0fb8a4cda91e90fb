using System.ComponentModel;
using System.Globalization;
using Xunit;

namespace Inpaint.Tests.Model;

public sealed class InpaintCostTests
{
    [Fact]
    public void Costs_are_ordered_by_currency_and_amount()
    {
        InpaintCost[] sorted = [.. new[] { new InpaintCost(2), new InpaintCost(1), new InpaintCost(5, "EUR"), new InpaintCost(1.5m) }.Order()];

        Assert.Equal(["5.00 EUR", "$1.00", "$1.50", "$2.00"], sorted.Select(c => c.ToString()));
        Assert.True(new InpaintCost(1) < new InpaintCost(1.01m));
        Assert.True(new InpaintCost(1) >= new InpaintCost(1));
        Assert.True(new InpaintCost(1) > null);
    }

    [Fact]
    public void Costs_are_equal_when_currency_and_amount_are()
    {
        InpaintCost cost = new(0.01m, IsEstimate: false) { Saved = 1 };

        Assert.Equal(new InpaintCost(0.01m), cost);
        Assert.Equal(new InpaintCost(0.010m).GetHashCode(), cost.GetHashCode());
        Assert.NotEqual(new InpaintCost(0.01m, "EUR"), cost);
        Assert.NotEqual(new InpaintCost(0.02m), cost);
    }

    [Fact]
    public void A_sum_is_an_estimate_when_one_part_is()
    {
        InpaintCost known = new(0.02m, IsEstimate: false);

        Assert.False((known + known).IsEstimate);
        Assert.True((known + new InpaintCost(0.01m)).IsEstimate);
        Assert.Equal(new InpaintCost(0.03m), known + new InpaintCost(0.01m));
        Assert.Equal(new InpaintCost(0.01m), known - new InpaintCost(0.01m));
        Assert.Equal(new InpaintCost(0.06m), known * 3);
        Assert.Equal(new InpaintCost(0.005m), known / 4);
    }

    [Fact]
    public void Different_currencies_are_not_added() =>
        Assert.Contains("$1.00 and 1.00 EUR", Assert.Throws<ArgumentException>(() => new InpaintCost(1) + new InpaintCost(1, "EUR")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("0.01", null, "$0.010")]
    [InlineData("0.0001", null, "$0.0001")]
    [InlineData("0", null, "$0.000")]
    [InlineData("12.345", null, "$12.35")]
    [InlineData("12.345", "0.0", "$12.3")]
    public void A_cost_is_printed_with_its_currency(string amount, string? format, string expected) =>
        Assert.Equal(expected, new InpaintCost(decimal.Parse(amount, CultureInfo.InvariantCulture)).ToString(format, CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("$0.010", "0.01", "USD")]
    [InlineData("1.5 EUR", "1.5", "EUR")]
    [InlineData(0.25, "0.25", "USD")]
    [InlineData(3, "3", "USD")]
    public void Numbers_and_printed_costs_are_converted(object value, string amount, string currency)
    {
        InpaintCost cost = Assert.IsType<InpaintCost>(TypeDescriptor.GetConverter(typeof(InpaintCost)).ConvertFrom(value));

        Assert.Equal((decimal.Parse(amount, CultureInfo.InvariantCulture), currency), (cost.Amount, cost.Currency));
    }

    [Fact]
    public void What_is_no_cost_is_said_so() =>
        Assert.Contains("'cheap' is not a cost", Assert.Throws<FormatException>(() => TypeDescriptor.GetConverter(typeof(InpaintCost)).ConvertFrom("cheap")).Message, StringComparison.Ordinal);
}
