namespace Inpaint.Imaging.Metadata;

/// <summary>Reads what the library passes over in a TIFF: which grays are negative, an EXIF block, which is made of what the first directory says about the picture, and IPTC, which has a tag of its own.</summary>
internal static class TiffMetadataReader
{
    private const ushort BitsPerSample = 0x0102;
    private const ushort Photometric = 0x0106;
    private const ushort Iptc = 0x83BB;
    private const ushort MakerNote = 0x927C;

    // Of the first directory: description, make, model, program, date, artist, host, rating, copyright, what Windows calls title, comment, author, keywords and subject.
    private static readonly ushort[] Descriptions = [0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x4746, 0x4749, 0x8298, 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F];

    // EXIF, GPS, interoperability.
    private static readonly ushort[] Directories = [0x8769, 0x8825, 0xA005];

    // Interoperability belongs to EXIF, which belongs to the first directory.
    private const int MostDepth = 2;

    // The room that a maker note may have before it, so that it stands where it stood: its own offsets count from the file's beginning.
    private const int FarthestNote = 64 << 10;

    /// <summary>Adds EXIF and IPTC.</summary>
    /// <param name="metadata">What the library has read.</param>
    /// <param name="file">The TIFF.</param>
    public static PictureMetadata Complete(PictureMetadata metadata, ReadOnlySpan<byte> file)
    {
        if (!TiffDirectory.IsTiff(file))
        {
            return metadata;
        }

        return metadata with { Exif = ReadExif(file), ImageResources = metadata.ImageResources ?? ReadIptc(file) };
    }

    /// <summary>Whether the samples are grays of 2 or 4 bits of which 0 is white: the library turns only those of other depths around.</summary>
    /// <param name="file">The TIFF.</param>
    public static bool IsNegativeToVips(ReadOnlySpan<byte> file)
    {
        if (!TiffDirectory.IsTiff(file))
        {
            return false;
        }

        uint bits = 1;
        uint photometric = 1;
        foreach (TiffEntry entry in TiffDirectory.Read(file, TiffDirectory.First(file)))
        {
            bits = entry.Tag == BitsPerSample ? TiffDirectory.Numbers(file, entry).FirstOrDefault(bits) : bits;
            photometric = entry.Tag == Photometric ? TiffDirectory.Numbers(file, entry).FirstOrDefault(photometric) : photometric;
        }

        return photometric == 0 && bits is (2 or 4);
    }

    private static byte[]? ReadIptc(ReadOnlySpan<byte> file)
    {
        // As numbers of 32 bits, which some write it as, it is filled up with nulls.
        TiffEntry entry = TiffDirectory.Read(file, TiffDirectory.First(file)).FirstOrDefault(entry => entry.Tag == Iptc);
        return entry.Length is > 4 and <= PictureLimits.MaxMetadataBytes ? ImageResources.OfIptc(file.Slice(entry.Start, entry.Length).ToArray()) : null;
    }

    private static byte[]? ReadExif(ReadOnlySpan<byte> file)
    {
        using MemoryStream block = new();
        block.Write(file[..TiffDirectory.HeaderLength]);
        if (FindNote(file) is { Length: > 4 } note)
        {
            block.SetLength(note.Start);
            block.Position = note.Start;
            block.Write(file.Slice(note.Start, note.Length));
        }

        uint directory = Copy(file, TiffDirectory.First(file), depth: 0, block);
        if (directory == 0)
        {
            return null;
        }

        byte[] exif = block.ToArray();
        TiffDirectory.WriteLong(exif.AsSpan(4), directory, TiffDirectory.IsLittleEndian(file));
        return exif;
    }

    private static TiffEntry? FindNote(ReadOnlySpan<byte> file)
    {
        foreach (TiffEntry entry in TiffDirectory.Read(file, TiffDirectory.First(file)))
        {
            if (entry.Tag == Directories[0])
            {
                TiffEntry note = TiffDirectory.Read(file, TiffDirectory.Numbers(file, entry).FirstOrDefault()).FirstOrDefault(other => other.Tag == MakerNote);
                return note.Start is >= TiffDirectory.HeaderLength and <= FarthestNote ? note : null;
            }
        }

        return null;
    }

    private static uint Copy(ReadOnlySpan<byte> file, uint directory, int depth, MemoryStream block)
    {
        bool isLittleEndian = TiffDirectory.IsLittleEndian(file);
        List<byte[]> entries = [];
        foreach (TiffEntry entry in TiffDirectory.Read(file, directory))
        {
            bool isDirectory = Directories.Contains(entry.Tag);
            if (block.Length + entry.Length > PictureLimits.MaxMetadataBytes || (depth == 0 && !isDirectory && !Descriptions.Contains(entry.Tag)))
            {
                continue;
            }

            if (isDirectory)
            {
                uint to = depth < MostDepth ? Copy(file, TiffDirectory.Numbers(file, entry).FirstOrDefault(), depth + 1, block) : 0;
                if (to > 0)
                {
                    byte[] offset = new byte[4];
                    TiffDirectory.WriteLong(offset, to, isLittleEndian);
                    entries.Add(TiffDirectory.Entry(entry.Tag, TiffDirectory.LongType, offset, 0, isLittleEndian));
                }
            }
            else if (entry.IsInline)
            {
                entries.Add(entry.Raw);
            }
            else
            {
                bool stays = entry.Tag == MakerNote && entry.Start + entry.Length <= block.Length && entry.Start <= FarthestNote;
                entries.Add(TiffDirectory.Entry(entry.Tag, entry.Type, file.Slice(entry.Start, entry.Length), stays ? (uint)entry.Start : (uint)block.Length, isLittleEndian));
                if (!stays)
                {
                    block.Write(file.Slice(entry.Start, entry.Length));
                    block.Write(entry.Length % 2 == 1 ? [0] : []);
                }
            }
        }

        if (entries.Count == 0)
        {
            return 0;
        }

        uint start = (uint)block.Length;
        block.Write(TiffDirectory.Directory(entries, isLittleEndian));
        return start;
    }
}
