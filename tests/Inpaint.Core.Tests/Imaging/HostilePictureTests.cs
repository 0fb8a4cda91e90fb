using System.Globalization;
using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;
using Inpaint.Tests.Hostile;
using Inpaint.Tests.Imaging.Metadata;
using Inpaint.Tests.Jobs;
using Inpaint.Tests.Killed;
using Inpaint.Victim;
using Xunit;

namespace Inpaint.Tests.Imaging;

/// <summary>
/// Mutated files of every format, decoded in a process of their own: whatever the bytes, a reader gives a picture or an InpaintException, and memory stays within what the
/// limits allow. 500 files; with INPAINT_LONG=1 50,000.
/// </summary>
public sealed class HostilePictureTests
{
    private const int FilesPerProcess = 2_500;

    /// <summary>The runtime, the library, and a few pictures of a megapixel at 16 bits.</summary>
    private const long MostMemory = 400L << 20;

    private static readonly int Rounds = Mutator.Rounds(500, inLongRun: 50_000);

    private static byte[][] Seeds { get; } =
    [
        Png(2, 8, interlaced: false),
        Png(3, 4, interlaced: true),
        Png(0, 16, interlaced: false),
        JpegWriteTests.Encode(TestPictures.Waves(50, 40, 3), 60),
        JpegWriteTests.Encode(TestPictures.Waves(20, 20, 1), 90),
        ProgressiveJpegTests.Make(),
        JpegWithMetadata(),
        Encode(TestPictures.Waves(30, 20, 4), PictureFormat.WebP),
        Encode(WithMetadata(30, 20), PictureFormat.WebP),
        Encode(TestPictures.Waves(30, 20, 4), PictureFormat.Avif),
        Encode(WithMetadata(30, 20), PictureFormat.Avif),
        Encode(TestPictures.Waves(30, 20, 3, 16), PictureFormat.Tiff),
        Encode(WithMetadata(30, 20), PictureFormat.Tiff),

        // Two frames, and one of 16x12 pixels.
        Convert.FromBase64String("R0lGODlhDAAKAPAAAP8AAAAAACH5BAAFAAAAIf8LTkVUU0NBUEUyLjADAQAAACwAAAAADAAKAAACCYSPqcvtD6OcBQAh+QQABQAAACwAAAAADAAKAIAAAP8AAAACCYSPqcvtD6OcBQA7"),
        Convert.FromBase64String("R0lGODlhEAAMAPMAAHRabZ9eY99sZLBqO9WVYbeJamVomFBpwJtllqlvrlWLr1OCyqaTpdSMj6qcxgAAACH5BAAAAAAALAAAAAAQAAwAAARnkMgiKxHi4jEkm52GCUMQlA2CFF8jlqXQYIXTuAMGwDtGMI5WQAAoAkwqFbCRQCSMBgMAIQg4HQ6EAQEtmmQJR1MVlQKi1kTYcYi2AQrDgYs4hO3b9iEuVxwWgAd6gg4KhgZ+goGCEQA7"),
    ];

    [Fact]
    public async Task Mutated_files_are_decoded_or_refused()
    {
        using TemporaryFolder folder = new();
        Mutator mutator = new(31);
        int decoded = 0;
        int refused = 0;
        for (int first = 0; first < Rounds; first += FilesPerProcess)
        {
            int count = Math.Min(FilesPerProcess, Rounds - first);
            string path = folder.At($"files-{first}");
            WriteMutated(path, first, count, mutator);

            IReadOnlyList<string> said = await RunAsync(path);

            Assert.DoesNotContain(said, line => line.StartsWith("unexpected", StringComparison.Ordinal) || line.StartsWith("slow", StringComparison.Ordinal));
            Assert.InRange(Number(said, "peak"), 0, MostMemory);
            decoded += (int)Number(said, "decoded");
            refused += (int)Number(said, "refused");
        }

        // Some of both, or the mutations would be too mild or too rough to tell anything.
        Assert.Equal(Rounds, decoded + refused);
        Assert.InRange(decoded, Rounds / 50, Rounds - (Rounds / 50));
    }

    private static async Task<IReadOnlyList<string>> RunAsync(string path)
    {
        using VictimProcess process = VictimProcess.Start(new Orders { Deed = Deed.Decode, Image = path });
        try
        {
            await process.EndAsync();
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            Assert.Fail($"{process.Said.LastOrDefault(line => line.StartsWith("file ", StringComparison.Ordinal))} of {path}: {e.Message}");
        }

        return process.Said;
    }

    private static void WriteMutated(string path, int first, int count, Mutator mutator)
    {
        using BinaryWriter files = new(File.Create(path));
        for (int round = first; round < first + count; round++)
        {
            int seed = round % Seeds.Length;
            byte[] mutated = mutator.Damage(Seeds[seed]);
            if (PictureSniffer.Detect(mutated) == PictureFormat.Png && round % 2 == 0)
            {
                // Otherwise the checksums keep nearly everything from what lies behind them.
                FixChecksums(mutated);
            }

            files.Write(mutated.Length);
            files.Write(mutated);
        }
    }

    private static long Number(IEnumerable<string> said, string what) =>
        long.Parse(said.Single(line => line.StartsWith(what + " ", StringComparison.Ordinal)).AsSpan(what.Length + 1), CultureInfo.InvariantCulture);

    private static byte[] Encode(Raster raster, PictureFormat format)
    {
        MemoryStream file = new();
        Pictures.Encode(raster, format, file);
        return file.ToArray();
    }

    private static Raster WithMetadata(int width, int height)
    {
        byte[] exif = [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
        return new Raster(width, height, 3, 8) { Metadata = new PictureMetadata { Exif = exif, IccProfile = new byte[300], Xmp = "<x/>"u8.ToArray(), Texts = [new PictureText("Comment", "x")] } };
    }

    private static byte[] JpegWithMetadata() => Encode(WithMetadata(20, 20), PictureFormat.Jpeg);

    private static void FixChecksums(byte[] file)
    {
        int at = 8;
        while (at + 12 <= file.Length)
        {
            uint length = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - 12)
            {
                return;
            }

            uint crc = RawPng.Crc(file.AsSpan(at + 4, (int)length + 4));
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(at + 8 + (int)length), crc);
            at += (int)length + 12;
        }
    }

    private static byte[] Png(int colorType, int bitDepth, bool interlaced)
    {
        var png = new RawPng
        {
            Width = 23,
            Height = 19,
            ColorType = colorType,
            BitDepth = bitDepth,
            Interlaced = interlaced,
            Palette = colorType == 3 ? new byte[48] : null,
            Transparency = colorType == 3 ? [1, 2, 3] : null,
            Samples = RawPng.RandomSamples(23, 19, colorType == 2 ? 3 : 1, bitDepth, 1),
        };
        png.Chunks.Add(("tEXt", [.. "Title\0x"u8]));
        png.Chunks.Add(("iTXt", [.. "Comment\0\0\0de\0x\0y"u8]));
        png.Chunks.Add(("zTXt", [.. "Title\0\0"u8, 0x78, 0x9C, 3, 0, 0, 0, 0, 1]));
        return png.ToBytes();
    }
}
