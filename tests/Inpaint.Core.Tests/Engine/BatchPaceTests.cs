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
        DateTimeOffset[] running = Begin(atOnce);
        for (int wave = 1; wave <= 4; wave++)
        {
            time.Advance(each / 2);
            Assert.True(wave <= (atOnce == 1 ? 2 : 1) || IsNear(each * (((double)(items - ended) / atOnce) - 0.5), pace.TimeLeft(items - ended), 0.02));
            time.Advance(each / 2);
            for (int i = 0; i < atOnce; i++)
            {
                End(running, i);
                ended++;

                // One of several that began together has ended, and the others will at any moment.
                Assert.True(ended < 2 || IsNear(each * ((double)(items - (wave * atOnce)) / atOnce), pace.TimeLeft(items - ended), 0.02));
            }
        }
    }

    [Theory]
    [InlineData(20, 100)]
    [InlineData(55, 65)]
    [InlineData(2, 20)]
    public void Items_that_take_different_times_are_estimated_right_from_the_second_minute_on(int shortest, int longest)
    {
        const int items = 4000;
        const int atOnce = 64;
        double ideal = items * ((shortest + longest) / 2.0) / atOnce;
        Random random = new(1);
        DateTimeOffset first = time.GetUtcNow();
        DateTimeOffset[] running = Begin(atOnce);
        double[] ends = [.. running.Select(_ => (double)random.Next(shortest, longest + 1))];
        int ended = 0;
        for (int second = 1; second <= 240; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            for (int i = 0; i < atOnce; i++)
            {
                if (ends[i] <= second)
                {
                    End(running, i);
                    ends[i] = second + random.Next(shortest, longest + 1);
                    ended++;
                }
            }

            TimeSpan expected = TimeSpan.FromSeconds(ideal - (time.GetUtcNow() - first).TotalSeconds);
            Assert.True(second < 120 || IsNear(expected, pace.TimeLeft(items - ended), 0.1), $"After {second} s, {pace.TimeLeft(items - ended)} instead of {expected}.");
        }
    }

    [Fact]
    public void The_pace_of_the_last_items_counts()
    {
        DateTimeOffset[] running = Begin(1);
        for (int i = 0; i < 1000; i++)
        {
            time.Advance(TimeSpan.FromSeconds(i < 500 ? 1 : 10));
            End(running, 0);
        }

        Assert.Equal(TimeSpan.FromSeconds(1000), pace.TimeLeft(100));
    }

    [Fact]
    public void A_batch_that_stands_still_takes_longer_and_longer()
    {
        DateTimeOffset[] running = Begin(2);
        time.Advance(TimeSpan.FromSeconds(10));
        End(running, 0);
        End(running, 1);
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(TimeSpan.FromSeconds(50), pace.TimeLeft(2));
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(TimeSpan.FromSeconds(80), pace.TimeLeft(2));
    }

    [Fact]
    public void What_has_passed_of_a_wave_is_taken_off()
    {
        DateTimeOffset[] running = Begin(2);
        time.Advance(TimeSpan.FromSeconds(10));
        End(running, 0);
        End(running, 1);
        time.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal(TimeSpan.FromSeconds(6), pace.TimeLeft(2));
        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(TimeSpan.Zero, pace.TimeLeft(2));
    }

    [Fact]
    public void Items_that_were_not_begun_here_do_not_count()
    {
        DateTimeOffset[] running = Begin(1);
        time.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 100; i++)
        {
            pace.End(time.GetUtcNow());
        }

        Assert.Null(pace.TimeLeft(10));
        time.Advance(TimeSpan.FromSeconds(9));
        End(running, 0);
        time.Advance(TimeSpan.FromSeconds(10));
        End(running, 0);
        Assert.Equal(TimeSpan.FromSeconds(100), pace.TimeLeft(10));
    }

    private static bool IsNear(TimeSpan expected, TimeSpan? estimated, double share) => estimated is { } left && Math.Abs((left / expected) - 1) < share;

    private DateTimeOffset[] Begin(int atOnce) => [.. Enumerable.Range(0, atOnce).Select(_ => pace.Begin())];

    /// <summary>Ends one of the running items, and begins another in its place.</summary>
    private void End(DateTimeOffset[] running, int index)
    {
        pace.End(running[index]);
        running[index] = pace.Begin();
    }
}
