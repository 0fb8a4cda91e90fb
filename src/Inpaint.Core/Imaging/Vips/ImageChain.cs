using NetVips;

namespace Inpaint.Imaging.Vips;

/// <summary>An image and the operations on it, each of which makes another image that has to be let go of.</summary>
internal sealed class ImageChain : IDisposable
{
    private readonly Stack<Image> images = new();

    /// <summary>Begins with an image, which the chain owns from here on.</summary>
    /// <param name="image">The image.</param>
    public ImageChain(Image image) => images.Push(image);

    /// <summary>The image after all operations.</summary>
    public Image Current => images.Peek();

    /// <summary>Adds an operation; nothing is computed before the pixels are asked for.</summary>
    /// <param name="operation">Makes the next image of the current one.</param>
    public void Then(Func<Image, Image> operation) => images.Push(operation(Current));

    /// <inheritdoc/>
    public void Dispose()
    {
        while (images.TryPop(out Image? image))
        {
            image.Dispose();
        }
    }
}
