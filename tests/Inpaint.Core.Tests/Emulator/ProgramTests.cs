using System.Diagnostics;
using System.Net;
using Inpaint.Emulator;
using Xunit;

namespace Inpaint.Tests.Emulator;

/// <summary>The emulator as a program of its own, as the tests in PowerShell start it.</summary>
public sealed class ProgramTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Says_where_it_listens_and_ends_with_its_input()
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        ProcessStartInfo start = new("dotnet", [typeof(EmulatorServer).Assembly.Location])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using Process process = Process.Start(start)!;
        try
        {
            string line = (await process.StandardOutput.ReadLineAsync(patience.Token))!;
            Assert.Matches(@"^listening on http://127\.0\.0\.1:[0-9]+$", line);
            using HttpClient http = new() { BaseAddress = new(line["listening on ".Length..]) };
            using HttpResponseMessage response = await http.GetAsync("_emulator/state", patience.Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);

            process.StandardInput.Close();
            Assert.Empty(await process.StandardOutput.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            Assert.Equal(0, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    [Fact]
    public async Task Refuses_bad_arguments() => Assert.Equal(2, await Program.Main(["--port", "x"]));
}
