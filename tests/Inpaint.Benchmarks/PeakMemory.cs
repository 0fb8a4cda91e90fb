using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace Inpaint.Benchmarks;

/// <summary>
/// The most memory that each benchmark's operation takes: it runs once in a process of its own, preparation included, because a process tells only the peak of its whole
/// life, and because nothing of another operation may lie about.
/// </summary>
internal static class PeakMemory
{
    /// <summary>Tells this program that it is the process to be measured.</summary>
    public const string ChildSwitch = "--once";

    // An operation that does nothing: what the runtime takes by itself.
    private const string Nothing = "(runtime alone)";

    /// <summary>Measures, and prints a table in mebibytes.</summary>
    /// <param name="part">Only benchmarks whose name contains this; all when empty.</param>
    /// <returns>The exit code.</returns>
    public static int Measure(string part)
    {
        Console.WriteLine($"{"operation",-36} {"prepared",10} {"peak",10}   MiB");
        IEnumerable<string> names = Benchmarks().Keys.Where(name => name.Contains(part, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal);
        _ = BenchmarkPictures.PhotographPng;
        foreach (string name in names.Prepend(Nothing))
        {
            using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. Host(), ChildSwitch, name]) { RedirectStandardOutput = true, UseShellExecute = false })!;
            string output = child.StandardOutput.ReadToEnd();
            child.WaitForExit();
            if (child.ExitCode != 0)
            {
                return child.ExitCode;
            }

            long[] bytes = [.. output.Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture))];
            Console.WriteLine($"{name,-36} {bytes[0] / 1048576.0,10:0.0} {bytes[1] / 1048576.0,10:0.0}");
        }

        return 0;
    }

    /// <summary>Prepares and runs one operation, and writes the peaks of this process in bytes: after the preparation and at the end.</summary>
    /// <param name="name">The operation.</param>
    /// <returns>The exit code.</returns>
    public static int RunOnce(string name)
    {
        long prepared = Peak();
        if (name != Nothing)
        {
            MethodInfo operation = Benchmarks()[name];
            object instance = Activator.CreateInstance(operation.DeclaringType!)!;
            operation.DeclaringType!.GetMethods().Single(method => Prepares(method, operation.Name)).Invoke(instance, null);
            prepared = Peak();
            operation.Invoke(instance, null);
        }

        Console.Write(string.Create(CultureInfo.InvariantCulture, $"{prepared} {Peak()}"));
        return 0;
    }

    private static Dictionary<string, MethodInfo> Benchmarks() => typeof(PeakMemory).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods().Where(method => method.IsDefined(typeof(BenchmarkAttribute))))
        .ToDictionary(method => $"{method.DeclaringType!.Name}.{method.Name}", StringComparer.Ordinal);

    private static bool Prepares(MethodInfo method, string operation) =>
        method.GetCustomAttribute<GlobalSetupAttribute>() is { } setup && (setup.Targets.Length == 0 || setup.Targets.Contains(operation, StringComparer.Ordinal));

    // Under "dotnet program.dll" the process is the host, which is told the program.
    private static string[] Host() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(PeakMemory).Assembly.Location] : [];

    private static long Peak()
    {
        using Process self = Process.GetCurrentProcess();
        return self.PeakWorkingSet64;
    }
}
