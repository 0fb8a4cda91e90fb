using System.IO.Compression;

namespace Inpaint.Imaging.Metadata;

/// <summary>
/// Puts EXIF and IPTC into a TIFF, for which the library has no way; it cuts IPTC to a quarter. The EXIF block becomes the beginning of the file, and a new directory
/// says what both have said: so all that the block knows by its place stays where it is, the maker note's own offsets too.
/// </summary>
internal static class TiffMetadataWriter
{
    private const ushort StripOffsets = 0x0111;
    private const ushort StripLengths = 0x0117;
    private const ushort Iptc = 0x83BB;
    private const ushort BitsPerSample = 0x0102;

    // What the block says about the samples of the picture that it came with (size, layout, where they and those of its thumbnail are, orientation), and what is written anew.
    private static readonly ushort[] NotTaken =
    [
        0x00FE, 0x00FF, 0x0100, 0x0101, BitsPerSample, 0x0103, 0x0106, 0x010A, StripOffsets, 0x0112, 0x0115, 0x0116, StripLengths, 0x0118, 0x0119, 0x011C, 0x013D, 0x0140,
        0x0142, 0x0143, 0x0144, 0x0145, 0x014A, 0x0152, 0x0153, 0x0201, 0x0202, 0x0211, 0x0212, 0x0213, 0x0214, Iptc,
    ];

    /// <summary>Writes a file with EXIF and IPTC.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="file">The file as the library has written it: one picture in strips, deflated.</param>
    /// <param name="metadata">The picture's metadata; an EXIF block that cannot be followed is left behind.</param>
    public static void Write(Stream target, ReadOnlySpan<byte> file, PictureMetadata metadata)
    {
        byte[]? exif = TiffDirectory.IsTiff(metadata.Exif) ? metadata.Exif : null;
        byte[]? iptc = ImageResources.ReadIptc(metadata.ImageResources);
        if (exif is null && iptc is null)
        {
            target.Write(file);
            return;
        }

        byte[] head = exif is null ? file[..TiffDirectory.HeaderLength].ToArray() : [.. exif];
        bool isLittleEndian = TiffDirectory.IsLittleEndian(head);
        IReadOnlyList<TiffEntry> own = TiffDirectory.Read(file, TiffDirectory.First(file));
        bool swaps = isLittleEndian != TiffDirectory.IsLittleEndian(file) && TiffDirectory.Numbers(file, own.First(entry => entry.Tag == BitsPerSample))[0] == 16;
        using MemoryStream rest = new();
        (byte[] offsets, byte[] lengths) = WriteStrips(rest, file, own, head.Length, swaps, isLittleEndian);
        IReadOnlyList<TiffEntry> described = exif is null ? [] : TiffDirectory.Read(exif, TiffDirectory.First(exif));
        List<byte[]> entries = [.. described.Where(entry => !NotTaken.Contains(entry.Tag) && !own.Any(other => other.Tag == entry.Tag)).Select(entry => entry.Raw)];
        foreach (TiffEntry entry in own)
        {
            switch (entry.Tag)
            {
                case StripOffsets:
                    Add(entry.Tag, TiffDirectory.LongType, offsets);
                    break;
                case StripLengths:
                    Add(entry.Tag, TiffDirectory.LongType, lengths);
                    break;
                default:
                    Add(entry.Tag, entry.Type, TiffDirectory.Values(file, entry, isLittleEndian));
                    break;
            }
        }

        if (iptc is not null)
        {
            Add(Iptc, TiffDirectory.ByteType, iptc);
        }

        Align(rest, head.Length);
        TiffDirectory.WriteLong(head.AsSpan(4), (uint)(head.Length + rest.Length), isLittleEndian);
        target.Write(head);
        rest.WriteTo(target);
        target.Write(TiffDirectory.Directory(entries, isLittleEndian));

        void Add(ushort tag, ushort type, byte[] values)
        {
            Align(rest, head.Length);
            entries.Add(TiffDirectory.Entry(tag, type, values, (uint)(head.Length + rest.Length), isLittleEndian));
            rest.Write(values.Length > 4 ? values : []);
        }
    }

    private static (byte[] Offsets, byte[] Lengths) WriteStrips(MemoryStream target, ReadOnlySpan<byte> file, IReadOnlyList<TiffEntry> own, int before, bool swaps, bool isLittleEndian)
    {
        uint[] offsets = TiffDirectory.Numbers(file, own.First(entry => entry.Tag == StripOffsets));
        uint[] lengths = TiffDirectory.Numbers(file, own.First(entry => entry.Tag == StripLengths));
        byte[] newOffsets = new byte[4 * offsets.Length];
        byte[] newLengths = new byte[4 * offsets.Length];
        for (int i = 0; i < offsets.Length; i++)
        {
            Align(target, before);
            long start = target.Length;
            ReadOnlySpan<byte> strip = file.Slice((int)offsets[i], (int)lengths[i]);
            target.Write(swaps ? WithSwappedSamples(strip) : strip);
            TiffDirectory.WriteLong(newOffsets.AsSpan(4 * i), (uint)(before + start), isLittleEndian);
            TiffDirectory.WriteLong(newLengths.AsSpan(4 * i), (uint)(target.Length - start), isLittleEndian);
        }

        return (newOffsets, newLengths);
    }

    // Samples of 16 bits are in the file's byte order, the differences between them too.
    private static byte[] WithSwappedSamples(ReadOnlySpan<byte> strip)
    {
        using MemoryStream samples = new();
        using (ZLibStream inflater = new(new MemoryStream(strip.ToArray()), CompressionMode.Decompress))
        {
            inflater.CopyTo(samples);
        }

        TiffDirectory.Swap(samples.GetBuffer().AsSpan(0, (int)samples.Length), sizeof(ushort));
        using MemoryStream swapped = new();
        using (ZLibStream deflater = new(swapped, CompressionLevel.Optimal, leaveOpen: true))
        {
            samples.WriteTo(deflater);
        }

        return swapped.ToArray();
    }

    // Values begin at even offsets.
    private static void Align(MemoryStream target, int before)
    {
        if ((before + target.Length) % 2 == 1)
        {
            target.WriteByte(0);
        }
    }
}
