using Inpaint.Emulator.Cdn;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;

namespace Inpaint.Emulator.Pictures;

/// <summary>The addresses that the services' own documentation uses in its examples: a picture of our own making answers for each, so that the examples run as they stand.</summary>
internal static class WellKnownPictures
{
    private const int Edge = 512;

    private static readonly Lazy<byte[]> Photo = new(() => PictureFile.Encode(Painter.Generate(Edge, Edge, 1, "dog")).Bytes);
    private static readonly Lazy<byte[]> Mask = new(() => PictureFile.Encode(CentreMask()).Bytes);

    public static void Publish(FileStore files)
    {
        const string falExamples = "https://storage.googleapis.com/falserverless/example_inputs/";
        const string inpaintingExamples = "https://raw.githubusercontent.com/CompVis/stable-diffusion/main/data/inpainting_examples/";
        files.Publish(falExamples + "dog.png", () => Photo.Value);
        files.Publish(falExamples + "dog_mask.png", () => Mask.Value);
        files.Publish(inpaintingExamples + "overture-creations-5sI6fQgYIuo.png", () => Photo.Value);
        files.Publish(inpaintingExamples + "overture-creations-5sI6fQgYIuo_mask.png", () => Mask.Value);
    }

    private static Picture CentreMask()
    {
        Picture mask = Picture.Black(Edge, Edge);
        for (int y = Edge / 4; y < Edge * 3 / 4; y++)
        {
            Array.Fill(mask.Rgb, byte.MaxValue, (y * Edge + Edge / 4) * 3, Edge / 2 * 3);
        }

        return mask;
    }
}
