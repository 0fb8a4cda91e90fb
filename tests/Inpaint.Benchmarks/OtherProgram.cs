using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Inpaint.Benchmarks;

/// <summary>A program that is installed on this machine, to compare with.</summary>
internal sealed class OtherProgram
{
    private readonly string path;

    private OtherProgram(string path) => this.path = path;

    /// <summary>Finds a program by what it says of itself: others may bear its name.</summary>
    /// <param name="names">Names that it may have.</param>
    /// <param name="versionArgument">Makes it print its version.</param>
    /// <param name="words">What its version must contain.</param>
    /// <returns>The program; null when it is not installed.</returns>
    public static OtherProgram? Find(string[] names, string versionArgument, string words) =>
        names.Select(name => new OtherProgram(name)).FirstOrDefault(program => program.Says(versionArgument, words));

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public void Run(params string[] arguments)
    {
        (int code, _, string error) = Start(arguments);
        if (code != 0)
        {
            throw new InvalidOperationException($"{path} {string.Join(' ', arguments)} ended with exit code {code}: {error}");
        }
    }

    /// <summary>The processor time of all programs that this process has started and seen end; null where the system does not tell.</summary>
    public static TimeSpan? ChildrenProcessorTime()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        // proc(5): behind the name in parentheses come the fields from the third on; the 16th and 17th are the children's user and system time in ticks of 10 ms.
        string stat = File.ReadAllText("/proc/self/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[13], CultureInfo.InvariantCulture) + long.Parse(fields[14], CultureInfo.InvariantCulture)));
    }

    private bool Says(string versionArgument, string words)
    {
        try
        {
            (_, string output, string error) = Start([versionArgument]);
            return (output + error).Contains(words, StringComparison.OrdinalIgnoreCase);
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private (int Code, string Output, string Error) Start(string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
