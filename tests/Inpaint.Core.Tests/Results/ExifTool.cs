using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Inpaint.Tests.Results;

/// <summary>The tool that most others read metadata with, where it is installed.</summary>
internal static class ExifTool
{
    /// <summary>Reads all tags, each under its group's name; skips the test when the tool is missing.</summary>
    public static JsonDocument Read(byte[] picture)
    {
        ProcessStartInfo start = new("exiftool", ["-json", "-G0", "-charset", "utf8", "-"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
            UseShellExecute = false,
        };
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.BaseStream.Write(picture);
            process.StandardInput.Close();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return JsonDocument.Parse(output);
        }
        catch (Win32Exception)
        {
            Assert.Skip("exiftool is not installed.");
            throw;
        }
    }
}
