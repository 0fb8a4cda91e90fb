using System.ComponentModel;
using System.Diagnostics;

namespace Inpaint.Tests.Imaging;

/// <summary>Runs programs that may be installed on this machine, to compare with.</summary>
internal static class OtherProgram
{
    /// <summary>The first of these names that answers with what the program says of itself: others may bear its name.</summary>
    /// <param name="names">Names to try.</param>
    /// <param name="versionArgument">Makes it print its version.</param>
    /// <param name="words">What that contains.</param>
    /// <returns>The name; null when none is installed.</returns>
    public static string? Find(string[] names, string versionArgument, string words) => names.FirstOrDefault(name =>
    {
        try
        {
            (_, byte[] output, string error) = Run(name, [], [versionArgument]);
            return (System.Text.Encoding.UTF8.GetString(output) + error).Contains(words, StringComparison.Ordinal);
        }
        catch (Win32Exception)
        {
            return false;
        }
    });

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">Its name or path.</param>
    /// <param name="input">What it reads as standard input.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>Exit code, standard output and standard error.</returns>
    public static (int Code, byte[] Output, string Error) Run(string program, byte[] input, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        var output = new MemoryStream();
        Task copying = process.StandardOutput.BaseStream.CopyToAsync(output);
        try
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It may have seen enough, or refuse the input; the exit code tells.
        }

        Task.WaitAll(error, copying);
        process.WaitForExit();
        return (process.ExitCode, output.ToArray(), error.Result);
    }
}
