using System.Text.Json;
using Inpaint.Tests.Imaging;
using Xunit;

namespace Inpaint.Tests.Results;

/// <summary>The tool that most others read metadata with, where it is installed.</summary>
internal static class ExifTool
{
    private static readonly Lazy<string?> Program = new(() => OtherProgram.Find(["exiftool"], "-ver", "."));

    /// <summary>Whether it is there: see <see cref="Requirement.ExifTool"/>.</summary>
    public static bool IsInstalled => Program.Value is not null;

    /// <summary>Reads all tags, each under its group's name.</summary>
    public static JsonDocument Read(byte[] picture)
    {
        (int code, byte[] output, string error) = OtherProgram.Run(Program.Value!, picture, ["-json", "-G0", "-charset", "utf8", "-"]);
        Assert.True(code == 0, error);
        return JsonDocument.Parse(output);
    }
}
