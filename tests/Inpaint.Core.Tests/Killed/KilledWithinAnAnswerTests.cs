using Inpaint.Emulator.Fal;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Wire;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Killed;

/// <summary>Kills a process while an answer is on its way: the service has done its work, and has sent nothing, or a part, of what it has to say.</summary>
public sealed class KilledWithinAnAnswerTests : KillTest
{
    [Theory]
    [InlineData(Way.FalQueue, WireOperation.Submit, null)]
    [InlineData(Way.FalQueue, WireOperation.Submit, 20)]
    [InlineData(Way.FalDirect, WireOperation.Run, null)]
    [InlineData(Way.FalDirect, WireOperation.Run, 200)]
    [InlineData(Way.Gateway, WireOperation.Submit, null)]
    [InlineData(Way.Gateway, WireOperation.Submit, 20)]
    [InlineData(Way.ModelsLab, WireOperation.Submit, null)]
    [InlineData(Way.ModelsLab, WireOperation.Submit, 20)]
    public async Task Before_the_id_has_arrived_the_job_is_uncertain(Way way, WireOperation operation, int? afterBytes)
    {
        Orders orders = await KillAsync(way, operation, afterBytes);
        Assert.Equal((1, 1), await AuditAsync(orders, [], successor: afterBytes is null ? 1 : 0));
    }

    [Theory]
    [InlineData(Way.FalQueue, WireOperation.StatusStream, null)]
    [InlineData(Way.FalQueue, WireOperation.Result, null)]
    [InlineData(Way.FalQueue, WireOperation.Result, 30)]
    [InlineData(Way.FalInline, WireOperation.Result, 200)]
    [InlineData(Way.FalQueue, WireOperation.Download, null)]
    [InlineData(Way.FalQueue, WireOperation.Download, 50)]
    [InlineData(Way.Gateway, WireOperation.Result, 20)]
    [InlineData(Way.ModelsLab, WireOperation.Status, null)]
    [InlineData(Way.ModelsLab, WireOperation.Download, 50)]
    public async Task Afterwards_it_is_collected(Way way, WireOperation operation, int? afterBytes)
    {
        Orders orders = await KillAsync(way, operation, afterBytes);
        Assert.Equal((1, 0), await AuditAsync(orders, [], successor: 0));
        Assert.Single(CheckOutput(orders));
    }

    private async Task<Orders> KillAsync(Way way, WireOperation operation, int? afterBytes)
    {
        Orders orders = Begin(way, "held");
        State.Faults.Enqueue(operation, afterBytes is int bytes ? Fault.HoldBody(bytes) : Fault.HoldHeaders());
        using VictimProcess victim = VictimProcess.Start(orders);
        Task held = State.Faults.WaitForHeldAsync(cancellationToken: Patience);
        Assert.True(await Task.WhenAny(held, victim.EndAsync()) == held, string.Join(Environment.NewLine, victim.Said));
        await victim.KillAsync();
        return orders;
    }
}
