using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit;

namespace Inpaint.Tests.Imaging;

/// <summary>An independent codec to compare with, where it is installed. Programs that only bear its name are not taken for it.</summary>
internal static class ImageMagick
{
    private static readonly Lazy<string?> Program = new(() =>
        new[] { "magick", "convert", "convert-im7.q16", "convert-im6.q16", "/usr/bin/convert" }.FirstOrDefault(IsGenuine));

    /// <summary>Runs it; skips the test when it is missing.</summary>
    /// <param name="input">What it reads as standard input.</param>
    /// <param name="arguments">Its arguments, with - for standard input and output.</param>
    /// <returns>Its standard output.</returns>
    public static byte[] Run(byte[] input, params string[] arguments)
    {
        Require();
        (int code, byte[] output, string error) = Start(Program.Value!, input, arguments);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {error}");
        return output;
    }

    /// <summary>Skips the test when it is missing.</summary>
    public static void Require() => Assert.SkipWhen(Program.Value is null, "ImageMagick is not installed.");

    /// <summary>Decodes a picture to samples of 8 or 16 bits (the latter in the machine's byte order).</summary>
    /// <param name="file">The picture.</param>
    /// <param name="layout">gray, rgb, rgba or cmyk.</param>
    /// <param name="bitDepth">8 or 16.</param>
    /// <param name="operations">Operations in between, for example -auto-orient.</param>
    public static byte[] Decode(byte[] file, string layout, int bitDepth = 8, params string[] operations) =>
        Run(file, ["-", .. operations, "-depth", bitDepth.ToString(CultureInfo.InvariantCulture), "-endian", BitConverter.IsLittleEndian ? "LSB" : "MSB", layout + ":-"]);

    private static bool IsGenuine(string program)
    {
        try
        {
            (int code, byte[] output, _) = Start(program, [], ["-version"]);
            return code == 0 && Encoding.UTF8.GetString(output).StartsWith("Version: ImageMagick", StringComparison.Ordinal);
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static (int Code, byte[] Output, string Error) Start(string program, byte[] input, string[] arguments)
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
