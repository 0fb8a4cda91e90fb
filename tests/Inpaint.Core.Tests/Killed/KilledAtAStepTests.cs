using System.Globalization;
using Inpaint.Emulator.Fal;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Killed;

/// <summary>Kills a process at each step that the engine takes on a job's way: between any two uses of the clock or of a file of the state folder, and at every event.</summary>
public sealed class KilledAtAStepTests : KillTest
{
    private const int KillsWhenShort = 2;

    [Theory]
    [InlineData(Way.FalQueue)]
    [InlineData(Way.FalInline)]
    [InlineData(Way.FalDirect)]
    [InlineData(Way.Gateway)]
    [InlineData(Way.ModelsLab)]
    [InlineData(Way.Local)]
    public async Task Wherever_it_is_killed_what_was_paid_for_is_collected(Way way)
    {
        int steps = await UnharmedAsync(way);
        Random random = new(20261125 + (int)way);
        int[] chosen = [.. Enumerable.Range(1, steps)];
        if (!IsLong)
        {
            random.Shuffle(chosen);
            chosen = [.. chosen.Take(KillsWhenShort).Order()];
        }

        int kills = 0;
        int uncertain = 0;
        foreach (int step in chosen)
        {
            Orders orders = Begin(way, $"step-{step}") with { HangAt = step };
            using VictimProcess victim = VictimProcess.Start(orders);
            if (await victim.WaitForAsync(l => l.StartsWith("hanging", StringComparison.Ordinal)) is not null)
            {
                await victim.KillAsync();
                kills++;
            }
            else
            {
                // Steps of the watching vary a little from run to run.
                await victim.EndAsync();
            }

            (int paid, int open) = await AuditAsync(orders, victim.Said, successor: step % 3);
            uncertain += open;
            Assert.InRange(paid, 0, 2);
        }

        TestContext.Current.SendDiagnosticMessage("{0}: {1} steps, {2} kills, {3} uncertain", way, steps, kills, uncertain);
    }

    /// <summary>A run to its end tells how many steps there are, and that nothing is left behind by one.</summary>
    private async Task<int> UnharmedAsync(Way way)
    {
        Orders orders = Begin(way, "unharmed");
        IReadOnlyList<string> said = await VictimProcess.RunAsync(orders);
        Assert.Equal(way == Way.Local ? 0 : 1, State.PaidJobs);
        Assert.Single(CheckOutput(orders));
        Assert.Equal(InpaintJobState.Completed, Assert.Single(List(orders)).State);
        return int.Parse(said[^1]["steps ".Length..], CultureInfo.InvariantCulture);
    }
}
