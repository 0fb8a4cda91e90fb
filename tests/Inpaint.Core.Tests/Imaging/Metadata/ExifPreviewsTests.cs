using Inpaint.Imaging.Metadata;
using Xunit;

namespace Inpaint.Tests.Imaging.Metadata;

public sealed class ExifPreviewsTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_small_picture_goes_and_all_else_stays(bool bigEndian)
    {
        byte[] exif = WithThumbnail(bigEndian);
        byte[] without = ExifPreviews.Without(exif)!;

        Assert.Equal(exif.Length, without.Length);
        Assert.Equal(exif[..22], without[..22]);
        Assert.Equal(new byte[4], without[22..26]);
        Assert.Equal(new byte[5], without[^5..]);
        Assert.Same(without, ExifPreviews.Without(without));
    }

    [Fact]
    public void What_has_none_or_cannot_be_followed_stays_as_it_is()
    {
        byte[] plain = ExifOrientationTests.Exif(6, bigEndian: true);
        Assert.Same(plain, ExifPreviews.Without(plain));
        Assert.Null(ExifPreviews.Without(null));

        // Whatever is cut off or written over, nothing is read or written beyond the block.
        byte[][] wholes = [WithThumbnail(bigEndian: false), WithMakerNote(Jpeg(300))];
        var random = new Random(20261126);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] whole = wholes[round % 2];
            byte[] broken = whole[..random.Next(whole.Length + 1)];
            for (int i = 0; i < 2 && broken.Length > 0; i++)
            {
                broken[random.Next(broken.Length)] = (byte)random.Next(256);
            }

            Assert.Equal(broken.Length, ExifPreviews.Without(broken)!.Length);
        }
    }

    [Fact]
    public void A_preview_in_a_maker_note_goes_with_what_leads_to_it_and_the_rest_of_the_note_stays()
    {
        byte[] preview = Jpeg(300);
        byte[] exif = WithMakerNote(preview);
        byte[] without = ExifPreviews.Without(exif)!;

        Assert.Equal(exif.Length, without.Length);
        Assert.False(JpegStreams.AreIn(without));
        Assert.Equal(-1, without.AsSpan().IndexOf(preview.AsSpan(30, 8)));

        // Of four entries the first and the last say as much as before; the picture's place and length are nobody's.
        int note = exif.AsSpan().IndexOf("Camera"u8) + 8;
        Assert.Equal(exif[..(note + 12)], without[..(note + 12)]);
        Assert.Equal(exif[(note + 36)..(note + 48)], without[(note + 36)..(note + 48)]);
        byte[] nobodys = [0xFF, 0xFF, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal([.. nobodys, .. nobodys], without[(note + 12)..(note + 36)]);
    }

    [Fact]
    public void Pictures_in_tags_and_directories_of_the_first_directory_go()
    {
        byte[] preview = Jpeg(40);
        byte[] exif =
        [
            .. "II*\0"u8, 8, 0, 0, 0,
            3, 0,
            .. Entry(0x002E, 7, preview.Length, 72), .. Entry(0x0112, 3, 1, 6), .. Entry(0x014A, 4, 1, 50),
            0, 0, 0, 0,
            1, 0, .. Entry(0x0111, 4, 1, 68), 0, 0, 0, 0, 9, 9, 9, 9,
            .. preview,
        ];
        byte[] without = ExifPreviews.Without(exif)!;

        Assert.Equal([1, 0, .. Entry(0x0112, 3, 1, 6), 0, 0, 0, 0], without[8..26]);
        Assert.Equal(new byte[24], without[26..50]);
        Assert.Equal(new byte[preview.Length], without[72..]);
    }

    [Fact]
    public void Directories_that_lead_to_one_another_end()
    {
        // Thirty thousand of them, each followed by the next.
        byte[] exif = new byte[180_008];
        "II*\0"u8.CopyTo(exif);
        exif[4] = 8;
        for (int at = 8; at + 6 <= exif.Length; at += 6)
        {
            BitConverter.TryWriteBytes(exif.AsSpan(at + 2), at + 6);
        }

        Assert.Equal(exif.Length, ExifPreviews.Without(exif)!.Length);
    }

    /// <summary>The outer form of a JPEG: a table, a frame, a scan of so many bytes.</summary>
    internal static byte[] Jpeg(int samples) =>
        [0xFF, 0xD8, 0xFF, 0xDB, 0, 4, 1, 2, 0xFF, 0xC0, 0, 4, 3, 4, 0xFF, 0xDA, 0, 4, 5, 6, .. Enumerable.Range(0, samples).Select(i => (byte)((i * 37) % 255)), 0xFF, 0, 0xFF, 0xD9];

    // A camera's own directory, whose offsets count from the note's beginning.
    private static byte[] WithMakerNote(byte[] preview)
    {
        byte[] note =
        [
            .. "Camera"u8, 4, 0, .. Entry(0x0001, 3, 1, 7), .. Entry(0x0088, 4, 1, 60), .. Entry(0x0089, 4, 1, preview.Length), .. Entry(0x0100, 4, 1, preview.Length + 9), 0, 0, 0, 0,
            .. preview,
        ];
        return
        [
            .. "II*\0"u8, 8, 0, 0, 0,
            1, 0, .. Entry(0x8769, 4, 1, 26), 0, 0, 0, 0,
            1, 0, .. Entry(0x927C, 7, note.Length, 44), 0, 0, 0, 0,
            .. note,
        ];
    }

    private static byte[] Entry(ushort tag, ushort type, int count, int value) => [.. BitConverter.GetBytes(tag), .. BitConverter.GetBytes(type), .. BitConverter.GetBytes(count), .. BitConverter.GetBytes(value)];

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
