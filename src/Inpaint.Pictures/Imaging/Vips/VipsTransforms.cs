using Inpaint.Imaging.Metadata;
using NetVips;

namespace Inpaint.Imaging.Vips;

/// <summary>Scales and rotates pictures.</summary>
internal static class VipsTransforms
{
    /// <summary>Rotates and mirrors a picture as its EXIF orientation says, and resets the orientation in its metadata.</summary>
    /// <param name="stored">The picture as its file stores it.</param>
    /// <param name="orientation">EXIF orientation, 2 to 8.</param>
    public static Raster TurnUpright(Raster stored, int orientation, CancellationToken cancellationToken)
    {
        PictureMetadata original = stored.Metadata;
        PictureMetadata metadata = original with
        {
            Exif = original.Exif is null ? null : ExifOrientation.WithNormal(original.Exif),
            Xmp = ExifOrientation.WithNormalXmp(original.Xmp),
            PixelsPerMetre = ExifOrientation.SwapsSides(orientation) && original.PixelsPerMetre is { } density ? (density.Y, density.X) : original.PixelsPerMetre,
        };
        using ImageChain chain = VipsRaster.Wrap(stored);
        if (orientation is 2 or 4 or 5 or 7)
        {
            chain.Then(image => image.FlipHor());
        }

        chain.Then(image => orientation switch
        {
            3 or 4 => image.Rot180(),
            6 or 7 => image.Rot90(),
            5 or 8 => image.Rot270(),
            _ => image.Copy(),
        });
        return Compute(chain, stored.BitDepth, metadata, cancellationToken);
    }

    private const int MaxKernelFactor = 64;

    /// <summary>Scales with a Lanczos kernel (three lobes), colours weighted by alpha.</summary>
    public static Raster Resize(Raster raster, int width, int height, CancellationToken cancellationToken)
    {
        using ImageChain chain = VipsRaster.Wrap(raster);
        double white = raster.BitDepth == 16 ? ushort.MaxValue : byte.MaxValue;
        if (raster.HasAlpha)
        {
            chain.Then(image => image.Premultiply(maxAlpha: white));
        }

        // The kernel cannot span more than about 300 pixels for each pixel of the result, so a much larger picture is averaged first.
        int across = Math.Max(1, raster.Width / width / MaxKernelFactor);
        int down = Math.Max(1, raster.Height / height / MaxKernelFactor);
        if (across > 1 || down > 1)
        {
            chain.Then(image => image.Shrink(across, down, ceil: true));
        }

        // A gap would average pixels before the kernel is applied.
        chain.Then(image => image.Resize((double)width / image.Width, Enums.Kernel.Lanczos3, gap: 0, vscale: (double)height / image.Height));
        if (raster.HasAlpha)
        {
            chain.Then(image => image.Unpremultiply(maxAlpha: white));
            chain.Then(image => image.Rint());
            chain.Then(image => image.Cast(raster.BitDepth == 16 ? Enums.BandFormat.Ushort : Enums.BandFormat.Uchar));
        }

        return Compute(chain, raster.BitDepth, raster.Metadata, cancellationToken);
    }

    private static Raster Compute(ImageChain chain, int bitDepth, PictureMetadata metadata, CancellationToken cancellationToken)
    {
        Raster made = new(chain.Current.Width, chain.Current.Height, chain.Current.Bands, bitDepth) { Metadata = metadata };
        VipsRaster.CopyParts(chain.Current, made, cancellationToken);
        return made;
    }
}

/// <summary>Converts colours between profiles.</summary>
internal static class VipsColors
{
    // In steps of 8-bit samples: the rounding error of a profile's tables.
    private const int MaxDifference = 2;

    // Values per channel, from black to white.
    private const int CubeSide = 5;

    /// <summary>Whether a profile is equivalent to sRGB, which is assumed without one. A profile that cannot be used counts as equivalent, because there is nothing better to assume.</summary>
    public static bool IsSrgb(byte[] profile)
    {
        Raster cube = new(CubeSide * CubeSide, CubeSide, 3) { Metadata = new PictureMetadata { IccProfile = profile } };
        for (int i = 0; i < cube.Data.Length; i++)
        {
            int color = i / 3;
            cube.Data[i] = (byte)((i % 3) switch { 0 => color % CubeSide, 1 => color / CubeSide % CubeSide, _ => color / (CubeSide * CubeSide) } * byte.MaxValue / (CubeSide - 1));
        }

        try
        {
            Raster same = ToSrgb(cube, CancellationToken.None);
            return !cube.Data.Zip(same.Data).Any(pair => Math.Abs(pair.First - pair.Second) > MaxDifference);
        }
        catch (VipsException)
        {
            return true;
        }
    }

    /// <summary>Converts a picture to sRGB, and removes its profile, which no longer applies.</summary>
    /// <param name="raster">An RGB picture with a profile.</param>
    public static Raster ToSrgb(Raster raster, CancellationToken cancellationToken)
    {
        using ImageChain chain = VipsRaster.Wrap(raster);
        Attach(chain, raster.Metadata.IccProfile!);
        chain.Then(image => image.IccTransform("srgb", embedded: true, intent: Enums.Intent.Relative, blackPointCompensation: true, depth: raster.BitDepth));
        return Compute(chain, raster, raster.Metadata with { IccProfile = null, ColorChunks = [] }, cancellationToken);
    }

    /// <summary>Converts an sRGB picture to another profile.</summary>
    /// <param name="raster">An RGB picture in sRGB.</param>
    /// <param name="profile">The profile.</param>
    public static Raster FromSrgb(Raster raster, byte[] profile, CancellationToken cancellationToken)
    {
        using ImageChain chain = VipsRaster.Wrap(raster);
        chain.Then(image => image.IccImport(inputProfile: "srgb", intent: Enums.Intent.Relative, blackPointCompensation: true));
        Attach(chain, profile);
        chain.Then(image => image.IccExport(intent: Enums.Intent.Relative, blackPointCompensation: true, depth: raster.BitDepth));
        return Compute(chain, raster, raster.Metadata with { IccProfile = profile, ColorChunks = [] }, cancellationToken);
    }

    private static void Attach(ImageChain chain, byte[] profile) => chain.Then(image => image.Mutate(changed => changed.Set(GValue.BlobType, "icc-profile-data", profile)));

    private static Raster Compute(ImageChain chain, Raster from, PictureMetadata metadata, CancellationToken cancellationToken)
    {
        Raster made = new(from.Width, from.Height, chain.Current.Bands, from.BitDepth) { Metadata = metadata };
        VipsRaster.CopyParts(chain.Current, made, cancellationToken);
        return made;
    }
}
