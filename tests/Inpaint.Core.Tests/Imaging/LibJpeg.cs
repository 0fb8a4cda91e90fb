using System.Globalization;
using System.Text;
using Inpaint.Imaging;
using Xunit;

namespace Inpaint.Tests.Imaging;

/// <summary>libjpeg's own programs, where they are installed: files with options that ImageMagick does not offer, and the samples that the reference gives.</summary>
internal static class LibJpeg
{
    private static readonly Lazy<string?> Encoder = new(() => OtherProgram.Find(["cjpeg"], "-version", "version"));

    private static readonly Lazy<string?> Decoder = new(() => OtherProgram.Find(["djpeg"], "-version", "version"));

    /// <summary>Whether both are there: see <see cref="Requirement.LibJpeg"/>.</summary>
    public static bool IsInstalled => Encoder.Value is not null && Decoder.Value is not null;

    /// <summary>Encodes an 8-bit gray or RGB picture.</summary>
    public static byte[] Encode(Raster raster, params string[] options)
    {
        string head = string.Create(CultureInfo.InvariantCulture, $"P{(raster.Channels == 1 ? 5 : 6)}\n{raster.Width} {raster.Height}\n255\n");
        (int code, byte[] output, string error) = OtherProgram.Run(Encoder.Value!, [.. Encoding.ASCII.GetBytes(head), .. raster.Data], options);
        Assert.True(code == 0, $"{string.Join(' ', options)}: {error}");
        return output;
    }

    /// <summary>Decodes to 8-bit gray or RGB samples.</summary>
    public static byte[] Decode(byte[] file)
    {
        (int code, byte[] output, string error) = OtherProgram.Run(Decoder.Value!, file, ["-pnm"]);
        Assert.True(code == 0, error);

        // Three lines of text (kind, size, white) stand before the samples.
        int start = 0;
        for (int line = 0; line < 3; line++)
        {
            start = Array.IndexOf(output, (byte)'\n', start) + 1;
        }

        return output[start..];
    }
}
