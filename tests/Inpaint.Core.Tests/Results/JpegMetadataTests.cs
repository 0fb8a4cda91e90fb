using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;
using Xunit;

namespace Inpaint.Tests.Results;

public sealed class JpegMetadataTests : SaveTest
{
    private static ReadOnlySpan<byte> XmpHead => "http://ns.adobe.com/xap/1.0/\0"u8;

    [Fact]
    public async Task A_jpeg_tells_it_in_xmp_and_in_a_comment_and_keeps_every_other_byte()
    {
        byte[] before = TestPictures.Jpeg(16, 8);
        byte[] after = await EmbedAsync(before, "空的长椅 🦁");
        List<(int Marker, byte[] Content)> segments = Segments(after, out int scan);
        using JsonDocument json = JsonDocument.Parse(segments.Single(s => s.Marker == 0xFE).Content);
        XmpFacts xmp = XmpFacts.Read(Xmp(segments));

        Assert.Equal("空的长椅 🦁", json.RootElement.GetProperty("prompt").GetString());
        Assert.Equal(196619188014358660, json.RootElement.GetProperty("seed").GetInt64());
        Assert.Equal("空的长椅 🦁", xmp["dc:description"]);
        Assert.Equal("Inpaint", xmp["xmp:CreatorTool"]);
        Assert.Equal("2026-11-20T23:00:00+00:00", xmp["xmp:CreateDate"]);
        Assert.Equal(
            ["空的长椅 🦁", "Fal", "fal-ai/flux-lora/inpainting", "196619188014358660", "72a35804", "dog.png"],
            new[] { "Prompt", "Provider", "Model", "Seed", "RequestID", "Source" }.Select(n => xmp[$"inpaint:{n}"]));
        Assert.Equal(before, (byte[])[.. after[..2], .. segments.Where(s => !IsNew(s)).SelectMany(Bytes), .. after[scan..]]);
        Assert.Equal(0xE0, segments[0].Marker);
    }

    [Fact]
    public async Task What_a_photographs_xmp_says_stays_and_there_is_one_packet_only()
    {
        const string Own = """
            <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
            <rdf:Description rdf:about="uuid:1" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmp:CreateDate="2020-01-02T03:04:05" xmp:Rating="4">
            <dc:description><rdf:Alt><rdf:li xml:lang="x-default">A bench in the rain &amp; fog</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>
            """;
        List<(int Marker, byte[] Content)> segments = Segments(await EmbedAsync(WithXmp(Own), "a lion"), out _);
        XmpFacts xmp = XmpFacts.Read(Xmp(segments));

        Assert.Equal("A bench in the rain & fog", xmp["dc:description"]);
        Assert.Equal("2020-01-02T03:04:05", xmp["xmp:CreateDate"]);
        Assert.Equal("4", xmp["xmp:Rating"]);
        Assert.Equal("Inpaint", xmp["xmp:CreatorTool"]);
        Assert.Equal("a lion", xmp["inpaint:Prompt"]);
        Assert.Equal(["uuid:1", "uuid:1"], xmp.Subjects);
    }

