using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Model;

public sealed class PictureSourceTests : IDisposable
{
    private readonly TemporaryFolder files = new();

    public void Dispose() => files.Dispose();

    [Theory]
    [InlineData("data:image/png;base64,AQID")]
    [InlineData("DATA:;BASE64,AQID")]
    [InlineData("data:image/png;charset=utf-8;base64, AQ\r\nID ")]
    public void A_data_uri_is_its_bytes(string text)
    {
        PictureSource source = PictureSource.Parse(text);

        Assert.False(source.IsRemote);
        Assert.Equal([1, 2, 3], Read(source));
        Assert.Equal(3, source.GetLength());
    }

    [Fact]
    public void A_data_uri_longer_than_any_URL_is_taken() =>
        Assert.Equal(3_000_000, PictureSource.Parse("data:image/png;base64," + Convert.ToBase64String(new byte[3_000_000])).GetLength());

    [Theory]
    [InlineData("data:image/png;base64")]
    [InlineData("data:image/png,rawtext")]
    [InlineData("data:,")]
    [InlineData("data:image/png;base64,A")]
    [InlineData("data:image/png;base64,****")]
    public void A_broken_data_uri_is_refused_without_being_quoted_whole(string text) =>
        Assert.Equal(InpaintErrorId.ImageUnsupported, Assert.Throws<InpaintException>(() => PictureSource.Parse(text)).ErrorId);

    [Theory]
    [InlineData("https://pictures.example/shots/my%20dog.png?sig=a/b#x", "my dog.png")]
    [InlineData("HTTP://127.0.0.1:8080/dog.png", "dog.png")]
    [InlineData("https://pictures.example/", "picture")]
    [InlineData("https://pictures.example/..%2F..%2Fetc%2Fpasswd", "passwd")]
    [InlineData("https://pictures.example/..%5C..%5Cboot.ini", "boot.ini")]
    public void A_URL_is_left_to_the_provider_and_named_by_its_last_part(string url, string name)
    {
        PictureSource source = PictureSource.Parse(url);

        Assert.True(source.IsRemote);
        Assert.Equal(url, source.Url);
        Assert.Equal(name, source.Name);
        Assert.Null(source.GetLength());
        Assert.Throws<InvalidOperationException>(source.OpenRead);
    }

    [Theory]
    [InlineData("https://")]
    [InlineData("http:///dog.png")]
    [InlineData("https://exa mple/dog.png")]
    [InlineData("file://[")]
    public void What_only_begins_like_a_URL_is_refused(string text) =>
        Assert.Equal(InpaintErrorId.ImageNotFound, Assert.Throws<InpaintException>(() => PictureSource.Parse(text)).ErrorId);

    [Fact]
    public void A_file_is_read_by_path_and_by_URL()
    {
        string path = files.Write("my dog#1 100%.png", [1, 2, 3]);
        string address = "file://" + string.Join('/', path.Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString));

        foreach (PictureSource source in new[] { PictureSource.Parse(path), PictureSource.FromFile(path), PictureSource.Parse(address) })
        {
            Assert.Equal([1, 2, 3], Read(source));
            Assert.Equal(path, source.FilePath);
            Assert.Equal("my dog#1 100%.png", source.Name);
            Assert.Equal("039058C6F2C0CB492C533B0A4D14EF77CC0F78ABCCCED5287D84A1A2011CFB81", source.GetDigest());
        }
    }

    [Fact]
    public void A_path_no_file_can_have_is_refused() =>
        Assert.Equal(InpaintErrorId.ImageNotFound, Assert.Throws<InpaintException>(() => PictureSource.Parse("dog\0.png")).ErrorId);

    [Fact]
    public void A_part_of_an_array_is_that_part_each_time_it_is_read()
    {
        PictureSource source = PictureSource.FromBytes(new byte[] { 9, 1, 2, 3, 9 }.AsMemory(1, 3), "part");

        Assert.Equal([1, 2, 3], Read(source));
        Assert.Equal([1, 2, 3], Read(source));
    }

    private static byte[] Read(PictureSource source)
    {
        using Stream stream = source.OpenRead();
        MemoryStream copy = new();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
