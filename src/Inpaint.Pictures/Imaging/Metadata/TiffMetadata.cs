using System.IO.Compression;

namespace Inpaint.Imaging.Metadata;

/// <summary>Reads what libvips ignores in a TIFF: whether gray is inverted; EXIF, which is made of the entries of the first directory that describe the picture; and IPTC, which has a tag of its own.</summary>
internal static class TiffMetadataReader
{
    private const ushort BitsPerSample = 0x0102;
    private const ushort Photometric = 0x0106;
    private const ushort Iptc = 0x83BB;
    private const ushort MakerNote = 0x927C;

    // In the first directory: description, make, model, program, date, artist, host, rating, copyright, and Windows' title, comment, author, keywords and subject.
    private static readonly ushort[] Descriptions = [0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x4746, 0x4749, 0x8298, 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F];

    // EXIF, GPS, interoperability.
    private static readonly ushort[] Directories = [0x8769, 0x8825, 0xA005];

    // Interoperability is below EXIF, which is below the first directory.
    private const int MaxDepth = 2;

    // A maker note keeps its offset, because its own offsets are relative to the file; up to here the space before it is padded.
    private const int MaxNoteOffset = 64 << 10;

    /// <summary>Adds EXIF and IPTC.</summary>
    /// <param name="metadata">The metadata that the library has read.</param>
    public static PictureMetadata Complete(PictureMetadata metadata, ReadOnlySpan<byte> file)
    {
        if (!TiffDirectory.IsTiff(file))
        {
            return metadata;
        }

        return metadata with { Exif = ReadExif(file), ImageResources = metadata.ImageResources ?? ReadIptc(file) };
    }

    /// <summary>Whether the samples are grays of 2 or 4 bits with 0 as white, which libvips inverts only at other depths.</summary>
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
        // Some programs write it as 32-bit numbers, padded with zeros.
        TiffEntry entry = TiffDirectory.Read(file, TiffDirectory.First(file)).FirstOrDefault(entry => entry.Tag == Iptc);
        return entry.Length is > 4 and <= PictureLimits.MaxMetadataBytes ? ImageResources.FromIptc(file.Slice(entry.Start, entry.Length).ToArray()) : null;
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
                return note.Start is >= TiffDirectory.HeaderLength and <= MaxNoteOffset ? note : null;
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
                uint to = depth < MaxDepth ? Copy(file, TiffDirectory.Numbers(file, entry).FirstOrDefault(), depth + 1, block) : 0;
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
                bool stays = entry.Tag == MakerNote && entry.Start + entry.Length <= block.Length && entry.Start <= MaxNoteOffset;
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

/// <summary>
/// Adds EXIF and IPTC to a TIFF: libvips cannot write EXIF, and truncates IPTC to a quarter. The EXIF block becomes the beginning of the file, and a new directory combines the
/// entries of both, so that all offsets inside the block stay valid, those of the maker note included.
/// </summary>
internal static class TiffMetadataWriter
{
    private const ushort StripOffsets = 0x0111;
    private const ushort StripLengths = 0x0117;
    private const ushort Iptc = 0x83BB;
    private const ushort BitsPerSample = 0x0102;

    // Entries about the samples of the picture that the block came with (size, layout, offsets, thumbnail, orientation), and those that are written anew.
    private static readonly ushort[] NotCopied =
    [
        0x00FE, 0x00FF, 0x0100, 0x0101, BitsPerSample, 0x0103, 0x0106, 0x010A, StripOffsets, 0x0112, 0x0115, 0x0116, StripLengths, 0x0118, 0x0119, 0x011C, 0x013D, 0x0140,
        0x0142, 0x0143, 0x0144, 0x0145, 0x014A, 0x0152, 0x0153, 0x0201, 0x0202, 0x0211, 0x0212, 0x0213, 0x0214, Iptc,
    ];

    /// <summary>Writes a file with EXIF and IPTC.</summary>
    /// <param name="file">The file as libvips has written it: one picture in strips, deflated.</param>
    /// <param name="metadata">The picture's metadata; an EXIF block that cannot be parsed is left out.</param>
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
        List<byte[]> entries = [.. described.Where(entry => !NotCopied.Contains(entry.Tag) && !own.Any(other => other.Tag == entry.Tag)).Select(entry => entry.Raw)];
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

    // 16-bit samples, and the differences between them, are in the file's byte order.
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

    // Values start at even offsets.
    private static void Align(MemoryStream target, int before)
    {
        if ((before + target.Length) % 2 == 1)
        {
            target.WriteByte(0);
        }
    }
}
