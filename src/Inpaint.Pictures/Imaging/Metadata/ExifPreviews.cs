namespace Inpaint.Imaging.Metadata;

/// <summary>
/// Removes previews from an EXIF block: the thumbnail in its second directory (EXIF 2.32, section 4.5.5), pictures in sub-directories and in tags of their own, and the
/// previews in the maker notes of cameras. In a repainted picture they would still show what was removed, to file managers and to anybody who looks.
/// </summary>
internal static class ExifPreviews
{
    private const int HeaderLength = TiffDirectory.HeaderLength;
    private const int EntryLength = TiffDirectory.EntryLength;
    private const ushort LongType = TiffDirectory.LongType;
    private const ushort MakerNote = 0x927C;

    // No program knows this tag, so that none looks for a picture there. Entries of maker notes are overwritten in place, because offsets to them are everywhere.
    private const ushort UnknownTag = 0xFFFF;

    // Cameras write ten at most; a hostile file may have many.
    private const int MaxDirectories = 64;

    // Cameras pad previews, and count the padding as part of their length.
    private const int MaxPadding = 1024;

    // Some maker notes have a header before their own TIFF structure.
    private const int MaxNoteHeadLength = 64;

    // A smaller number may equal the length of a picture by chance.
    private const int MinPreviewLength = 128;

    // Offsets and lengths: JPEG, strips, tiles.
    private static readonly (ushort Offset, ushort Length)[] ImageTags = [(0x0201, 0x0202), (0x0111, 0x0117), (0x0144, 0x0145)];

    // JpgFromRaw, SubIFDs, XMP, image resources, layers, DNG private data, the original raw file: they contain pictures, or repeat what is elsewhere in the file.
    private static readonly ushort[] HidingTags = [0x002E, SubDirectories, 0x02BC, 0x8649, 0x935C, 0xC634, 0xC68C];
    private static readonly ushort[] KeptDirectories = [0x8769, 0x8825, 0xA005];

    private const ushort SubDirectories = 0x014A;

    /// <summary>Removes the previews.</summary>
    /// <param name="exif">A TIFF structure; null for none.</param>
    /// <returns>A copy of the same length, with zeros in their place and no reference to them; the block itself when it has none, or cannot be parsed.</returns>
    public static byte[]? Without(byte[]? exif)
    {
        if (!TiffDirectory.IsTiff(exif))
        {
            return exif;
        }

        Block block = new([.. exif!], TiffDirectory.IsLittleEndian(exif));
        block.Clean(block.Long(4), isKept: true);
        List<(int Start, int Length)> streams = JpegStreams.Find(block.Bytes);
        streams.ForEach(stream => block.Bytes.AsSpan(stream.Start, stream.Length).Clear());
        (int Start, int Length)[] previews = [.. streams.Where(stream => stream.Length >= MinPreviewLength).OrderBy(stream => stream.Length)];
        block.DisguiseReferences(previews, bigEndian: false);
        block.DisguiseReferences(previews, bigEndian: true);
        return block.Bytes.AsSpan().SequenceEqual(exif) ? exif : block.Bytes;
    }

    /// <summary>A TIFF structure that is being cleaned.</summary>
    private sealed class Block(byte[] bytes, bool isLittleEndian)
    {
        private readonly HashSet<uint> visited = [];
        private (int Start, int Length) makerNote;

        public byte[] Bytes => bytes;

        public uint Long(long at) => TiffDirectory.Long(bytes.AsSpan((int)at), isLittleEndian);

        private ushort Short(long at) => TiffDirectory.Short(bytes.AsSpan((int)at), isLittleEndian);

        /// <summary>Removes the pictures of a directory and of those that follow it. Only the first directory of a file describes the picture itself.</summary>
        /// <param name="directory">Its offset.</param>
        /// <param name="isKept">Whether the directory stays; otherwise nothing refers to it afterwards.</param>
        public void Clean(uint directory, bool isKept)
        {
            // A directory is a count, its entries, and the offset of the next one.
            if (directory < HeaderLength || directory > bytes.Length - 2 || visited.Count == MaxDirectories || !visited.Add(directory))
            {
                return;
            }

            int count = Short(directory);
            long next = directory + 2 + ((long)EntryLength * count);
            if (next > bytes.Length)
            {
                return;
            }

            ClearImages(directory, count);
            int left = count;
            for (int i = count - 1; i >= 0; i--)
            {
                long at = directory + 2 + ((long)EntryLength * i);
                if (!CleanEntry(at) && isKept)
                {
                    bytes.AsSpan((int)at + EntryLength, (int)(directory + 2 + ((long)EntryLength * left) - at) - EntryLength).CopyTo(bytes.AsSpan((int)at));
                    left--;
                }
            }

            uint following = next + 4 <= bytes.Length ? Long(next) : 0;
            if (isKept && (left < count || following != 0))
            {
                bytes.AsSpan((int)(directory + 2 + ((long)EntryLength * left)), (int)(Math.Min(bytes.Length, next + 4) - directory - 2 - ((long)EntryLength * left))).Clear();
                TiffDirectory.WriteShort(bytes.AsSpan((int)directory), (ushort)left, isLittleEndian);
            }

            Clean(following, isKept: false);
        }

