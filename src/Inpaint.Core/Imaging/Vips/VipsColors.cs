using Inpaint.Imaging.Metadata;
using NetVips;

namespace Inpaint.Imaging.Vips;

/// <summary>Takes colours from one profile to another.</summary>
internal static class VipsColors
{
    // Of 255: what rounding and the tables of a profile take.
    private const int MostDifference = 2;

    // Five values of each channel, from black to white.
    private const int CubeSide = 5;

    /// <summary>Whether a profile says what no profile says as well. One that cannot be used counts as such, because nobody can do better.</summary>
    /// <param name="profile">An RGB profile.</param>
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
            return !cube.Data.Zip(same.Data).Any(pair => Math.Abs(pair.First - pair.Second) > MostDifference);
        }
        catch (VipsException)
        {
            return true;
        }
    }

    /// <summary>A picture's colours in sRGB; without its profile, which says nothing about them any more.</summary>
    /// <param name="raster">An RGB picture with a profile.</param>
    /// <param name="cancellationToken">Ends it.</param>
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
    /// <param name="cancellationToken">Ends it.</param>
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
