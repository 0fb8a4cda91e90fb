using System.Diagnostics;
using Inpaint.Emulator.Fal;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Wire;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Killed;

/// <summary>Kills processes at moments that nobody has thought of, one at a time and several that share a state folder.</summary>
public sealed class KilledAtRandomTests : KillTest
{
    private const int Seed = 20261125;

    [Fact]
    public async Task Whenever_it_is_killed_what_was_paid_for_is_collected()
    {
        Random random = new(Seed);
        Way[] ways = Enum.GetValues<Way>();
        Dictionary<Way, TimeSpan> durations = [];
        int rounds = IsLong ? 200 : 4;
        int paid = 0;
        int uncertain = 0;
        for (int round = 0; round < rounds; round++)
        {
            Way way = ways[round % ways.Length];
            if (!durations.TryGetValue(way, out TimeSpan whole))
            {
                Orders unharmed = Begin(way, $"whole-{way}");
                Stopwatch watch = Stopwatch.StartNew();
                await VictimProcess.RunAsync(unharmed);
                durations.Add(way, whole = watch.Elapsed);
            }

            Orders orders = Begin(way, $"round-{round}");
            using VictimProcess victim = VictimProcess.Start(orders);
            await Task.Delay(whole * random.NextDouble(), Patience);
            await victim.KillAsync();
            (int made, int open) = await AuditAsync(orders, victim.Said, successor: round % 3);
            paid += made;
            uncertain += open;
        }

        TestContext.Current.SendDiagnosticMessage("{0} kills at random times: {1} paid, {2} uncertain", rounds, paid, uncertain);
    }

    [Fact]
    public async Task Several_that_share_a_state_folder_are_killed_and_two_successors_pay_for_nothing_twice()
    {
        const int jobs = 4;
        Random random = new(Seed);
        for (int round = 0; round < (IsLong ? 60 : 1); round++)
        {
            Orders orders = Begin(Way.FalQueue, $"shared-{round}") with { Jobs = jobs, AtOnce = 2, Resume = true };
            VictimProcess[] victims = [VictimProcess.Start(orders), VictimProcess.Start(orders), VictimProcess.Start(orders)];
            foreach (VictimProcess victim in victims)
            {
                int lines = random.Next(1, 30);
                int heard = 0;
                await victim.WaitForAsync(_ => ++heard >= lines);
                await victim.KillAsync();
            }

            await QuietAsync();
            int uncertain = List(orders).Count(j => j.State == InpaintJobState.Uncertain);
            IReadOnlyList<string>[] ends = await Task.WhenAll(VictimProcess.RunAsync(orders), VictimProcess.RunAsync(orders));
            Assert.All(ends, said => Assert.Equal(jobs, said.Count(l => l.StartsWith("saved ", StringComparison.Ordinal))));
            Assert.InRange(State.PaidJobs, jobs, jobs + uncertain);
            await AuditAsync(orders, [.. victims.SelectMany(v => v.Said)], successor: 0);
            foreach (VictimProcess victim in victims)
            {
                victim.Dispose();
            }
        }
    }

    [Fact]
    public async Task What_killed_processes_left_half_written_is_swept_when_it_is_old()
    {
        Orders orders = Begin(Way.FalQueue, "left");
        State.Faults.Enqueue(Inpaint.Emulator.Wire.WireOperation.Download, Inpaint.Emulator.Faults.Fault.HoldBody(50));
        using (VictimProcess victim = VictimProcess.Start(orders))
        {
            await State.Faults.WaitForHeldAsync(cancellationToken: Patience);
            await victim.KillAsync();
        }

        string left = Assert.Single(Directory.GetFiles(orders.Output));
        await VictimProcess.RunAsync(orders with { Deed = Deed.Collect });
        Assert.True(File.Exists(left));
        File.SetLastWriteTimeUtc(left, DateTime.UtcNow.AddDays(-2));
        await VictimProcess.RunAsync(orders with { Jobs = 2, Resume = true });

        Assert.False(File.Exists(left));
        Assert.Equal(3, CheckOutput(orders).Count);
    }
}