    [Theory]
    [InlineData(20_000, false)]
    [InlineData(40_000, true)]
    public async Task A_prompt_that_is_cut_is_warned_of(int length, bool isCut)
    {
        SavedImage saved = await SaveAsync(Image(TestPictures.Jpeg(16, 8), prompt: new string('a', length)), To() with { Metadata = MetadataMode.Embedded });

        Assert.Equal(isCut, saved.Warning?.Contains("sidecar", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task A_picture_made_of_one_made_here_tells_of_its_own_making_alone()
    {
        byte[] first = await EmbedAsync(TestPictures.Jpeg(16, 8), "a lion");
        byte[] second = await EmbedAsync(first, "a tiger");
        List<(int Marker, byte[] Content)> segments = Segments(second, out _);
        XmpFacts xmp = XmpFacts.Read(Xmp(segments));

        Assert.Equal(("a tiger", "a tiger"), (xmp["dc:description"], xmp["inpaint:Prompt"]));
        Assert.DoesNotContain("lion", Encoding.UTF8.GetString(second), StringComparison.Ordinal);
        Assert.Single(xmp.Subjects);
        Assert.Single(segments, s => s.Marker == 0xFE);
    }

    [Theory]
    [InlineData("<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF")]
    [InlineData("<a/>")]
    [InlineData("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>&e;</rdf:RDF></x:xmpmeta>")]
    public async Task Xmp_that_is_none_is_replaced(string broken)
    {
        XmpFacts xmp = XmpFacts.Read(Xmp(Segments(await EmbedAsync(WithXmp(broken), "a lion"), out _)));

        Assert.Equal("a lion", xmp["dc:description"]);
    }

    [Fact]
    public async Task A_prompt_too_long_for_a_segment_is_shortened_and_both_stay_readable()
    {
        List<(int Marker, byte[] Content)> segments = Segments(await EmbedAsync(TestPictures.Jpeg(16, 8), string.Concat(Enumerable.Repeat("🦁", 35_000))), out _);
        using JsonDocument json = JsonDocument.Parse(segments.Single(s => s.Marker == 0xFE).Content);

        foreach (string? prompt in new[] { json.RootElement.GetProperty("prompt").GetString(), XmpFacts.Read(Xmp(segments))["dc:description"] })
        {
            Assert.StartsWith("🦁🦁", prompt, StringComparison.Ordinal);
            Assert.EndsWith("🦁…", prompt, StringComparison.Ordinal);
            Assert.InRange(prompt!.Length, 4000, 16_000);
        }
    }

    [Fact]
    public async Task A_packet_that_leaves_no_room_stays_as_it_is()
    {
        string full = $"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><!--{new string('x', 65_300)}--></rdf:RDF></x:xmpmeta>";
        List<(int Marker, byte[] Content)> segments = Segments(await EmbedAsync(WithXmp(full), "a lion"), out _);

        Assert.Equal(full, Encoding.UTF8.GetString(Xmp(segments)));
        Assert.Contains("a lion", Encoding.UTF8.GetString(segments.Single(s => s.Marker == 0xFE).Content), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_xml_cannot_say_is_left_open()
    {
        XmpFacts xmp = XmpFacts.Read(Xmp(Segments(await EmbedAsync(TestPictures.Jpeg(16, 8), "a\0b\u0001<c>&\"d\"\r\n\ud800e"), out _)));

        Assert.Equal("a\uFFFDb\uFFFD<c>&\"d\"\r\n\uFFFDe", xmp["dc:description"]);
    }

    [Fact]
    public async Task A_picture_whose_segments_lead_nowhere_is_refused_with_a_way_out()
    {
        byte[] picture = TestPictures.Jpeg(16, 8);

        // Behind the header that the check of the file looks at: a Huffman table whose length is impossible.
        int table = picture.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC4]);
        picture[table + 2] = 0;
        picture[table + 3] = 1;
        InpaintException e = await FailsAsync(InpaintErrorId.ImageUnsupported, Image(picture), To() with { Metadata = MetadataMode.Embedded });

        Assert.Contains("Sidecar", e.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(Folder.Files());
    }

    [RequiresFact(Requirement.ExifTool)]
    public async Task A_common_tool_reads_it()
    {
        foreach (PictureFormat format in new[] { PictureFormat.Jpeg, PictureFormat.Png })
        {
            byte[] picture = format == PictureFormat.Jpeg ? TestPictures.Jpeg(16, 8) : TestPictures.Png(16, 8);
            using JsonDocument read = ExifTool.Read(await EmbedAsync(picture, "空的长椅 \"🦁\" & more"));
            JsonElement tags = read.RootElement[0];

            Assert.False(tags.TryGetProperty("Warning", out JsonElement warning), $"{warning}");
            Assert.Equal("空的长椅 \"🦁\" & more", tags.GetProperty("XMP:Description").GetString());
            Assert.Equal("2026:11:20 23:00:00+00:00", tags.GetProperty("XMP:CreateDate").GetString());
            Assert.Equal("Inpaint", tags.GetProperty("XMP:CreatorTool").GetString());
            Assert.Equal("Fal", tags.GetProperty("XMP:Provider").GetString());
            Assert.Equal("72a35804", tags.GetProperty("XMP:RequestID").GetString());
            Assert.Equal("196619188014358660", tags.GetProperty("XMP:Seed").ToString());
        }
    }

    private async Task<byte[]> EmbedAsync(byte[] picture, string prompt)
    {
        SavedImage saved = await SaveAsync(Image(picture, prompt: prompt), To() with { Metadata = MetadataMode.Embedded });
        return await File.ReadAllBytesAsync(saved.Path, Cancellation);
    }

    private static byte[] WithXmp(string packet)
    {
        Raster raster = new(16, 8, 3) { Metadata = new PictureMetadata { Xmp = Encoding.UTF8.GetBytes(packet) } };
        return TestPictures.Encode(raster, PictureFormat.Jpeg);
    }

    private static bool IsNew((int Marker, byte[] Content) segment) => segment.Marker == 0xFE || IsXmp(segment);

    private static bool IsXmp((int Marker, byte[] Content) segment) => segment.Marker == 0xE1 && segment.Content.AsSpan().StartsWith(XmpHead);

    private static byte[] Xmp(List<(int Marker, byte[] Content)> segments) => Assert.Single(segments, IsXmp).Content[XmpHead.Length..];

    private static byte[] Bytes((int Marker, byte[] Content) segment) =>
        [0xFF, (byte)segment.Marker, (byte)((segment.Content.Length + 2) >> 8), (byte)(segment.Content.Length + 2), .. segment.Content];

    /// <summary>A reader of its own, so that the writer is not believed.</summary>
    private static List<(int Marker, byte[] Content)> Segments(byte[] file, out int scan)
    {
        Assert.Equal([0xFF, 0xD8], file[..2]);
        List<(int, byte[])> segments = [];
        int at = 2;
        while (file[at + 1] != 0xDA)
        {
            Assert.Equal(0xFF, file[at]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at + 2));
            segments.Add((file[at + 1], file[(at + 4)..(at + 2 + length)]));
            at += 2 + length;
        }

        scan = at;
        return segments;
    }
}
