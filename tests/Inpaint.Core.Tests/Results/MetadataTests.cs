using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;
using Inpaint.Results;
using Xunit;

namespace Inpaint.Tests.Results;

public sealed class MetadataTests : SaveTest
{
    [Theory]
    [InlineData("an empty bench")]
    [InlineData("eine leere Bank, 空的长椅 🦁")]
    [InlineData("line one\nline two\r\n\ttabbed")]
    public async Task A_png_tells_how_it_was_made_and_keeps_its_pixels(string prompt)
    {
        byte[] before = TestPictures.Png(8, 6);
        SavedImage saved = await SaveAsync(Image(before, prompt: prompt), To() with { Metadata = MetadataMode.Embedded });
        List<(string Type, byte[] Data)> chunks = Chunks(await File.ReadAllBytesAsync(saved.Path, Cancellation));
        Dictionary<string, string> texts = Texts(chunks);

        Assert.Equal(prompt, texts["Description"]);
        Assert.Equal("Inpaint", texts["Software"]);
        Assert.Equal("Fal", texts["Provider"]);
        Assert.Equal("fal-ai/flux-lora/inpainting", texts["Model"]);
        Assert.Equal("196619188014358660", texts["Seed"]);
        Assert.Equal("72a35804", texts["Request ID"]);
        Assert.Equal("Fri, 20 Nov 2026 23:00:00 GMT", texts["Creation Time"]);
        Assert.Equal(prompt, XmpFacts.Read(Encoding.UTF8.GetBytes(texts["XML:com.adobe.xmp"]))["dc:description"]);
        Assert.Equal(Data(Chunks(before)), Data(chunks));
        Assert.Equal(("IHDR", "IEND"), (chunks[0].Type, chunks[^1].Type));
        Assert.Equal("dog-inpaint.png", Assert.Single(Folder.Files()));
    }

    [Fact]
    public async Task What_a_png_says_already_stays_and_what_this_module_said_is_replaced()
    {
        Raster raster = new(8, 6, 3) { Metadata = new PictureMetadata { Texts = [new("Author", "somebody"), new("Software", "GIMP")], Xmp = "<broken"u8.ToArray() } };
        SaveOptions options = To() with { Metadata = MetadataMode.Embedded };
        byte[] foreign = TestPictures.Encode(raster, PictureFormat.Png);
        List<(string Type, byte[] Data)> beside = Chunks(await File.ReadAllBytesAsync((await SaveAsync(Image(foreign, prompt: "a lion"), options)).Path, Cancellation));

        // Of two with one keyword, tools show the last.
        string[] software = [.. beside.Where(c => c.Type == "tEXt").Select(c => Encoding.Latin1.GetString(c.Data)).Where(t => t.Contains("Software\0", StringComparison.Ordinal))];
        Assert.Equal(["Software\0GIMP", "Inpaint Software\0Inpaint"], software);
        Assert.Single(beside, c => c.Data.AsSpan().StartsWith("XML:com.adobe.xmp\0"u8));

        byte[] own = await File.ReadAllBytesAsync((await SaveAsync(Image(TestPictures.Png(8, 6), prompt: "a lion"), options)).Path, Cancellation);
        byte[] again = await File.ReadAllBytesAsync((await SaveAsync(Image(own, prompt: "a tiger"), options)).Path, Cancellation);
        Dictionary<string, string> texts = Texts(Chunks(again));
        Assert.Equal("a tiger", texts["Description"]);
        Assert.Equal("a tiger", XmpFacts.Read(Encoding.UTF8.GetBytes(texts["XML:com.adobe.xmp"]))["inpaint:Prompt"]);
        Assert.DoesNotContain("lion", Encoding.UTF8.GetString(again), StringComparison.Ordinal);
        Assert.Equal(Data(Chunks(own)), Data(Chunks(again)));
    }

