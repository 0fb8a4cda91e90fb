using System.Buffers.Binary;

namespace Inpaint.Imaging.Metadata;

/// <summary>
/// Photoshop's image resources (Adobe Photoshop File Formats Specification, "Image Resource Blocks"): a signature, a number, a name, a length, the content. They contain
/// IPTC and, sometimes, previews.
/// </summary>
internal static class ImageResources
{
    private const ushort OldThumbnail = 1033;
    private const ushort Thumbnail = 1036;
    private const ushort Iptc = 1028;
    private const ushort IptcDigest = 1061;
    private const ushort Exif = 1058;
    private const ushort Xmp = 1060;

    // Application record of IPTC (IIM 4.2): format, version and data of a preview.
    private const int ApplicationRecord = 2;
    private const int FirstPreviewSet = 200;
    private const int LastPreviewSet = 202;

    /// <summary>Finds the IPTC among the resources, which a TIFF has in a tag of its own as well; null for none.</summary>
    /// <param name="resources">The resources; null for none.</param>
    public static byte[]? ReadIptc(byte[]? resources) =>
        resources is null ? null : Blocks(resources).Where(block => block.Number == Iptc).Select(block => resources[block.Content..(block.Content + block.Length)]).FirstOrDefault();

    /// <summary>Makes resources that contain only IPTC; null for none.</summary>
    /// <param name="iptc">The IPTC; null for none.</param>
    public static byte[]? FromIptc(byte[]? iptc)
    {
        if (iptc is null)
        {
            return null;
        }

        byte[] head = [.. "8BIM"u8, Iptc >> 8, Iptc & byte.MaxValue, 0, 0, 0, 0, 0, 0];
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(head.Length - 4), iptc.Length);
        return [.. head, .. iptc, .. iptc.Length % 2 == 1 ? (byte[])[0] : []];
    }

    /// <summary>Removes previews.</summary>
    /// <param name="resources">The resources; null for none.</param>
    /// <returns>The resources themselves when there are no previews; null when nothing is left.</returns>
    public static byte[]? WithoutPreviews(byte[]? resources)
    {
        if (resources is null)
        {
            return null;
        }

        using MemoryStream kept = new();
        int at = 0;
        bool isIptcChanged = false;
        Span<byte> size = stackalloc byte[4];
        foreach ((int start, int end, ushort number, int content, int length) in Blocks(resources))
        {
            byte[] old = resources[content..(content + length)];
            byte[]? cleaned = Cleaned(number, old);
            isIptcChanged |= number == Iptc && !ReferenceEquals(cleaned, old);
            if (ReferenceEquals(cleaned, old))
            {
                kept.Write(resources.AsSpan(start, end - start));
            }
            else if (cleaned is not null)
            {
                BinaryPrimitives.WriteInt32BigEndian(size, cleaned.Length);
                kept.Write(resources.AsSpan(start, content - 4 - start));
                kept.Write(size);
                kept.Write(cleaned);
                kept.Write(cleaned.Length % 2 == 1 ? [0] : []);
            }

            at = end;
        }

        // What cannot be parsed is kept: a program may write blocks of its own.
        if (!JpegStreams.AreIn(resources.AsSpan(at)))
        {
            kept.Write(resources.AsSpan(at));
        }

        byte[] all = kept.ToArray();
        all = isIptcChanged ? Without(all, IptcDigest) : all;
        return all.Length == 0 ? null : all.AsSpan().SequenceEqual(resources) ? resources : all;
    }

    private static byte[]? Cleaned(ushort number, byte[] content) => number switch
    {
        Thumbnail or OldThumbnail => null,
        Iptc => WithoutPreviewSets(content),
        Exif => ExifPreviews.Without(content),
        Xmp => XmpPreviews.Without(content),
        _ => JpegStreams.AreIn(content) ? null : content,
    };

    private static byte[] Without(byte[] resources, ushort number) =>
        Blocks(resources).Where(block => block.Number == number).Select(block => (byte[])[.. resources[..block.Start], .. resources[block.End..]]).FirstOrDefault(resources);

    private static IEnumerable<(int Start, int End, ushort Number, int Content, int Length)> Blocks(byte[] resources)
    {
        const int FixedHead = 6;
        for (int start = 0; start + FixedHead + 6 <= resources.Length;)
        {
            // The name starts with its length; it and the content are padded to an even length.
            int content = start + FixedHead + ((resources[start + FixedHead] + 2) & ~1) + 4;
            bool isBlock = resources.AsSpan(start).StartsWith("8BIM"u8) || resources.AsSpan(start, 4) is [(byte)'M', (byte)'e', (byte)'S', (byte)'a'] or [(byte)'P', (byte)'H', (byte)'U', (byte)'T'] or [(byte)'A', (byte)'g', (byte)'H', (byte)'g'] or [(byte)'D', (byte)'C', (byte)'S', (byte)'R'];
            if (!isBlock || content > resources.Length)
            {
                yield break;
            }

            uint length = BinaryPrimitives.ReadUInt32BigEndian(resources.AsSpan(content - 4));
            if (length > resources.Length - content)
            {
                yield break;
            }

            int end = Math.Min(resources.Length, content + (int)length + (int)(length & 1));
            yield return (start, end, BinaryPrimitives.ReadUInt16BigEndian(resources.AsSpan(start + 4)), content, (int)length);
            start = end;
        }
    }

    /// <summary>Removes previews from IPTC. A data set begins with 0x1C, its record and number, and a 16-bit length or, with the highest bit set, the length of its length.</summary>
    private static byte[]? WithoutPreviewSets(byte[] iptc)
    {
        List<byte> kept = [];
        int at = 0;
        while (at + 5 <= iptc.Length && iptc[at] == 0x1C)
        {
            int content = at + 5;
            long length = BinaryPrimitives.ReadUInt16BigEndian(iptc.AsSpan(at + 3));
            if (length > short.MaxValue)
            {
                int digits = (int)length & short.MaxValue;
                if (digits is < 1 or > 4 || content + digits > iptc.Length)
                {
                    break;
                }

                length = iptc.AsSpan(content, digits).ToArray().Aggregate(0L, (value, digit) => (value << 8) | digit);
                content += digits;
            }

            if (length > iptc.Length - content)
            {
                break;
            }

            int end = content + (int)length;
            bool isPreview = (iptc[at + 1] == ApplicationRecord && iptc[at + 2] is >= FirstPreviewSet and <= LastPreviewSet) || JpegStreams.AreIn(iptc.AsSpan(content, (int)length));
            kept.AddRange(isPreview ? [] : iptc.AsSpan(at, end - at));
            at = end;
        }

        kept.AddRange(JpegStreams.AreIn(iptc.AsSpan(at)) ? [] : iptc.AsSpan(at));
        return kept.Count == iptc.Length ? iptc : kept.Count == 0 ? null : [.. kept];
    }
}
