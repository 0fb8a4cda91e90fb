using Inpaint.Imaging;
using Xunit;

namespace Inpaint.Tests.Imaging;

public class ExifOrientationTests
{
    // What is seen of the stored rows ABC / DEF, after EXIF 2.32.
    [Theory]
    [InlineData(1, "ABC/DEF")]
    [InlineData(2, "CBA/FED")]
    [InlineData(3, "FED/CBA")]
    [InlineData(4, "DEF/ABC")]
    [InlineData(5, "AD/BE/CF")]
    [InlineData(6, "DA/EB/FC")]
    [InlineData(7, "FC/EB/DA")]
    [InlineData(8, "CF/BE/AD")]
    public void Rows_are_turned_as_seen(int orientation, string seen)
    {
        foreach (int channels in new[] { 1, 3 })
        {
            var stored = new Raster(3, 2, channels, 8, [.. "ABCDEF".SelectMany(c => Enumerable.Repeat((byte)c, channels))]);

            Raster turned = ExifOrientation.Apply(stored, orientation);

            string[] rows = seen.Split('/');
            Assert.Equal((rows[0].Length, rows.Length), (turned.Width, turned.Height));
            Assert.Equal(string.Concat(rows), new string([.. turned.Data.Where((_, i) => i % channels == 0).Select(b => (char)b)]));
        }
    }

    [Theory]
    [InlineData("<r tiff:Orientation=\"6\" a=\"8\"/>", "<r tiff:Orientation=\"1\" a=\"8\"/>")]
    [InlineData("<tiff:Orientation>8</tiff:Orientation>", "<tiff:Orientation>1</tiff:Orientation>")]
    [InlineData("<tiff:Orientation/><a>8</a>", "<tiff:Orientation/><a>8</a>")]
    [InlineData("<tiff:Orientation", "<tiff:Orientation")]
    [InlineData("<a>8</a>", "<a>8</a>")]
    public void Nor_does_its_xmp(string stored, string normal) =>
        Assert.Equal(normal, System.Text.Encoding.UTF8.GetString(ExifOrientation.WithNormalXmp(System.Text.Encoding.UTF8.GetBytes(stored))!));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_turned_pictures_exif_asks_for_no_more_turning(bool bigEndian)
    {
        byte[] exif = Exif(6, bigEndian);

        byte[] normal = ExifOrientation.WithNormal(exif);

        Assert.Equal(6, ExifOrientation.Read(exif));
        Assert.Equal(1, ExifOrientation.Read(normal));
        Assert.Equal(exif.Length, normal.Length);
    }

    [Fact]
    public void Nonsense_counts_as_normal()
    {
        Assert.Equal(1, ExifOrientation.Read([]));
        Assert.Equal(1, ExifOrientation.Read("II*\0\u00ff\u00ff\u00ff\u00ff"u8));
        Assert.Equal(1, ExifOrientation.Read([.. "MM\0*"u8, 0, 0, 0, 8, 0xFF, 0xFF]));
    }

    /// <summary>A TIFF structure with a make (so that the orientation is not first) and an orientation.</summary>
    internal static byte[] Exif(byte orientation, bool bigEndian) => bigEndian
        ? [.. "MM\0*"u8, 0, 0, 0, 8, 0, 2, 1, 0x0F, 0, 2, 0, 0, 0, 2, (byte)'x', 0, 0, 0, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0]
        : [.. "II*\0"u8, 8, 0, 0, 0, 2, 0, 0x0F, 1, 2, 0, 2, 0, 0, 0, (byte)'x', 0, 0, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0];
}
