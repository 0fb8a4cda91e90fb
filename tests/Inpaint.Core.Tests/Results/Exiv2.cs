using System.Text;
using Inpaint.Tests.Imaging;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Results;

/// <summary>An independent reader of metadata, where it is installed. It reads files alone.</summary>
internal static class Exiv2
{
    private static readonly Lazy<string?> Program = new(() => OtherProgram.Find(["exiv2"], "--version", "exiv2"));

    /// <summary>Whether it is there: see <see cref="Requirement.Exiv2"/>.</summary>
    public static bool IsInstalled => Program.Value is not null;

    /// <summary>Reads all metadata.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="name">A name of its format.</param>
    /// <returns>A line for each.</returns>
    public static string Read(byte[] picture, string name)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write(name, picture);
        (int code, byte[] output, string error) = OtherProgram.Run(Program.Value!, [], ["-pa", path]);
        Assert.True(code == 0, error);
        return Encoding.UTF8.GetString(output);
    }
}
