using System.Text;
using Inpaint.Imaging;
using Inpaint.Imaging.Metadata;
using Inpaint.Results;
using Inpaint.Tests.Imaging.Metadata;
using Inpaint.Tests.Results;
using Xunit;

namespace Inpaint.Tests.Imaging;

/// <summary>Nothing in a result shows the picture as it was, wherever programs and cameras have put small pictures of it; what else they say stays.</summary>
public sealed class PreviewTests
{
    private static readonly byte[] Preview = ExifPreviewsTests.Jpeg(200);
    private static readonly string Base64 = Convert.ToBase64String(Preview);

    public static TheoryData<string> Packets => new(
        $"<rdf:Description xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmlns:g='http://ns.adobe.com/xap/1.0/g/img/'><xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType='Resource'><g:width>80</g:width><g:image>{Base64}</g:image></rdf:li></rdf:Alt></xmp:Thumbnails></rdf:Description>",
        $"<rdf:Description xmlns:xap='http://ns.adobe.com/xap/1.0/' xmlns:g='http://ns.adobe.com/xap/1.0/g/img/'><xap:Thumbnails><rdf:Alt><rdf:li><rdf:Description g:width='80' g:image='{Base64}'/></rdf:li></rdf:Alt></xap:Thumbnails></rdf:Description>",
        $"<rdf:Description xmlns:GImage='http://ns.google.com/photos/1.0/image/' GImage:Mime='image/jpeg' GImage:Data='{Base64}'/>",
        $"<rdf:Description xmlns:any='urn:any'><any:list><rdf:Bag><rdf:li>\n  {Base64}</rdf:li></rdf:Bag></any:list></rdf:Description>");

    [Theory]
    [MemberData(nameof(Packets))]
    public void A_picture_in_xmp_goes_and_the_title_stays(string description)
    {
        byte[] packet = Packet(description);
        string without = Encoding.UTF8.GetString(XmpPreviews.Without(packet)!);

        Assert.DoesNotContain("/9j/", without, StringComparison.Ordinal);
        Assert.DoesNotContain("Thumbnails", without, StringComparison.Ordinal);
        Assert.DoesNotContain("rdf:li></rdf:Bag", without, StringComparison.Ordinal);
        Assert.Contains("<dc:title>Ball</dc:title>", without, StringComparison.Ordinal);
    }

    [Fact]
    public void Xmp_without_a_picture_stays_as_it_is_and_what_cannot_be_read_only_if_it_has_none()
    {
        byte[] plain = Packet("");
        byte[] broken = [.. "<broken"u8];

        Assert.Same(plain, XmpPreviews.Without(plain));
        Assert.Same(broken, XmpPreviews.Without(broken));
        Assert.Null(XmpPreviews.Without([.. broken, .. Encoding.ASCII.GetBytes(Base64)]));
        Assert.Null(XmpPreviews.Without(null));
        Assert.DoesNotContain("HasExtendedXMP", Encoding.UTF8.GetString(XmpPreviews.Without(Packet("<rdf:Description xmlns:n='http://ns.adobe.com/xmp/note/' n:HasExtendedXMP='0123'/>"))!), StringComparison.Ordinal);
    }

    [RequiresTheory(Requirement.ExifTool)]
    [InlineData(PictureFormat.Jpeg)]
    [InlineData(PictureFormat.Png)]
    [InlineData(PictureFormat.WebP)]
    [InlineData(PictureFormat.Tiff)]
    public void No_result_shows_what_was_removed(PictureFormat format)
    {
        PictureText[] texts =
        [
            new("Raw profile type exif", PngRawProfile.Write("exif", [.. "II*\0"u8, .. Preview])),
            new("Raw profile type app1", PngRawProfile.Write("app1", [.. "http://ns.adobe.com/xmp/extension/\0"u8, .. Encoding.ASCII.GetBytes(Base64)])),
            new("Preview", $"data:image/jpeg;base64,{Base64}"),
            new("Author", "somebody"),
        ];
        Raster shown = new(32, 24, 3)
        {
            Metadata = new PictureMetadata
            {
                Xmp = Packet((string)Packets.First().Data),
                ImageResources = [.. "8BIM"u8, 4, 12, 0, 0, 0, 0, (byte)(Preview.Length >> 8), (byte)Preview.Length, .. Preview],
                Exif = [.. "II*\0"u8, 8, 0, 0, 0, 0, 0, 14, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. Preview],
                Texts = texts,
            },
        };
        MemoryStream original = new();
        Pictures.Encode(shown, PictureFormat.Png, original);
        original.Position = 0;

        MemoryStream result = new();
        Pictures.Encode(EmbeddedMetadata.RemoveFrom(Pictures.Decode(original, "original")), format, result);
        byte[] file = result.ToArray();
        Assert.Equal(-1, file.AsSpan().IndexOf(Preview.AsSpan(20, 100)));
        Assert.Equal(-1, file.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Base64[40..100])));
        Assert.Equal(-1, file.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Preview, 2, 30))));
        using var tags = ExifTool.Read(file);
        Assert.Equal("Ball", tags.RootElement[0].GetProperty("XMP:Title").GetString());
        Assert.DoesNotContain(tags.RootElement[0].EnumerateObject(), tag => tag.Name.Contains("Thumbnail", StringComparison.Ordinal) || tag.Name.Contains("Preview", StringComparison.Ordinal));
    }

    private static byte[] Packet(string description) => Encoding.UTF8.GetBytes(
        $"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>{description}<rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title>Ball</dc:title></rdf:Description></rdf:RDF></x:xmpmeta>");
}
