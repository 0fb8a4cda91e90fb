using Inpaint.Imaging.Masks;
using Xunit;

namespace Inpaint.Tests.Imaging.Masks;

public class MaskRegionsTests
{
    [Fact]
    public void Regions_are_found_with_their_boxes_largest_first()
    {
        Mask mask = MaskTests.Parse("##__#/##__#/_____/_#_#_/__#__");

        Assert.Equal(
            [new MaskRegion(new PixelRect(0, 0, 2, 2), 4), new MaskRegion(new PixelRect(1, 3, 3, 2), 3), new MaskRegion(new PixelRect(4, 0, 1, 2), 2)],
            MaskRegions.Find(mask));
    }

    [Fact]
    public void Arms_that_meet_further_down_are_one_region()
    {
        Mask mask = MaskTests.Parse("#_#_#/#_#_#/#_#_#/#####");

        Assert.Equal(new MaskRegion(new PixelRect(0, 0, 5, 4), 14), Assert.Single(MaskRegions.Find(mask)));
    }

    [Fact]
    public void An_empty_mask_has_none() => Assert.Empty(MaskRegions.Find(new Mask(3, 3)));

    [Fact]
    public void Random_masks_have_the_regions_that_flooding_finds()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            Mask mask = MaskMorphologyTests.Random(25, 19, density: 0.1 + (seed * 0.02), seed);

            Assert.Equal(Flood(mask).Order(), MaskRegions.Find(mask).Select(r => r.Pixels).Order());
        }
    }

    private static List<long> Flood(Mask mask)
    {
        byte[] left = [.. mask.Coverage];
        var sizes = new List<long>();
        for (int i = 0; i < left.Length; i++)
        {
            long size = 0;
            var open = new Stack<(int X, int Y)>([(i % mask.Width, i / mask.Width)]);
            while (open.TryPop(out (int X, int Y) p))
            {
                if (p.X < 0 || p.Y < 0 || p.X >= mask.Width || p.Y >= mask.Height || left[(p.Y * mask.Width) + p.X] == 0)
                {
                    continue;
                }

                left[(p.Y * mask.Width) + p.X] = 0;
                size++;
                for (int d = 0; d < 9; d++)
                {
                    open.Push((p.X + (d % 3) - 1, p.Y + (d / 3) - 1));
                }
            }

            if (size > 0)
            {
                sizes.Add(size);
            }
        }

        return sizes;
    }
}
