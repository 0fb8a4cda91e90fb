using System.Diagnostics;
using Inpaint.Journal;
using Inpaint.Tests.Emulator;
using Xunit;

namespace Inpaint.Tests.Journal;

public sealed class ProcessMarkTests
{
    [Fact]
    public void This_process_runs() => Assert.True(ProcessMark.Current.IsRunning());

    [Fact]
    public void Another_process_runs_until_it_has_ended()
    {
        // Waits for its input, which this test never gives.
        ProcessStartInfo start = new("dotnet", [typeof(Emulator.ProgramTests).Assembly.Location.Replace("Inpaint.Core.Tests.dll", "Inpaint.Emulator.dll", StringComparison.Ordinal)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using Process process = Process.Start(start)!;
        ProcessMark mark = new(Environment.MachineName, process.Id, new DateTimeOffset(process.StartTime.ToUniversalTime()));
        Assert.True(mark.IsRunning());

        process.Kill();
        process.WaitForExit();
        Assert.False(mark.IsRunning());
    }

    [Fact]
    public void A_number_that_another_process_has_got_meanwhile_is_not_the_process() =>
        Assert.False((ProcessMark.Current with { StartedAt = ProcessMark.Current.StartedAt.AddMinutes(-1) }).IsRunning());

    [Fact]
    public void Of_another_machine_nothing_can_be_told() => Assert.Null((ProcessMark.Current with { Machine = "elsewhere" }).IsRunning());
}