    [Fact]
    public async Task What_its_author_said_stays_whichever_keywords_are_taken_and_however_often_it_is_written()
    {
        SaveOptions options = To() with { Metadata = MetadataMode.Embedded };
        PictureText[][] authors = [[new("Description", "my bench"), new("Source", "film")], [new("Software", "GIMP"), new("Description", "my bench")], [new("Seed", "wheat")]];
        foreach (PictureText[] author in authors)
        {
            byte[] picture = TestPictures.Encode(new Raster(8, 6, 3) { Metadata = new PictureMetadata { Texts = author } }, PictureFormat.Png);
            foreach (string prompt in new[] { "a lion", "a tiger", "a cat" })
            {
                picture = await File.ReadAllBytesAsync((await SaveAsync(Image(picture, prompt: prompt), options)).Path, Cancellation);
                List<(string Type, byte[] Data)> chunks = Chunks(picture);
                Dictionary<string, string> texts = Texts(chunks);

                Assert.All(author, text => Assert.Equal(text.Text, texts[text.Keyword]));
                Assert.Equal(prompt, texts[author.Any(text => text.Keyword == "Description") ? "Inpaint Description" : "Description"]);
                Assert.Equal(8 + author.Length, chunks.Count(c => c.Type == "tEXt"));
            }
        }
    }

    [Theory]
    [InlineData(PictureFormat.Png)]
    [InlineData(PictureFormat.Jpeg)]
    public async Task What_is_made_of_a_picture_no_longer_says_how_that_was_made(PictureFormat format)
    {
        byte[] xmp = Encoding.UTF8.GetBytes("""<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:title="A bench"/></rdf:RDF></x:xmpmeta>""");
        foreach (PictureMetadata author in new[] { PictureMetadata.None, new() { Texts = [new("Description", "my bench"), new("Comment", "mine")], Xmp = xmp } })
        {
            byte[] picture = TestPictures.Encode(new Raster(8, 6, 3) { Metadata = author }, format);
            Raster before = Pictures.Decode(new MemoryStream(picture), "p", cancellationToken: Cancellation);
            byte[] made = await File.ReadAllBytesAsync((await SaveAsync(Image(picture, prompt: "a lion"), To() with { Metadata = MetadataMode.Embedded })).Path, Cancellation);
            Raster raster = Pictures.Decode(new MemoryStream(made), "p", cancellationToken: Cancellation);
            PictureMetadata rest = EmbeddedMetadata.RemoveFrom(raster).Metadata;

            Assert.NotEqual(before.Metadata.Texts, raster.Metadata.Texts);
            Assert.Equal(before.Metadata.Texts, rest.Texts);
            Assert.DoesNotContain("lion", Encoding.UTF8.GetString(rest.Xmp ?? []), StringComparison.Ordinal);
            Assert.Equal(author.Xmp is not null, rest.Xmp is not null && Encoding.UTF8.GetString(rest.Xmp).Contains("A bench", StringComparison.Ordinal));
            Assert.Same(before.Metadata.Xmp, EmbeddedMetadata.RemoveFrom(before).Metadata.Xmp);
        }
    }

    [Fact]
    public async Task A_format_without_a_place_for_it_is_refused_and_nothing_is_left()
    {
        byte[] gif = [.. "GIF89a"u8, 32, 0, 24, 0, 0, 0, 0, 0x3B];
        InpaintException e = await FailsAsync(InpaintErrorId.ImageUnsupported, Image(gif), To() with { Metadata = MetadataMode.Embedded });

        Assert.Contains("Sidecar", e.RecommendedAction, StringComparison.Ordinal);
        Assert.Empty(Folder.Files());
    }

    [Fact]
    public async Task A_sidecar_is_called_like_the_picture_and_read_by_people()
    {
        SavedImage saved = await SaveAsync(Image(prompt: "空的长椅"), To() with { Metadata = MetadataMode.Sidecar });
        string text = await File.ReadAllTextAsync(saved.SidecarPath!, Cancellation);
        using JsonDocument json = JsonDocument.Parse(text);

        Assert.Equal(Folder.At("dog-inpaint.png.json"), saved.SidecarPath);
        Assert.Contains("空的长椅", text, StringComparison.Ordinal);
        Assert.Equal("dog.png", json.RootElement.GetProperty("source").GetString());
        Assert.Equal("72a35804", json.RootElement.GetProperty("requestId").GetString());
        Assert.Equal(["dog-inpaint.png", "dog-inpaint.png.json"], Folder.Files());
    }

    [Fact]
    public async Task Pictures_of_one_name_and_two_kinds_have_a_sidecar_each()
    {
        await SaveAsync(Image(TestPictures.Png(8, 6)), To() with { Metadata = MetadataMode.Sidecar });
        await SaveAsync(Image(TestPictures.Jpeg(8, 6)), To() with { Metadata = MetadataMode.Sidecar });

        Assert.Equal(["dog-inpaint.jpg", "dog-inpaint.jpg.json", "dog-inpaint.png", "dog-inpaint.png.json"], Folder.Files());
    }