        /// <summary>Disguises the entries of the maker note that refer to pictures: one entry with length and offset, or two entries, one for each.</summary>
        /// <param name="previews">The pictures, ordered by length.</param>
        /// <param name="bigEndian">The byte order of the note, which may differ from that of the block.</param>
        public void DisguiseReferences((int Start, int Length)[] previews, bool bigEndian)
        {
            int[] lengths = [.. previews.Select(preview => preview.Length)];
            Span<byte> note = bytes.AsSpan(makerNote.Start, makerNote.Length);
            for (int at = 0; lengths.Length > 0 && at + EntryLength <= note.Length; at++)
            {
                (ushort type, uint count, uint value) = Entry(note[at..], bigEndian);
                if (type is 1 or 7 && StartOf(count) is int start && Leads(value, start))
                {
                    Disguise(note.Slice(at, EntryLength), bigEndian);
                }
                else if (type == LongType && count == 1 && StartOf(value) is int other)
                {
                    // Most have the length after the offset, Pentax and Casio before it.
                    foreach (int beside in (int[])[at - EntryLength, at + EntryLength])
                    {
                        if (beside >= 0 && beside + EntryLength <= note.Length && Entry(note[beside..], bigEndian) is (LongType or 13, 1, uint offset) && Leads(offset, other))
                        {
                            Disguise(note.Slice(at, EntryLength), bigEndian);
                            Disguise(note.Slice(beside, EntryLength), bigEndian);
                            break;
                        }
                    }
                }
            }

            int? StartOf(uint length)
            {
                int found = length <= bytes.Length ? Array.BinarySearch(lengths, (int)length) : -1;
                found = found < -1 ? ~found - 1 : found;
                return found >= 0 && length - lengths[found] < MaxPadding ? previews[found].Start : null;
            }

            // Offsets are relative to the block, to the note, or to a TIFF structure inside the note.
            bool Leads(uint offset, int start) => start >= offset && start - offset <= makerNote.Start + MaxNoteHeadLength;
        }

        private static (ushort Type, uint Count, uint Value) Entry(ReadOnlySpan<byte> entry, bool bigEndian) =>
            (TiffDirectory.Short(entry[2..], !bigEndian), TiffDirectory.Long(entry[4..], !bigEndian), TiffDirectory.Long(entry[8..], !bigEndian));

        // An entry with one byte, 0.
        private static void Disguise(Span<byte> entry, bool bigEndian)
        {
            entry.Clear();
            TiffDirectory.WriteShort(entry, UnknownTag, isLittleEndian: true);
            entry[bigEndian ? 3 : 2] = 1;
            entry[bigEndian ? 7 : 4] = 1;
        }

        /// <summary>Clears the pictures to which a directory refers by offsets and lengths.</summary>
        private void ClearImages(uint directory, int count)
        {
            foreach ((ushort offsetTag, ushort lengthTag) in ImageTags)
            {
                foreach ((uint offset, uint length) in Values(directory, count, offsetTag).Zip(Values(directory, count, lengthTag)))
                {
                    if (offset >= HeaderLength && (long)offset + length <= bytes.Length)
                    {
                        bytes.AsSpan((int)offset, (int)length).Clear();
                    }
                }
            }
        }

        private uint[] Values(uint directory, int count, ushort tag)
        {
            for (int i = 0; i < count; i++)
            {
                long at = directory + 2 + ((long)EntryLength * i);
                if (Short(at) == tag && Short(at + 2) is 3 or LongType && Data(at) is (long start, long length))
                {
                    int size = TiffDirectory.SizeOf(Short(at + 2));
                    return [.. Enumerable.Range(0, (int)(length / size)).Select(n => size == 2 ? Short(start + (size * n)) : Long(start + (size * n)))];
                }
            }

            return [];
        }

        /// <summary>Cleans what one entry refers to.</summary>
        /// <returns>Whether it may stay.</returns>
        private bool CleanEntry(long at)
        {
            ushort tag = Short(at);
            if (Data(at) is not (long start, long length))
            {
                return !HidingTags.Contains(tag);
            }

            if (KeptDirectories.Contains(tag))
            {
                Clean(Long(at + 8), isKept: true);
            }
            else if (tag == MakerNote)
            {
                makerNote = ((int)start, (int)length);
            }
            else if (tag == SubDirectories)
            {
                for (long part = start; part + 4 <= start + length; part += 4)
                {
                    Clean(Long(part), isKept: false);
                }
            }
            else if (HidingTags.Contains(tag) && length > 4)
            {
                bytes.AsSpan((int)start, (int)length).Clear();
            }

            return !HidingTags.Contains(tag) && !ImageTags.Any(tags => tag == tags.Offset || tag == tags.Length);
        }

        /// <summary>Where an entry's value is: in its last four bytes, or at the offset that they state.</summary>
        private (long Start, long Length)? Data(long at)
        {
            long length = (long)TiffDirectory.SizeOf(Short(at + 2)) * Long(at + 4);
            long start = length <= 4 ? at + 8 : Long(at + 8);
            return length > 0 && start >= HeaderLength && start + length <= bytes.Length ? (start, length) : null;
        }
    }
}
