using System.Globalization;
using Inpaint.Providers.Shared;

namespace Inpaint.Providers.FalGateway;

/// <summary>Gets pictures to a gateway, which has no upload: public addresses as they are, local pictures inside the request.</summary>
internal static class FalGatewayPictureHandover
{
    /// <summary>Hands over a job's pictures.</summary>
    /// <param name="image">The picture, if any.</param>
    /// <param name="mask">The mask, if any.</param>
    /// <param name="provider">The provider's name, for messages.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What stands for each in the request: an address or a data URI.</returns>
    /// <exception cref="InpaintException">ImageTooLarge.</exception>
    public static async Task<(string? Image, string? Mask)> HandOverAsync(PictureSource? image, PictureSource? mask, string provider, CancellationToken cancellationToken)
    {
        long local = (image?.GetLength() ?? 0) + (mask?.GetLength() ?? 0);
        if (local > FalGatewayCapabilities.LargestInline)
        {
            throw new InpaintException(
                InpaintErrorId.ImageTooLarge,
                string.Create(CultureInfo.InvariantCulture, $"{provider} has no upload, so that local pictures travel inside the request, and {image?.Name} with its mask has {local / 1e6:0.0} MB of at most {FalGatewayCapabilities.LargestInline / 1e6:0}. Nothing was sent."))
            { Provider = provider, RecommendedAction = "Send a smaller picture or a JPEG, or put it online and give its https address." };
        }

        return (await OneAsync(image).ConfigureAwait(false), await OneAsync(mask).ConfigureAwait(false));

        async Task<string?> OneAsync(PictureSource? source) =>
            source is null || source.IsRemote ? source?.Url : await DataUri.MakeAsync(source, cancellationToken).ConfigureAwait(false);
    }
}
