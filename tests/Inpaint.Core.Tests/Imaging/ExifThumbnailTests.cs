using Inpaint.Imaging;
using Xunit;

namespace Inpaint.Tests.Imaging;

public sealed class ExifThumbnailTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_small_picture_goes_and_all_else_stays(bool bigEndian)
    {
        byte[] exif = WithThumbnail(bigEndian);
        byte[] without = ExifThumbnail.Without(exif)!;

        Assert.Equal(exif.Length, without.Length);
        Assert.Equal(exif[..22], without[..22]);
        Assert.Equal(new byte[4], without[22..26]);
        Assert.Equal(new byte[5], without[^5..]);
        Assert.Same(without, ExifThumbnail.Without(without));
    }

    [Fact]
    public void What_has_none_or_cannot_be_followed_stays_as_it_is()
    {
        byte[] plain = ExifOrientationTests.Exif(6, bigEndian: true);
        Assert.Same(plain, ExifThumbnail.Without(plain));
        Assert.Null(ExifThumbnail.Without(null));

        // Whatever is cut off or written over, nothing is read or written beyond the block.
        byte[] whole = WithThumbnail(bigEndian: false);
        var random = new Random(20261126);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] broken = whole[..random.Next(whole.Length + 1)];
            for (int i = 0; i < 2 && broken.Length > 0; i++)
            {
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            }

            Assert.Equal(broken.Length, ExifThumbnail.Without(broken)!.Length);
        }
    }

    // An orientation, then a directory with where a thumbnail of five bytes begins and how long it is.
    private static byte[] WithThumbnail(bool bigEndian)
    {
        byte[] Short(int value) => bigEndian ? [(byte)(value >> 8), (byte)value] : [(byte)value, (byte)(value >> 8)];
        byte[] Long(int value) => bigEndian ? [0, 0, .. Short(value)] : [.. Short(value), 0, 0];
        byte[] head = bigEndian ? [.. "MM\0*"u8] : [.. "II*\0"u8];
        return
        [
            .. head, .. Long(8),
            .. Short(1), .. Short(0x0112), .. Short(3), .. Long(1), .. Short(6), 0, 0, .. Long(26),
            .. Short(2), .. Short(0x0201), .. Short(4), .. Long(1), .. Long(56), .. Short(0x0202), .. Short(4), .. Long(1), .. Long(5), .. Long(0),
            1, 2, 3, 4, 5,
        ];
    }
}