    [Fact]
    public async Task Somebodys_file_of_the_sidecars_name_is_not_replaced()
    {
        string own = Folder.Write("dog-inpaint.png.json", [1]);
        Folder.Write("dog-inpaint.json", [2]);
        SavedImage saved = await SaveAsync(Image(), To() with { Metadata = MetadataMode.Sidecar });

        Assert.Equal(Folder.At("dog-inpaint-2.png.json"), saved.SidecarPath);
        Assert.Equal([1], await File.ReadAllBytesAsync(own, Cancellation));
        Assert.Equal([2], await File.ReadAllBytesAsync(Folder.At("dog-inpaint.json"), Cancellation));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("dog-inpaint.png")]
    public async Task Noclobber_holds_for_sidecars(string? given)
    {
        Folder.Write("dog-inpaint.png.json", [1]);
        InpaintException e = await FailsAsync(InpaintErrorId.OutputExists, Image(), To(given) with { NoClobber = true, Metadata = MetadataMode.Sidecar });

        Assert.Contains("dog-inpaint.png.json", e.Message, StringComparison.Ordinal);
        Assert.Single(Folder.Files());
    }

    [Fact]
    public async Task A_sidecar_that_cannot_be_written_costs_a_warning_and_not_the_picture()
    {
        Directory.CreateDirectory(Folder.At("lion.png.json"));
        SavedImage saved = await SaveAsync(Image(), To("lion.png") with { Metadata = MetadataMode.Sidecar });

        Assert.True(File.Exists(saved.Path));
        Assert.Null(saved.SidecarPath);
        Assert.Contains("lion.png.json", saved.Warning, StringComparison.Ordinal);
        Assert.Equal(["lion.png"], Folder.Files());
    }

    /// <summary>A reader of PNG of its own, so that the writer is not believed: signature, lengths, checksums.</summary>
    private static List<(string Type, byte[] Data)> Chunks(byte[] file)
    {
        Assert.Equal([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], file[..8]);
        List<(string, byte[])> chunks = [];
        for (int at = 8; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            uint expected = 0xFFFFFFFF;
            foreach (byte value in file.AsSpan(at + 4, length + 4))
            {
                expected ^= value;
                for (int bit = 0; bit < 8; bit++)
                {
                    expected = (expected & 1) != 0 ? (expected >> 1) ^ 0xEDB88320 : expected >> 1;
                }
            }

            Assert.Equal(~expected, BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + length)));
            chunks.Add((Encoding.ASCII.GetString(file, at + 4, 4), file[(at + 8)..(at + 8 + length)]));
            at += 12 + length;
        }

        return chunks;
    }

    private static Dictionary<string, string> Texts(List<(string Type, byte[] Data)> chunks)
    {
        Dictionary<string, string> texts = new(StringComparer.Ordinal);
        foreach ((string type, byte[] data) in chunks)
        {
            int end = Array.IndexOf(data, (byte)0);
            switch (type)
            {
                case "tEXt":
                    texts.Add(Encoding.Latin1.GetString(data, 0, end), Encoding.Latin1.GetString(data, end + 1, data.Length - end - 1));
                    break;
                case "iTXt":
                    // Keyword, 0, compression flag and method, language, 0, translated keyword, 0, text.
                    int language = Array.IndexOf(data, (byte)0, end + 3);
                    int translated = Array.IndexOf(data, (byte)0, language + 1);
                    Assert.Equal(0, data[end + 1]);
                    texts.Add(Encoding.Latin1.GetString(data, 0, end), Encoding.UTF8.GetString(data, translated + 1, data.Length - translated - 1));
                    break;
                default:
                    break;
            }
        }

        return texts;
    }

    private static byte[] Data(List<(string Type, byte[] Data)> chunks)
    {
        using ZLibStream zlib = new(new MemoryStream([.. chunks.Where(c => c.Type == "IDAT").SelectMany(c => c.Data)]), CompressionMode.Decompress);
        MemoryStream samples = new();
        zlib.CopyTo(samples);
        return samples.ToArray();
    }
}
