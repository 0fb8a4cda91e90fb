using Inpaint.Tests.Results;
using Xunit;

namespace Inpaint.Tests.Model;

/// <summary>A signed address is a key to its picture: what it is signed with stands in no message, event or file.</summary>
public sealed class UrlQueryTests : SaveTest
{
    private const string Signed = "https://cdn.example/a/0.png?X-Amz-Signature=5ec2e7&Expires=9";

    [Theory]
    [InlineData("What came from https://a.example/0.png?sig=5ec2e7&x=1 is no picture.", "What came from https://a.example/0.png?… is no picture.")]
    [InlineData("'https://a.example/0.png?sig=5ec2e7'", "'https://a.example/0.png?…'")]
    [InlineData("{\"url\":\"https://a.example/0.png?sig=5ec2e7\",\"x\":1}", "{\"url\":\"https://a.example/0.png?…\",\"x\":1}")]
    [InlineData("See https://a.example/0.png?sig=5ec2e7.", "See https://a.example/0.png?….")]
    [InlineData("https://a.example/0.png#token=5ec2e7", "https://a.example/0.png?…")]
    [InlineData("https://a.example/?a=1 and https://b.example/?a=2", "https://a.example/?… and https://b.example/?…")]
    [InlineData("https://a.example/0.png", "https://a.example/0.png")]
    [InlineData("Is it there? No.", "Is it there? No.")]
    public void A_query_is_cut_and_nothing_else(string text, string expected) => Assert.Equal(expected, PlainText.WithoutUrlQueries(text));

    [Fact]
    public void No_exception_event_or_cleaned_text_has_one()
    {
        InpaintException e = new InpaintException(InpaintErrorId.ResponseInvalid, $"'{Signed}' is bad.") { RecommendedAction = $"Fetch {Signed} yourself." };
        foreach (string said in new[] { e.Message, e.RecommendedAction, e.WithMessage($"dog.png: {Signed}").Message, e.ToString(), new JobEvent(JobEventKind.Log, Signed).Text, PlainText.Clean(Signed) })
        {
            Assert.Contains("https://cdn.example/a/0.png", said, StringComparison.Ordinal);
            Assert.DoesNotContain("5ec2e7", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_picture_that_cannot_be_saved_is_named_without_it()
    {
        InpaintImage page = Image("<html>no picture</html>"u8.ToArray());
        page = page with { Url = page.Url + "?sig=5ec2e7" };
        foreach (InpaintImage image in new[] { page, Image() with { Url = "ftp://cdn.example/0.png?sig=5ec2e7" }, Image() with { Url = "https://10.0.0.1/0.png?sig=5ec2e7" } })
        {
            InpaintException e = await Assert.ThrowsAsync<InpaintException>(() => SaveAsync(image, To()));
            Assert.DoesNotContain("5ec2e7", e.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(MetadataMode.Embedded)]
    [InlineData(MetadataMode.Sidecar)]
    public async Task No_file_tells_what_its_source_was_signed_with(object metadata)
    {
        await SaveAsync(Image(source: "https://bucket.example/in/dog.png?X-Amz-Signature=5ec2e7"), To() with { Metadata = (MetadataMode)metadata });
        Assert.NotEmpty(Folder.Files());
        foreach (string file in Folder.Files())
        {
            string content = System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(Folder.At(file), Cancellation));
            Assert.DoesNotContain("5ec2e7", content + file, StringComparison.Ordinal);
        }
    }
}
