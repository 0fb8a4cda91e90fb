using Inpaint.Planning;
using Xunit;

namespace Inpaint.Tests.Planning;

public sealed class CropGeometryTests
{
    private static readonly WorkingSize Model = new(MultipleOf: 16, MinimumEdge: 512, MaximumEdge: 1536, MaximumPixels: 1_000_000);

    [Fact]
    public void A_small_mark_in_a_large_photograph_is_sent_with_its_own_pixels()
    {
        CropChoice choice = CropGeometry.Choose(new PixelRect(3000, 2000, 200, 120).Inflate(64), 6000, 4000, Model, requested: null);

        Assert.Equal((512, 512), (choice.Width, choice.Height));
        Assert.Equal(new PixelRect(2844, 1804, 512, 512), choice.Part);
        Assert.Equal(1, choice.Scale);
    }

    [Fact]
    public void A_mark_in_a_corner_is_shown_from_inside_the_picture()
    {
        CropChoice choice = CropGeometry.Choose(new PixelRect(5990, 0, 10, 10).Inflate(64), 6000, 4000, Model, requested: null);

        Assert.Equal(new PixelRect(5488, 0, 512, 512), choice.Part);
    }

    [Fact]
    public void A_large_mark_is_scaled_down_to_what_the_model_takes_and_keeps_its_shape()
    {
        CropChoice choice = CropGeometry.Choose(new PixelRect(1000, 1000, 3000, 1000).Inflate(500), 6000, 4000, Model, requested: null);

        Assert.InRange(choice.Pixels, 900_000, 1_000_000);
        Assert.Equal((double)choice.Part.Width / choice.Part.Height, (double)choice.Width / choice.Height, 0.002);
        Assert.InRange(choice.Scale, 0.3, 0.4);
    }

    [Fact]
    public void A_long_thin_mark_is_given_more_height_instead_of_being_stretched()
    {
        CropChoice choice = CropGeometry.Choose(new PixelRect(0, 1000, 6000, 20).Inflate(64), 6000, 4000, Model, requested: null);

        Assert.Equal((1536, 512), (choice.Width, choice.Height));
        Assert.Equal((6000, 2000), (choice.Part.Width, choice.Part.Height));
    }

    [Fact]
    public void A_size_asked_for_is_the_one_that_is_sent()
    {
        CropChoice choice = CropGeometry.Choose(new PixelRect(100, 100, 100, 100).Inflate(50), 2000, 2000, Model, ImageSize.Parse("1024x512"));

        Assert.Equal((1024, 512), (choice.Width, choice.Height));
        Assert.Equal(new PixelRect(0, 50, 400, 200), choice.Part);
    }

    [Fact]
    public void Who_takes_any_size_gets_just_the_surroundings() =>
        Assert.Equal(
            new CropChoice(new PixelRect(90, 0, 27, 18), 27, 18),
            CropGeometry.Choose(new PixelRect(100, 3, 7, 5).Inflate(10), 2000, 2000, model: null, requested: null));

    [Fact]
    public void The_usual_surroundings_grow_with_the_mark()
    {
        Assert.Equal(64, CropGeometry.DefaultPadding(new PixelRect(0, 0, 3000, 20)));
        Assert.Equal(200, CropGeometry.DefaultPadding(new PixelRect(0, 0, 400, 900)));
    }

    [Fact]
    public void Whatever_the_picture_the_part_holds_the_mark_and_the_size_fits_the_model()
    {
        var random = new Random(20261124);
        for (int round = 0; round < 5000; round++)
        {
            int width = random.Next(1, 9000);
            int height = random.Next(1, 9000);
            int boxWidth = random.Next(1, width + 1);
            int boxHeight = random.Next(1, height + 1);
            PixelRect box = new(random.Next(width - boxWidth + 1), random.Next(height - boxHeight + 1), boxWidth, boxHeight);
            CropChoice choice = CropGeometry.Choose(box.Inflate(random.Next(1, 600)), width, height, Model, requested: null);
            string what = $"{box} in {width}x{height}: {choice}";

            Assert.True(choice.Part.Union(box) == choice.Part && choice.Part.Intersect(new PixelRect(0, 0, width, height)) == choice.Part, what);
            Assert.True(choice.Width % 16 == 0 && choice.Height % 16 == 0 && choice.Width is >= 16 and <= 1536 && choice.Height is >= 16 and <= 1536, what);
            Assert.True(choice.Pixels <= 1_000_000, what);

            // Only where the picture itself ends, or is hardly larger than a step of the model, may the shape give a little.
            double stretch = (double)choice.Width / choice.Part.Width * choice.Part.Height / choice.Height;
            bool isAtEdge = choice.Part.Width == width || choice.Part.Height == height;
            Assert.True(Math.Abs(Math.Log(stretch)) < (isAtEdge ? 17.0 / Math.Min(choice.Width, choice.Height) : 0.01) || Math.Min(width, height) < 64, what);
        }
    }
}
