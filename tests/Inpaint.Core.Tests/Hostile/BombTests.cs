using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Wire;
using Inpaint.Imaging;
using Inpaint.Tests.Imaging.Metadata;
using Inpaint.Tests.Providers;
using Inpaint.Tests.Providers.Fal;
using Xunit;

namespace Inpaint.Tests.Hostile;

/// <summary>Small inputs that claim or become enormous: they are refused, or read as far as is needed, in memory that has nothing to do with what they claim.</summary>
public sealed class BombTests : FalClientTest
{
    private const int Enormous = 300 << 20;

    private static readonly Dictionary<string, byte[]> PictureFiles = new(StringComparer.Ordinal)
    {
        ["a PNG that claims 2^31 by 2^31 pixels"] = Claiming(int.MaxValue, int.MaxValue),
        ["a PNG that claims a row of 2^31 pixels"] = Claiming(int.MaxValue, 1),
        ["a JPEG that claims 65535 by 65535 pixels"] = [0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8, 0xFF, 0xFF, 0xFF, 0xFF, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0],
    };

    public static TheoryData<string> Enormities => [.. PictureFiles.Keys];

    [Theory]
    [MemberData(nameof(Enormities))]
    public void A_picture_that_claims_to_be_enormous_is_refused_at_its_header(string what)
    {
        byte[] file = PictureFiles[what];
        InpaintException? e = null;
        long taken = Allocated(() => e = Assert.Throws<InpaintException>(() => Pictures.Decode(new MemoryStream(file), "bomb", cancellationToken: Cancellation)));

        Assert.True(e!.ErrorId is InpaintErrorId.ImageTooLarge or InpaintErrorId.ImageUnsupported, $"{what}: {e.ErrorId}");
        Assert.InRange(taken, 0, 1 << 20);
    }

    [Theory]
    [InlineData("a compressed text", "zTXt", "Title\0\0")]
    [InlineData("a compressed international text", "iTXt", "Comment\0\u0001\0de\0x\0")]
    [InlineData("a colour profile", "iCCP", "x\0\0")]
    public void Metadata_that_unpacks_without_end_is_not_unpacked(string what, string type, string head)
    {
        byte[] content = [.. Encoding.ASCII.GetBytes(head), .. Packed(Enormous)];
        RawPng png = new() { Width = 8, Height = 8, ColorType = 0, BitDepth = 8, Samples = RawPng.RandomSamples(8, 8, 1, 8, 1) };
        png.Chunks.Add((type, content));
        byte[] file = png.ToBytes();
        Raster? raster = null;
        long taken = Allocated(() => raster = Pictures.Decode(new MemoryStream(file), "bomb", cancellationToken: Cancellation));

        Assert.Equal((8, 8), (raster!.Width, raster.Height));
        Assert.True(taken < 48 << 20, $"{what}: {taken} bytes");
    }

    [Fact]
    public void Pixels_that_unpack_without_end_are_read_as_far_as_the_picture_goes()
    {
        RawPng png = new() { Width = 8, Height = 8, ColorType = 0, BitDepth = 8, Samples = RawPng.RandomSamples(8, 8, 1, 8, 1) };
        byte[] file = [.. png.ToBytes().AsSpan(0, 33), .. RawPng.Chunk("IDAT", Packed(Enormous)), .. RawPng.Chunk("IEND", [])];

        Assert.InRange(
            Allocated(() =>
            {
                try
                {
                    Pictures.Decode(new MemoryStream(file), "bomb", cancellationToken: Cancellation);
                }
                catch (InpaintException e)
                {
                    Assert.Equal(InpaintErrorId.ImageUnsupported, e.ErrorId);
                }
            }),
            0,
            4 << 20);
    }

    [Fact]
    public async Task A_compressed_answer_that_unpacks_without_end_is_refused()
    {
        MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            byte[] spaces = Enumerable.Repeat((byte)' ', 1 << 20).ToArray();
            for (int written = 0; written < Enormous; written += spaces.Length)
            {
                gzip.Write(spaces);
            }
        }

        Answer answer = (Answer.Bytes(packed.ToArray(), "application/json") with { Status = 200 }).With("Content-Encoding", "gzip");
        State.Faults.Enqueue(WireOperation.Status, new Fault { Kind = FaultKind.Respond, Answer = answer });

        InpaintException e = await FailsAsync(InpaintErrorId.ResponseInvalid, () => Client.CheckAccessAsync(Cancellation));
        Assert.Contains("64 MiB", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    [InlineData("{\"status\":\"IN_QUEUE\",\"logs\":[")]
    public async Task A_response_of_absurd_depth_is_refused(string piece)
    {
        State.Faults.Enqueue(WireOperation.Status, Fault.Respond(200, string.Concat(Enumerable.Repeat(piece, 200_000))));

        await FailsAsync(InpaintErrorId.ResponseInvalid, () => Client.CheckAccessAsync(Cancellation));
    }

    [Fact]
    public async Task A_stream_whose_event_never_ends_is_left()
    {
        InpaintJob job = await StartAsync();
        string endless = "data: " + new string('x', 5 << 20);
        State.Faults.Enqueue(WireOperation.StatusStream, Fault.Respond(200, endless, "text/event-stream"));

        List<object> updates = [];
        await foreach (object update in Client.StreamStatusAsync(job, Cancellation))
        {
            updates.Add(update);
        }

        Assert.Empty(updates);
    }

    private static long Allocated(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static byte[] Claiming(int width, int height)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        header[9] = 2;
        return [0x89, .. "PNG\r\n\u001a\n"u8, .. RawPng.Chunk("IHDR", header), .. RawPng.Chunk("IDAT", Packed(1000)), .. RawPng.Chunk("IEND", [])];
    }

    /// <summary>Zeros as zlib packs them: about a thousandth of their size.</summary>
    private static byte[] Packed(int size)
    {
        MemoryStream packed = new();
        using (ZLibStream zlib = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            byte[] zeros = new byte[Math.Min(size, 1 << 20)];
            for (int written = 0; written < size; written += zeros.Length)
            {
                zlib.Write(zeros);
            }
        }

        return packed.ToArray();
    }
}
