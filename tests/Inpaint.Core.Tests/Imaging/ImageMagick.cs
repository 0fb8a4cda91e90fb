using System.Globalization;
using Xunit;

namespace Inpaint.Tests.Imaging;

/// <summary>An independent codec to compare with, where it is installed.</summary>
internal static class ImageMagick
{
    private static readonly Lazy<string?> Program = new(() =>
        OtherProgram.Find(["magick", "convert", "convert-im7.q16", "convert-im6.q16", "/usr/bin/convert"], "-version", "Version: ImageMagick"));

    /// <summary>Whether it is there: see <see cref="Requirement.ImageMagick"/>.</summary>
    public static bool IsInstalled => Program.Value is not null;

    /// <summary>Runs it.</summary>
    /// <param name="input">What it reads as standard input.</param>
    /// <param name="arguments">Its arguments, with - for standard input and output.</param>
    /// <returns>Its standard output.</returns>
    public static byte[] Run(byte[] input, params string[] arguments)
    {
        (int code, byte[] output, string error) = OtherProgram.Run(Program.Value!, input, arguments);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {error}");
        return output;
    }

    /// <summary>Decodes a picture to samples of 8 or 16 bits (the latter in the machine's byte order).</summary>
    /// <param name="file">The picture.</param>
    /// <param name="layout">gray, rgb, rgba or cmyk.</param>
    /// <param name="bitDepth">8 or 16.</param>
    /// <param name="operations">Operations in between, for example -auto-orient.</param>
    public static byte[] Decode(byte[] file, string layout, int bitDepth = 8, params string[] operations) =>
        Run(file, ["-", .. operations, .. Samples(layout, bitDepth)]);

    /// <summary>Decodes pictures one after another in one run, to samples as <see cref="Decode"/> gives.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="layout">gray, rgb, rgba or cmyk.</param>
    /// <param name="bitDepth">8 or 16.</param>
    public static byte[] DecodeAll(IEnumerable<string> paths, string layout, int bitDepth) => Run([], [.. paths, .. Samples(layout, bitDepth)]);

    /// <summary>Decodes the first picture of a file that may be broken.</summary>
    /// <param name="path">The file.</param>
    /// <param name="layout">gray, rgb, rgba or cmyk.</param>
    /// <param name="bitDepth">8 or 16.</param>
    /// <param name="operations">Operations in between.</param>
    /// <returns>Its exit code, the samples, and what it said on the way.</returns>
    public static (int Code, byte[] Samples, string Said) TryDecode(string path, string layout, int bitDepth, string[] operations) =>
        OtherProgram.Run(Program.Value!, [], [path + "[0]", .. operations, .. Samples(layout, bitDepth)]);

    private static string[] Samples(string layout, int bitDepth) =>
        ["-depth", bitDepth.ToString(CultureInfo.InvariantCulture), "-endian", BitConverter.IsLittleEndian ? "LSB" : "MSB", layout + ":-"];
}
