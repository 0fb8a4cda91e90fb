using System.Numerics;
using System.Runtime.InteropServices;

namespace Inpaint.Imaging.Masks;

/// <summary>Reads masks from pictures of any layout.</summary>
internal static class MaskReader
{
    /// <summary>Decodes a picture file and makes a mask of it.</summary>
    /// <exception cref="InpaintException">ImageUnsupported or ImageTooLarge, as when decoding; InvalidParameter: <see cref="MaskMode.Alpha"/> for a mask without alpha.</exception>
    public static Mask Read(Stream stream, string name, MaskMode mode, PictureLimits? limits = null, CancellationToken cancellationToken = default) =>
        FromRaster(Pictures.Decode(stream, name, limits, cancellationToken), name, mode);

    /// <summary>
    /// Makes a mask of a decoded picture. Every pixel is either repainted or kept: by luminance (Rec. 601, repainted from 128 of 255 on, or below that for
    /// <see cref="MaskMode.Black"/>), or by alpha (repainted below 128). In a mask with alpha that is read by luminance, pixels of an alpha below 128 are kept whatever
    /// their colour, because editors leave any colour behind where nothing was painted.
    /// </summary>
    /// <exception cref="InpaintException">InvalidParameter: <see cref="MaskMode.Alpha"/> for a mask without alpha.</exception>
    public static Mask FromRaster(Raster raster, string name, MaskMode mode)
    {
        if (mode == MaskMode.Alpha && !raster.HasAlpha)
        {
            throw new InpaintException(
                InpaintErrorId.InvalidParameter,
                $"{name} has no transparency, which MaskMode Alpha reads.")
            {
                Parameter = "MaskMode",
                Subject = name,
                RecommendedAction = "Choose MaskMode White or Black, or save the mask with an alpha channel.",
            };
        }

        byte[] coverage = new byte[raster.Width * raster.Height];
        (bool wasBinary, int grays) = raster.BitDepth == 16
            ? Threshold<ushort>(raster, MemoryMarshal.Cast<byte, ushort>(raster.Data), mode, ushort.MaxValue, coverage)
            : Threshold<byte>(raster, raster.Data, mode, byte.MaxValue, coverage);
        return new Mask(raster.Width, raster.Height, coverage) { WasBinary = wasBinary, GrayShare = (double)grays / coverage.Length };
    }

    private static (bool WasBinary, int Grays) Threshold<T>(Raster raster, ReadOnlySpan<T> samples, MaskMode mode, int white, Span<byte> coverage)
        where T : unmanaged, IBinaryInteger<T>
    {
        int channels = raster.Channels;
        int half = (white + 1) / 2;
        int quarter = (white + 1) / 4;
        bool wasBinary = true;
        int grays = 0;
        for (int i = 0; i < coverage.Length; i++)
        {
            ReadOnlySpan<T> pixel = samples.Slice(i * channels, channels);
            int alpha = raster.HasAlpha ? Value(pixel[^1]) : white;
            if (mode == MaskMode.Alpha)
            {
                coverage[i] = alpha < half ? (byte)255 : (byte)0;
                wasBinary &= alpha == 0 || alpha == white;
                grays += alpha > quarter && alpha < white - quarter ? 1 : 0;
                continue;
            }

            int luminance = channels < 3 ? Value(pixel[0]) : Luminance(Value(pixel[0]), Value(pixel[1]), Value(pixel[2]));
            bool isMarked = (mode == MaskMode.White) == (luminance >= half);
            coverage[i] = isMarked && alpha >= half ? (byte)255 : (byte)0;
            grays += alpha >= half && luminance > quarter && luminance < white - quarter ? 1 : 0;
            wasBinary &= alpha == 0 || (alpha == white && IsBlackOrWhite(pixel[..raster.ColorChannels], white));
        }

        return (wasBinary, grays);
    }

    private static bool IsBlackOrWhite<T>(ReadOnlySpan<T> colors, int white)
        where T : unmanaged, IBinaryInteger<T>
    {
        int first = Value(colors[0]);
        return (first == 0 || first == white) && !colors.ContainsAnyExcept(colors[0]);
    }

    private static int Value<T>(T sample)
        where T : unmanaged, IBinaryInteger<T> => int.CreateTruncating(sample);

    private static int Luminance(int red, int green, int blue) => ((299 * red) + (587 * green) + (114 * blue) + 500) / 1000;
}
