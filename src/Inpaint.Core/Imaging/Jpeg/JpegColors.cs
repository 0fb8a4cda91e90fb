using System.Runtime.CompilerServices;
using System.Threading.Tasks;

namespace Inpaint.Imaging.Jpeg;

/// <summary>What the components of a JPEG mean.</summary>
internal enum JpegColorModel
{
    Gray,
    Rgb,
    YCbCr,
    Cmyk,
    Ycck,
}

/// <summary>Makes a raster of a frame's components. Rows are independent of each other, so that all cores help.</summary>
internal static class JpegColors
{
    private const int RowsPerPart = 64;

    /// <summary>
    /// Which model a frame has, by the rules that libjpeg set: three components are YCbCr unless an Adobe segment or the letters R, G, B as their names say otherwise;
    /// four are CMYK unless an Adobe segment says YCCK.
    /// </summary>
    /// <param name="frame">The frame.</param>
    /// <param name="hasJfif">Whether there is a JFIF segment, which knows YCbCr only.</param>
    /// <param name="adobeTransform">The transform of the Adobe segment; null without one.</param>
    public static JpegColorModel Find(JpegFrame frame, bool hasJfif, int? adobeTransform)
    {
        if (frame.Components.Length == 4)
        {
            return adobeTransform == 2 ? JpegColorModel.Ycck : JpegColorModel.Cmyk;
        }

        if (frame.Components.Length == 1)
        {
            return JpegColorModel.Gray;
        }

        if (hasJfif || adobeTransform is not null)
        {
            return !hasJfif && adobeTransform == 0 ? JpegColorModel.Rgb : JpegColorModel.YCbCr;
        }

        bool isNamedRgb = frame.Components[0].Id == 'R' && frame.Components[1].Id == 'G' && frame.Components[2].Id == 'B';
        return isNamedRgb ? JpegColorModel.Rgb : JpegColorModel.YCbCr;
    }

    /// <summary>Converts the decoded components: gray stays gray, everything else becomes RGB.</summary>
    public static Raster Convert(JpegFrame frame, JpegColorModel model, PictureMetadata metadata, CancellationToken cancellationToken)
    {
        var raster = new Raster(frame.Width, frame.Height, model == JpegColorModel.Gray ? 1 : 3) { Metadata = metadata };
        int parts = (frame.Height + RowsPerPart - 1) / RowsPerPart;
        Parallel.For(0, parts, new ParallelOptions { CancellationToken = cancellationToken }, part =>
        {
            JpegUpsampler[] upsamplers = [.. frame.Components.Select(c => new JpegUpsampler(c, frame))];
            byte[][] scratch = [.. upsamplers.Select(u => new byte[u.RowLength])];
            int end = Math.Min(frame.Height, (part + 1) * RowsPerPart);
            for (int y = part * RowsPerPart; y < end; y++)
            {
                ReadOnlySpan<byte> first = upsamplers[0].Row(y, scratch[0]);
                Span<byte> target = raster.Row(y);
                if (model == JpegColorModel.Gray)
                {
                    first[..target.Length].CopyTo(target);
                    continue;
                }

                ReadOnlySpan<byte> second = upsamplers[1].Row(y, scratch[1]);
                ReadOnlySpan<byte> third = upsamplers[2].Row(y, scratch[2]);
                if (model is JpegColorModel.YCbCr or JpegColorModel.Ycck)
                {
                    FromYCbCr(first, second, third, target);
                }
                else
                {
                    Interleave(first, second, third, target);
                }

                if (model is JpegColorModel.Cmyk or JpegColorModel.Ycck)
                {
                    AddBlack(upsamplers[3].Row(y, scratch[3]), target, isInverted: model == JpegColorModel.Cmyk);
                }
            }
        });
        return raster;
    }

    // ITU-R BT.601 in 16-bit fixed point, as JFIF prescribes.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FromYCbCr(ReadOnlySpan<byte> lumas, ReadOnlySpan<byte> blues, ReadOnlySpan<byte> reds, Span<byte> target)
    {
        int width = target.Length / 3;
        lumas = lumas[..width];
        blues = blues[..width];
        reds = reds[..width];
        for (int x = 0, at = 0; x < lumas.Length && at + 2 < target.Length; x++, at += 3)
        {
            int y = (lumas[x] << 16) + 32768;
            int cb = blues[x] - 128;
            int cr = reds[x] - 128;
            target[at] = Clamp((y + (91881 * cr)) >> 16);
            target[at + 1] = Clamp((y - (22554 * cb) - (46802 * cr)) >> 16);
            target[at + 2] = Clamp((y + (116130 * cb)) >> 16);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Interleave(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, Span<byte> target)
    {
        for (int x = 0, at = 0; at + 2 < target.Length; x++, at += 3)
        {
            target[at] = first[x];
            target[at + 1] = second[x];
            target[at + 2] = third[x];
        }
    }

    // CMYK is stored inverted (255: no ink) by every program that writes it, after Adobe's example; then light is the product of what the inks let through.
    // For YCCK the three colours come out of the conversion as ink, 255 minus which is what FromYCbCr left.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddBlack(ReadOnlySpan<byte> blacks, Span<byte> target, bool isInverted)
    {
        for (int x = 0, at = 0; at + 2 < target.Length; x++, at += 3)
        {
            int black = blacks[x];
            for (int c = at; c < at + 3; c++)
            {
                int light = isInverted ? target[c] : 255 - target[c];
                target[c] = (byte)(((light * black) + 127) / 255);
            }
        }
    }

    private static byte Clamp(int value) => (byte)((uint)value <= 255 ? value : value < 0 ? 0 : 255);
}
