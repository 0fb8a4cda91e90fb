using Inpaint.Imaging.Metadata;
using NetVips;

namespace Inpaint.Imaging.Vips;

/// <summary>Scales and turns pictures.</summary>
internal static class VipsTransforms
{
    /// <summary>Turns and mirrors a picture so that its rows lie as it is to be seen; its metadata no longer ask for it.</summary>
    /// <param name="stored">The picture as its file stores it.</param>
    /// <param name="orientation">EXIF orientation, 2 to 8.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    public static Raster TurnUpright(Raster stored, int orientation, CancellationToken cancellationToken)
    {
        PictureMetadata asked = stored.Metadata;
        PictureMetadata metadata = asked with
        {
            Exif = asked.Exif is null ? null : ExifOrientation.WithNormal(asked.Exif),
            Xmp = ExifOrientation.WithNormalXmp(asked.Xmp),
            PixelsPerMetre = ExifOrientation.SwapsSides(orientation) && asked.PixelsPerMetre is { } density ? (density.Y, density.X) : asked.PixelsPerMetre,
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

    /// <summary>Scales with a Lanczos kernel of three lobes, colours weighted by their alpha.</summary>
    public static Raster Resize(Raster raster, int width, int height, CancellationToken cancellationToken)
    {
        using ImageChain chain = VipsRaster.Wrap(raster);
        double white = raster.BitDepth == 16 ? ushort.MaxValue : byte.MaxValue;
        if (raster.HasAlpha)
        {
            chain.Then(image => image.Premultiply(maxAlpha: white));
        }

        // Without a gap, nothing is averaged before the kernel sees it.
        chain.Then(image => image.Resize((double)width / raster.Width, Enums.Kernel.Lanczos3, gap: 0, vscale: (double)height / raster.Height));
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

/// <summary>Takes colours from one profile to another.</summary>
internal static class VipsColors
{
    // Of 255: what rounding and the tables of a profile take.
    private const int MaxDifference = 2;

    // Five values of each channel, from black to white.
    private const int CubeSide = 5;

    /// <summary>Whether a profile says what no profile says as well. One that cannot be used counts as such, because nobody can do better.</summary>
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

    /// <summary>A picture's colours in sRGB; without its profile, which says nothing about them any more.</summary>
    /// <param name="raster">An RGB picture with a profile.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    public static Raster ToSrgb(Raster raster, CancellationToken cancellationToken)
    {
        using ImageChain chain = VipsRaster.Wrap(raster);
        Attach(chain, raster.Metadata.IccProfile!);
        chain.Then(image => image.IccTransform("srgb", embedded: true, intent: Enums.Intent.Relative, blackPointCompensation: true, depth: raster.BitDepth));
        return Compute(chain, raster, raster.Metadata with { IccProfile = null, ColorChunks = [] }, cancellationToken);
    }

    /// <summary>An sRGB picture's colours as another profile says them.</summary>
    /// <param name="raster">An RGB picture in sRGB.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
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
