using System.Diagnostics;
using Inpaint.Victim;

namespace Inpaint.Tests.Killed;

/// <summary>A process that does what the module does, to be killed. What it says is read as it is said.</summary>
internal sealed class VictimProcess : IDisposable
{
    /// <summary>Far beyond what it takes; only a hang gets there.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Where it was built. Its copy beside the tests lacks what the emulator's framework brings along and its own does not.</summary>
    private static readonly string Program = FindProgram();

    private readonly Lock gate = new();
    private readonly List<string> said = [];
    private readonly Process process;
    private readonly Task<string> complaints;
    private readonly Task reading;
    private TaskCompletionSource more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private VictimProcess(Process process)
    {
        this.process = process;
        complaints = process.StandardError.ReadToEndAsync();
        reading = Task.Run(ReadAsync);
    }

    /// <summary>Everything it has said so far.</summary>
    public IReadOnlyList<string> Said
    {
        get
        {
            lock (gate)
            {
                return [.. said];
            }
        }
    }

    public static VictimProcess Start(Orders orders) => new(Process.Start(new ProcessStartInfo("dotnet", [Program, orders.ToString()])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
    })!);

    /// <summary>Runs one to its end, which must be a good one.</summary>
    /// <param name="orders">Its orders.</param>
    /// <returns>What it said.</returns>
    public static async Task<IReadOnlyList<string>> RunAsync(Orders orders)
    {
        using VictimProcess victim = Start(orders);
        await victim.EndAsync();
        return victim.Said;
    }

    /// <summary>Waits until it has said something, or has ended.</summary>
    /// <param name="wanted">What is waited for.</param>
    /// <returns>The line; null when it ended without it.</returns>
    public async Task<string?> WaitForAsync(Func<string, bool> wanted)
    {
        while (true)
        {
            Task next;
            lock (gate)
            {
                if (said.Find(line => wanted(line)) is { } found)
                {
                    return found;
                }

                if (reading.IsCompleted)
                {
                    return null;
                }

                next = more.Task;
            }

            await Task.WhenAny(next, reading).WaitAsync(Patience);
        }
    }

    /// <summary>Waits for its end by itself.</summary>
    /// <returns>When it has ended.</returns>
    public async Task EndAsync()
    {
        await reading.WaitAsync(Patience);
        await process.WaitForExitAsync().WaitAsync(Patience);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"It ended with {process.ExitCode}: {await complaints}");
        }
    }

    /// <summary>Kills it with SIGKILL, which nothing can catch, and waits until it is gone.</summary>
    /// <returns>When it is gone.</returns>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync().WaitAsync(Patience);
        await reading.WaitAsync(Patience);
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        process.Dispose();
    }

    private static string FindProgram()
    {
        // tests/Inpaint.Core.Tests/bin/CONFIGURATION/FRAMEWORK
        DirectoryInfo own = new(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        string tests = own.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(tests, "Inpaint.Victim", "bin", own.Parent.Name, own.Name, "Inpaint.Victim.dll");
    }

    private async Task ReadAsync()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (gate)
            {
                said.Add(line);
                more.TrySetResult();
                more = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
