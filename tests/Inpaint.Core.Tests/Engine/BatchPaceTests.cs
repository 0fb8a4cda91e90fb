using Inpaint.Engine;
using Inpaint.Tests.Time;
using Xunit;

namespace Inpaint.Tests.Engine;

/// <summary>How long the rest of a batch takes.</summary>
public sealed class BatchPaceTests
{
    private readonly ManualTimeProvider time = new();
    private readonly BatchPace pace;

    public BatchPaceTests() => pace = new BatchPace(time);

    [Fact]
    public void Nothing_is_said_before_items_have_ended()
    {
        pace.Begin();
        Assert.Null(pace.TimeLeft(10));
    }

    [Theory]
    [InlineData(8, 30)]
    [InlineData(1, 4)]
    [InlineData(64, 0.06)]
    public void Items_that_end_in_waves_are_estimated_right_from_the_first_wave_on(int atOnce, double seconds)
    {
        const int items = 6400;
        TimeSpan each = TimeSpan.FromSeconds(seconds);
        int ended = 0;
        pace.Begin();
        for (int wave = 1; wave <= 4; wave++)
        {
            time.Advance(each / 2);
            Assert.True(wave <= (atOnce == 1 ? 2 : 1) || IsNear(each * (((double)(items - ended) / atOnce) - 0.5), pace.TimeLeft(items - ended)));
            time.Advance(each / 2);
            for (int i = 0; i < atOnce; i++, ended++)
            {
                pace.End();
            }
        }

        Assert.True(IsNear(each * ((double)(items - ended) / atOnce), pace.TimeLeft(items - ended)));

        static bool IsNear(TimeSpan expected, TimeSpan? estimated) => estimated is { } left && Math.Abs((left / expected) - 1) < 0.02;
    }

    [Fact]
    public void The_pace_of_the_last_items_counts()
    {
        pace.Begin();
        for (int i = 0; i < 1000; i++)
        {
            time.Advance(TimeSpan.FromSeconds(i < 500 ? 1 : 10));
            pace.End();
        }

        Assert.Equal(TimeSpan.FromSeconds(1000), pace.TimeLeft(100));
    }

    [Fact]
    public void A_batch_that_stands_still_takes_longer_and_longer()
    {
        pace.Begin();
        time.Advance(TimeSpan.FromSeconds(10));
        pace.End();
        pace.End();
        time.Advance(TimeSpan.FromSeconds(90));

        Assert.Equal(TimeSpan.FromSeconds(100), pace.TimeLeft(2));
    }

    [Fact]
    public void What_has_passed_of_a_wave_is_taken_off()
    {
        pace.Begin();
        time.Advance(TimeSpan.FromSeconds(10));
        pace.End();
        pace.End();
        time.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal(TimeSpan.FromSeconds(6), pace.TimeLeft(2));
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(TimeSpan.Zero, pace.TimeLeft(2));
    }
}
