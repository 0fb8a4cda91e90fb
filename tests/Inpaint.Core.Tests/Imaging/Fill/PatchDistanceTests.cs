using Inpaint.Imaging.Fill;
using Xunit;

namespace Inpaint.Tests.Imaging.Fill;

public unsafe class PatchDistanceTests
{
    private const int Stride = 24;

    [Fact]
    public void Every_instruction_set_gives_the_plain_sum_of_squares()
    {
        Random random = new(5);
        uint[] pixels = new uint[Stride * 40];
        for (int index = 0; index < pixels.Length; index++)
        {
            pixels[index] = (uint)random.NextInt64(1L << 32);
        }

        fixed (uint* all = pixels)
        {
            for (int trial = 0; trial < 200; trial++)
            {
                uint* a = all + random.Next(Stride * 30);
                uint* b = all + random.Next(Stride * 30);
                int expected = Plain(a, b);
                Assert.Equal(expected, PatchDistance.Between(a, b, Stride));
                Assert.Equal(expected, PatchDistance.BetweenPortable(a, b, Stride));
                Assert.Equal(expected, PatchDistance.Between(a, b, Stride, expected + 1));
                Assert.InRange(PatchDistance.Between(a, b, Stride, expected / 3), expected / 3, expected);
            }
        }
    }

    [Fact]
    public void The_largest_possible_distance_does_not_overflow()
    {
        uint[] pixels = new uint[Stride * 20];
        pixels.AsSpan(Stride * 10).Fill(uint.MaxValue);
        fixed (uint* all = pixels)
        {
            Assert.Equal(49 * 4 * 255 * 255, PatchDistance.Between(all, all + (Stride * 10), Stride));
            Assert.Equal(49 * 4 * 255 * 255, PatchDistance.BetweenPortable(all, all + (Stride * 10), Stride));
        }
    }

    [Fact]
    public void Pixels_that_do_not_count_have_no_part()
    {
        Random random = new(6);
        uint[] pixels = new uint[Stride * 20];
        for (int index = 0; index < pixels.Length; index++)
        {
            pixels[index] = (uint)random.NextInt64(1L << 32);
        }

        uint[] patch = new uint[56];
        uint[] counts = new uint[56];
        int expected = 0;
        for (int row = 0; row < 7; row++)
        {
            for (int column = 0; column < 8; column++)
            {
                patch[(row * 8) + column] = (uint)random.NextInt64(1L << 32);
                if (column < 7 && random.Next(2) == 0)
                {
                    counts[(row * 8) + column] = uint.MaxValue;
                    expected += Square(patch[(row * 8) + column], pixels[(row * Stride) + column]);
                }
            }
        }

        fixed (uint* a = patch, keep = counts, b = pixels)
        {
            Assert.Equal(expected, PatchDistance.Partial(a, keep, b, Stride));
            Assert.Equal(expected, PatchDistance.PartialPortable(a, keep, b, Stride));
            Assert.Equal(expected, PatchDistance.Partial(a, keep, b, Stride, expected + 1));
            Assert.InRange(PatchDistance.Partial(a, keep, b, Stride, expected / 3), expected / 3, expected);
        }
    }

    private static int Plain(uint* a, uint* b)
    {
        int sum = 0;
        for (int row = 0; row < 7; row++)
        {
            for (int column = 0; column < 7; column++)
            {
                sum += Square(a[(row * Stride) + column], b[(row * Stride) + column]);
            }
        }

        return sum;
    }

    private static int Square(uint left, uint right)
    {
        int sum = 0;
        for (int shift = 0; shift < 32; shift += 8)
        {
            int difference = (int)((left >> shift) & 255) - (int)((right >> shift) & 255);
            sum += difference * difference;
        }

        return sum;
    }
}
