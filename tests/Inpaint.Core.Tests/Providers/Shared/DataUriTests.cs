using System.Text;
using System.Text.Json;
using Inpaint.Providers.Shared;
using Xunit;

namespace Inpaint.Tests.Providers.Shared;

/// <summary>Pictures inside responses.</summary>
public sealed class DataUriTests
{
    private static readonly byte[] Content = [0xFF, 0xFB, 0xFE, 1, 2, 3, 4, 5];

    [Theory]
    [InlineData("\"data:image/png;base64,//v+AQIDBAU=\"", "image/png")]
    [InlineData("\"DATA:;BASE64,//v+AQIDBAU=\"", null)]
    [InlineData("\"data:image\\/png;base64,\\/\\/v+AQIDBAU=\"", "image/png")]
    [InlineData("\"data:image/webp;charset=x;base64,//v+ AQID BAU=\"", "image/webp")]
    public void A_picture_is_read_from_the_bytes_of_a_document(string json, string? mediaType)
    {
        (ReadOnlyMemory<byte> content, string? type) = Read(json)!.Value;
        Assert.Equal(Content, content.ToArray());
        Assert.Equal(mediaType, type);
    }

    [Theory]
    [InlineData("\"https://example.com/a,b.png\"")]
    [InlineData("\"dat\"")]
    [InlineData("\"\"")]
    [InlineData("1")]
    [InlineData("null")]
    public void Anything_else_is_no_data_uri(string json) => Assert.Null(Read(json));

    [Theory]
    [InlineData("\"data:image/png;base64\"")]
    [InlineData("\"data:image/png,abc\"")]
    [InlineData("\"data:,\"")]
    [InlineData("\"data:\"")]
    [InlineData("\"data:image/png;base64,abc\"")]
    [InlineData("\"data:image/png;base64,a$==\"")]
    [InlineData("\"data:\\ud800;base64,AAAA\"")]
    public void An_invalid_one_is_refused(string json) => Assert.Throws<FormatException>(() => Read(json));

    [Fact]
    public void A_picture_is_never_held_as_text()
    {
        using JsonDocument document = JsonDocument.Parse(Encoding.UTF8.GetBytes($"\"data:image/png;base64,{Convert.ToBase64String(new byte[6_000_000])}\""));
        long before = GC.GetAllocatedBytesForCurrentThread();
        (ReadOnlyMemory<byte> content, _) = DataUri.Read(document.RootElement)!.Value;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(6_000_000, content.Length);
        Assert.InRange(allocated, 6_000_000, 6_100_000);
    }

    private static (ReadOnlyMemory<byte> Content, string? MediaType)? Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return DataUri.Read(document.RootElement);
    }
}
