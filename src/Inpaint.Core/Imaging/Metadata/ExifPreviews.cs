namespace Inpaint.Imaging.Metadata;

/// <summary>
/// The small pictures in an EXIF block: the thumbnail in its second directory (EXIF 2.32, section 4.5.5), pictures in sub-directories and in tags of their own, and the
/// previews that cameras put into their maker notes. In a picture that has been changed they would still show what has gone, to file managers and to whoever looks for it.
/// </summary>
internal static class ExifPreviews
{
    private const int HeaderLength = TiffDirectory.HeaderLength;
    private const int EntryLength = TiffDirectory.EntryLength;
    private const ushort LongType = TiffDirectory.LongType;
    private const ushort MakerNote = 0x927C;

    // No program knows an entry of this tag, so that none looks for a picture behind it. Maker notes have offsets all over, for which their entries must stay where they are.
    private const ushort UnknownTag = 0xFFFF;

    // Cameras write ten at most; a file that was made to be a burden has many.
    private const int MaxDirectories = 64;

    // Behind the end of a preview cameras leave padding that its length counts.
    private const int MaxPadding = 1024;

    // What stands in a maker note before the block of its own that some have.
    private const int MaxNoteHeadLength = 64;

    // A number as small as that may be the length of a picture by chance.
    private const int MinPreviewLength = 128;

    // Where they begin, and how long they are: JPEG, strips, tiles.
    private static readonly (ushort Offset, ushort Length)[] ImageTags = [(0x0201, 0x0202), (0x0111, 0x0117), (0x0144, 0x0145)];

    // JpgFromRaw, SubIFDs, XMP, image resources, layers, DNG private data, the original raw file: what they hold for a picture of its own, or is said elsewhere in a file.
    private static readonly ushort[] HidingTags = [0x002E, SubDirectories, 0x02BC, 0x8649, 0x935C, 0xC634, 0xC68C];
    private static readonly ushort[] KeptDirectories = [0x8769, 0x8825, 0xA005];

    private const ushort SubDirectories = 0x014A;

    /// <summary>The block without its small pictures.</summary>
    /// <param name="exif">A TIFF structure; null for none.</param>
    /// <returns>A copy of the same length, with nulls where they were and nothing that leads there; the block itself when it has none, or cannot be followed.</returns>
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
        block.Forget(previews, bigEndian: false);
        block.Forget(previews, bigEndian: true);
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

        /// <summary>Takes the pictures out of a directory, and what follows it: of those in a file, the first alone is about the picture itself.</summary>
        /// <param name="directory">Where it is.</param>
        /// <param name="isKept">Whether it stays, or nothing leads to it any more.</param>
        public void Clean(uint directory, bool isKept)
        {
            // A directory is a count, its entries, and where the next one begins.
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

        /// <summary>Makes entries of the maker note nobody's that lead to pictures: a value of the length of one with where it is, or its offset and its length as two entries.</summary>
        /// <param name="previews">The pictures, by their length.</param>
        /// <param name="bigEndian">How the note writes numbers, which need not be as the block does.</param>
        public void Forget((int Start, int Length)[] previews, bool bigEndian)
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
                    // Most have the length behind the offset, Pentax and Casio before it.
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

            // Offsets count from the block's beginning, from the note's, or from one of a block of its own in the note.
            bool Leads(uint offset, int start) => start >= offset && start - offset <= makerNote.Start + MaxNoteHeadLength;
        }

        private static (ushort Type, uint Count, uint Value) Entry(ReadOnlySpan<byte> entry, bool bigEndian) =>
            (TiffDirectory.Short(entry[2..], !bigEndian), TiffDirectory.Long(entry[4..], !bigEndian), TiffDirectory.Long(entry[8..], !bigEndian));

        // One byte, a null.
        private static void Disguise(Span<byte> entry, bool bigEndian)
        {
            entry.Clear();
            TiffDirectory.WriteShort(entry, UnknownTag, isLittleEndian: true);
            entry[bigEndian ? 3 : 2] = 1;
            entry[bigEndian ? 7 : 4] = 1;
        }

        /// <summary>Clears the pictures that a directory has as offsets and lengths, one or several of each.</summary>
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

        /// <summary>Looks at one entry, and cleans what it leads to.</summary>
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

        /// <summary>Where an entry's value is: in its last four bytes, or where these say.</summary>
        private (long Start, long Length)? Data(long at)
        {
            long length = (long)TiffDirectory.SizeOf(Short(at + 2)) * Long(at + 4);
            long start = length <= 4 ? at + 8 : Long(at + 8);
            return length > 0 && start >= HeaderLength && start + length <= bytes.Length ? (start, length) : null;
        }
    }
}
