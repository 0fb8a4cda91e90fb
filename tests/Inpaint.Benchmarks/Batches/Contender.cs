using System.Diagnostics;
using System.Text.Json;

namespace Inpaint.Benchmarks.Batches;

/// <summary>What a process says at its end of what it took.</summary>
/// <param name="Wall">Seconds from the beginning of the script to its end.</param>
/// <param name="Cpu">Processor time of the whole process in seconds.</param>
/// <param name="Peak">The largest working set in bytes.</param>
/// <param name="Allocated">Bytes allocated in all; 0 where that is not told.</param>
/// <param name="Methods">Methods that the just-in-time compiler compiled; 0 where there is none.</param>
internal sealed record Usage(double Wall, double Cpu, double Peak, double Allocated = 0, double Methods = 0);

/// <summary>One way to do the same work: from the pictures to the files.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Arguments">The program and its arguments, for a number of jobs at once; none of them for the idle program.</param>
internal sealed record Contender(string Name, Func<Work, string[]> Arguments)
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    /// <summary>Runs it to its end in a process of its own.</summary>
    public Usage Run(Work work) => Run<Usage>(work);

    /// <summary>Runs it to its end in a process of its own, and reads what it says of it.</summary>
    public T Run<T>(Work work)
    {
        string[] line = Arguments(work);
        ProcessStartInfo start = new(line[0], line[1..]) { RedirectStandardOutput = true, UseShellExecute = false, WorkingDirectory = work.ClientFolder };
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        if (work.Certificate is { } certificate)
        {
            start.Environment["SSL_CERT_FILE"] = start.Environment["NODE_EXTRA_CA_CERTS"] = certificate;
        }

        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 && output.LastIndexOf('{') is >= 0 and int at
            ? JsonSerializer.Deserialize<T>(output[at..], Web)!
            : throw new InvalidOperationException($"{Name} ended with exit code {process.ExitCode}: {output}");
    }
}

/// <summary>The work of one run.</summary>
/// <param name="Jobs">How many jobs; 0 for the idle program.</param>
/// <param name="AtOnce">How many at a time.</param>
/// <param name="Duration">How long each takes at the provider.</param>
internal sealed record Work(int Jobs, int AtOnce, TimeSpan Duration)
{
    /// <summary>The emulator's address.</summary>
    public string Emulator { get; init; } = "";

    /// <summary>Where state and pictures go; new for each run.</summary>
    public string Folder { get; init; } = "";

    /// <summary>Where the official client is installed.</summary>
    public string ClientFolder { get; init; } = "";

    /// <summary>The file with the certificate to trust; null for plain HTTP.</summary>
    public string? Certificate { get; init; }

    public string Picture { get; init; } = "";

    public string Mask { get; init; } = "";

    /// <summary>The time that the provider alone takes.</summary>
    public double Ideal => Math.Ceiling(Jobs / (double)AtOnce) * Duration.TotalSeconds;

    /// <summary>The arguments of every script.</summary>
    public string[] Arguments => [$"{Jobs}", $"{AtOnce}", Emulator, Folder, Picture, Mask];
}
