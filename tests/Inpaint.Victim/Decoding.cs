using System.Diagnostics;
using System.Globalization;
using Inpaint.Imaging;

namespace Inpaint.Victim;

/// <summary>
/// Decodes files that may be anything. Whatever is wrong with them has to be told by an <see cref="InpaintException"/>; what a native library does otherwise, a process
/// does not survive, and whoever started this one knows which file it was.
/// </summary>
internal static class Decoding
{
    private static readonly PictureLimits Limits = new(MaxPixels: 1 << 20);

    /// <summary>Decodes all files.</summary>
    /// <param name="path">The files one after another, each behind its length in four bytes.</param>
    /// <param name="steps">Told of each file before it is touched, and of the sums.</param>
    public static void Run(string path, Steps steps)
    {
        using BinaryReader files = new(File.OpenRead(path));
        int decoded = 0;
        int refused = 0;
        for (int number = 0; files.BaseStream.Position < files.BaseStream.Length; number++)
        {
            byte[] file = files.ReadBytes(files.ReadInt32());
            steps.Say(string.Create(CultureInfo.InvariantCulture, $"file {number}"));
            Stopwatch watch = Stopwatch.StartNew();
            Look(file, number, steps);
            bool isDecoded = Decode(file, number, steps);
            decoded += isDecoded ? 1 : 0;
            refused += isDecoded ? 0 : 1;
            if (watch.Elapsed > TimeSpan.FromSeconds(20))
            {
                steps.Say(string.Create(CultureInfo.InvariantCulture, $"slow {number}: {watch.Elapsed.TotalSeconds:0} s"));
            }
        }

        using Process self = Process.GetCurrentProcess();
        steps.Say(string.Create(CultureInfo.InvariantCulture, $"decoded {decoded}"));
        steps.Say(string.Create(CultureInfo.InvariantCulture, $"refused {refused}"));
        steps.Say(string.Create(CultureInfo.InvariantCulture, $"peak {self.PeakWorkingSet64}"));
    }

    private static void Look(byte[] file, int number, Steps steps) => Try(number, steps, () => Imaging.Pictures.ReadHeader(new MemoryStream(file), "f"));

    private static bool Decode(byte[] file, int number, Steps steps) => Try(number, steps, () => Imaging.Pictures.Decode(new MemoryStream(file), "f", Limits));

    private static bool Try(int number, Steps steps, Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (InpaintException e) when (e.ErrorId is InpaintErrorId.ImageUnsupported or InpaintErrorId.ImageTooLarge && !e.Message.Contains('\n', StringComparison.Ordinal))
        {
            return false;
        }
        catch (Exception e)
        {
            steps.Say(string.Create(CultureInfo.InvariantCulture, $"unexpected {number}: {e.GetType()} {e.Message}"));
            return false;
        }
    }
}
