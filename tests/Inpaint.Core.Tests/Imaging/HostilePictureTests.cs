using System.Globalization;
using System.Text.RegularExpressions;
using Inpaint.Imaging;
using Inpaint.Imaging.Jpeg;
using Inpaint.Imaging.Png;
using Inpaint.Results;
using Inpaint.Tests.Hostile;
using Inpaint.Tests.Imaging.Jpeg;
using Inpaint.Tests.Imaging.Png;
using Xunit;

namespace Inpaint.Tests.Imaging;

/// <summary>
/// Mutated files: whatever the bytes, a reader gives a picture or an InpaintException, and memory stays within what the limits allow.
/// </summary>
public partial class HostilePictureTests
{
    private static readonly int Rounds = Mutator.Rounds(1500);

    private static readonly PictureLimits Limits = new(MaxPixels: 1 << 20);

    public static TheoryData<string> Seeds() => [.. SeedFiles.Keys];

    private static Dictionary<string, byte[]> SeedFiles { get; } = new()
    {
        ["png rgb"] = Png(2, 8, interlaced: false),
        ["png palette interlaced"] = Png(3, 4, interlaced: true),
        ["png gray 16"] = Png(0, 16, interlaced: false),
        ["jpeg 4:2:0"] = JpegEncoderTests.Encode(TestPictures.Waves(50, 40, 3), 60, halvesChroma: true),
        ["jpeg gray"] = JpegEncoderTests.Encode(TestPictures.Waves(20, 20, 1), 90, halvesChroma: null),
        ["jpeg progressive"] = ProgressiveJpegTests.Make(),
        ["jpeg with metadata"] = JpegWithMetadata(),
        ["gif"] = [.. "GIF89a"u8, 60, 0, 44, 0, 0x80, 0, 0, 1, 2, 3, 4, 5, 6, .. ","u8, 0, 0, 0, 0, 60, 0, 44, 0, 0, 2, 2, 0x4C, 1, 0, .. ";"u8],
        ["webp lossy"] = [.. "RIFF"u8, 30, 0, 0, 0, .. "WEBPVP8 "u8, 18, 0, 0, 0, 0x30, 1, 0, 0x9D, 1, 0x2A, 60, 0, 44, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ["webp lossless"] = [.. "RIFF"u8, 18, 0, 0, 0, .. "WEBPVP8L"u8, 5, 0, 0, 0, 0x2F, 59, 0xC0, 0x0A, 0, 0],
        ["webp"] = [.. "RIFF"u8, 9, 9, 0, 0, .. "WEBPVP8X"u8, 10, 0, 0, 0, 0x10, 0, 0, 0, 60, 0, 1, 44, 0, 0],
        ["avif"] = Avif(),
    };

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Mutated_files_are_decoded_or_refused(string seed)
    {
        byte[] file = SeedFiles[seed];
        var mutator = new Mutator(seed.Length * 31);
        int refused = 0;
        for (int round = 0; round < Rounds; round++)
        {
            byte[] mutated = mutator.Damage(file);
            if (seed.StartsWith("png", StringComparison.Ordinal) && round % 2 == 0)
            {
                // Otherwise the checksums keep nearly everything from what lies behind them.
                FixChecksums(mutated);
            }

            long before = GC.GetAllocatedBytesForCurrentThread();
            refused += Refuses(mutated.Length, () => PictureHeaderReader.Read(Open(mutated, mutator), "f")) ? 1 : 0;
            Assert.InRange(ExifOrientation.Read(mutated), 1, 8);
            Assert.Equal(mutated.Length, ExifOrientation.WithNormal(mutated).Length);
            PictureEnd.IsThere(new MemoryStream(mutated), PictureSniffer.Detect(mutated));
            refused += Refuses(mutated.Length, () => PictureCodec.Decode(Open(mutated, mutator), "f", Limits)) ? 1 : 0;
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
        }

        // Some of both, or the mutations would be too mild or too rough to tell anything.
        Assert.InRange(refused, Rounds / 10, (2 * Rounds) - (Rounds / 10));
    }

    private static bool Refuses(int length, Action read)
    {
        try
        {
            read();
            return false;
        }
        catch (InpaintException e)
        {
            Assert.True(e.ErrorId is InpaintErrorId.ImageUnsupported or InpaintErrorId.ImageTooLarge, e.ErrorId.ToString());
            if (e.ErrorId == InpaintErrorId.ImageUnsupported && e.Message.StartsWith("f cannot be read:", StringComparison.Ordinal))
            {
                // Broken, not merely of another kind: then the message says where, and that lies in the file.
                Match place = Place().Match(e.Message);
                Assert.True(place.Success, e.Message);
                Assert.InRange(long.Parse(place.Groups[1].ValueSpan, CultureInfo.InvariantCulture), 0, length);
            }

            return true;
        }
    }

    [GeneratedRegex(@"\(at byte ([0-9]+)\)\.$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Place();

    private static byte[] JpegWithMetadata()
    {
        MemoryStream file = new();
        byte[] exif = [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
        PictureMetadata metadata = new() { Exif = exif, IccProfile = new byte[300], Xmp = "<x/>"u8.ToArray(), Texts = [new PictureText("Comment", "x")] };
        PictureCodec.Encode(new Raster(20, 20, 3, 8) { Metadata = metadata }, PictureFormat.Jpeg, file);
        return file.ToArray();
    }

    private static Stream Open(byte[] file, Mutator mutator) => mutator.Next(4) == 0 ? new ForwardStream(file) : new MemoryStream(file);

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

    private static byte[] Avif() =>
    [
        0, 0, 0, 0x18, .. "ftypavif"u8, 0, 0, 0, 0, .. "avifmif1"u8,
        0, 0, 0, 0x62, .. "meta"u8, 0, 0, 0, 0,
        0, 0, 0, 0x0E, .. "pitm"u8, 0, 0, 0, 0, 0, 1,
        0, 0, 0, 0x48, .. "iprp"u8,
        0, 0, 0, 0x25, .. "ipco"u8, 0, 0, 0, 0x14, .. "ispe"u8, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 46, 0, 0, 0, 9, .. "irot"u8, 1,
        0, 0, 0, 0x1B, .. "ipma"u8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 2, 0x81, 0x82, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>A stream as a network gives it: in small pieces and without a length.</summary>
    private sealed class ForwardStream(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, 100));

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 100)]);
    }
}
