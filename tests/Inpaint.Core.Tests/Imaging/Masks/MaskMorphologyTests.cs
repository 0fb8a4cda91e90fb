using Inpaint.Imaging.Masks;
using Xunit;

namespace Inpaint.Tests.Imaging.Masks;

public class MaskMorphologyTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(100)]
    public void Growing_adds_what_is_within_the_radius(int radius)
    {
        Mask mask = Random(37, 23, density: 0.01, seed: radius);

        Mask grown = MaskMorphology.Grow(mask, radius);

        Assert.Equal(Within(mask, radius, covered: true), grown.Coverage.Select(c => c == 255));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void Shrinking_takes_what_is_within_the_radius_of_the_kept_part(int radius)
    {
        Mask mask = Random(37, 23, density: 0.97, seed: radius);

        Mask shrunk = MaskMorphology.Shrink(mask, radius);

        Assert.Equal(Within(mask, radius, covered: false), shrunk.Coverage.Select(c => c == 0));
    }

    [Fact]
    public void The_pictures_border_is_no_edge()
    {
        Mask full = MaskTests.Parse("####/####");

        Assert.True(MaskMorphology.Shrink(full, 3).IsFull);
        Assert.True(MaskFeather.ApplyInward(full, 3).IsFull);
        Assert.True(MaskFeather.Apply(full, 3).IsFull);
    }

    [Fact]
    public void Inverting_twice_changes_nothing()
    {
        Mask mask = Random(9, 9, density: 0.5, seed: 1);

        Assert.Equal(mask.Coverage, MaskMorphology.Invert(MaskMorphology.Invert(mask)).Coverage);
        Assert.Equal(0, mask.Coverage[0] & MaskMorphology.Invert(mask).Coverage[0]);
    }

    [Fact]
    public void Feathering_makes_a_ramp_on_both_sides_of_the_edge()
    {
        var mask = new Mask(40, 3);
        MaskShapes.AddRectangle(mask, new PixelRect(20, 0, 20, 3));

        byte[] row = MaskFeather.Apply(mask, 6).Row(1).ToArray();

        Assert.Equal(row.Order(), row);
        Assert.Equal(0, row[13]);
        Assert.InRange(row[15], 1, 60);
        Assert.InRange((row[19] + row[20]) / 2, 126, 129);
        Assert.Equal(255, row[26]);
    }

    [Fact]
    public void Inward_feathering_leaves_what_was_kept_alone()
    {
        Mask mask = Random(50, 50, density: 0.98, seed: 4);

        Mask soft = MaskFeather.ApplyInward(mask, 4);

        for (int i = 0; i < mask.Coverage.Length; i++)
        {
            Assert.Equal(mask.Coverage[i] == 0, soft.Coverage[i] == 0);
        }

        var step = new Mask(20, 1);
        MaskShapes.AddRectangle(step, new PixelRect(5, 0, 15, 1));
        byte[] row = MaskFeather.ApplyInward(step, 4).Row(0).ToArray();
        Assert.Equal([0, 0, 0, 0, 0, 27, 90, 165, 228, 255], row[..10]);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(10001)]
    public void Impossible_radii_are_refused(int radius) => Assert.Equal(
        InpaintErrorId.InvalidParameter,
        Assert.Throws<InpaintException>(() => MaskMorphology.Grow(new Mask(2, 2), radius)).ErrorId);

    internal static Mask Random(int width, int height, double density, int seed)
    {
        var random = new Random(seed);
        return new Mask(width, height, [.. Enumerable.Range(0, width * height).Select(_ => random.NextDouble() < density ? (byte)255 : (byte)0)]);
    }

    private static IEnumerable<bool> Within(Mask mask, int radius, bool covered)
    {
        for (int y = 0; y < mask.Height; y++)
        {
            for (int x = 0; x < mask.Width; x++)
            {
                bool isNear = false;
                for (int i = 0; i < mask.Coverage.Length && !isNear; i++)
                {
                    int dx = (i % mask.Width) - x;
                    int dy = (i / mask.Width) - y;
                    isNear = (mask.Coverage[i] == 255) == covered && (dx * dx) + (dy * dy) <= radius * radius;
                }

                yield return isNear;
            }
        }
    }
}
