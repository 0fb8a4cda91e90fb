using System.Runtime.CompilerServices;
using Inpaint.Http;

namespace Inpaint.Results;

/// <summary>Fetches pictures that are given by their URLs, without a key, where their pixels are needed on this machine. Each is fetched once, however often it is used.</summary>
/// <param name="downloader">Fetches pictures.</param>
/// <param name="networksOf">The networks to which the URL of a provider may lead.</param>
internal sealed class RemotePictures(PictureDownloader downloader, Func<string?, AllowedNetworks> networksOf)
{
    /// <summary>The largest picture that is fetched, in bytes: it is held in memory.</summary>
    private const long MaximumBytes = 64 << 20;

    // As long as somebody has the source.
    private readonly ConditionalWeakTable<PictureSource, PictureSource> fetched = [];

    /// <summary>Fetches a picture that is not on this machine.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The picture here; the same when it is.</returns>
    /// <exception cref="InpaintException">ImageNotFound: a URL that the user gave leads to no picture. Others: why it cannot be fetched.</exception>
    public async Task<PictureSource> FetchAsync(PictureSource source, CancellationToken cancellationToken)
    {
        if (source.Url is not { } url)
        {
            return source;
        }

        if (fetched.TryGetValue(source, out PictureSource? known))
        {
            return known;
        }

        using MemoryStream content = new();
        AllowedNetworks networks = source.NamedBy is { } provider ? networksOf(provider) : AllowedNetworks.Anywhere;
        try
        {
            await downloader.DownloadAsync(url, networks, content, MaximumBytes, cancellationToken).ConfigureAwait(false);
        }
        catch (InpaintException e) when (source.NamedBy is null && e is { HttpStatus: int status, IsTransient: false })
        {
            throw new InpaintException(InpaintErrorId.ImageNotFound, $"There is no picture to be had at {url}: the server returned {status}.", e)
            {
                Subject = url,
                HttpStatus = status,
                RecommendedAction = "Check the URL, which must be open to everyone, or download the picture and use the file.",
            };
        }

        PictureSource here = source.WithContent(content.ToArray());
        fetched.AddOrUpdate(source, here);
        return here;
    }

    /// <summary>Fetches a picture that may not be given.</summary>
    /// <inheritdoc cref="FetchAsync(PictureSource, CancellationToken)"/>
    public async Task<PictureSource?> FetchOptionalAsync(PictureSource? source, CancellationToken cancellationToken) => source is null ? null : await FetchAsync(source, cancellationToken).ConfigureAwait(false);

    /// <summary>Fetches the pictures of a recipe.</summary>
    /// <exception cref="InpaintException">As <see cref="FetchAsync(PictureSource, CancellationToken)"/>.</exception>
    public async Task<MaskRecipe> FetchAsync(MaskRecipe recipe, CancellationToken cancellationToken) => recipe with
    {
        Image = await FetchOptionalAsync(recipe.Image, cancellationToken).ConfigureAwait(false),
        Mask = await FetchOptionalAsync(recipe.Mask, cancellationToken).ConfigureAwait(false),
    };

    /// <summary>Fetches the pictures of a request whose pixels are needed here: by a provider that reads files only, or to make, to change or to crop the mask, or to keep what is outside it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="capabilities">What its provider can do; null when that is nothing.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The request with the pictures here.</returns>
    /// <exception cref="InpaintException">As <see cref="FetchAsync(PictureSource, CancellationToken)"/>.</exception>
    public async Task<InpaintRequest> FetchAsync(InpaintRequest request, ProviderCapabilities? capabilities, CancellationToken cancellationToken)
    {
        bool isRead = request.KeepUnmasked || request.CropToMask || capabilities?.TakesUrls == false;
        bool isDrawnOn = request.MaskRecipe is { } recipe && recipe != MaskRecipe.ToBeFound;
        bool isMaskRead = isRead || request.MaskMode != MaskMode.White || request.ResizeMask || capabilities?.RepaintsBlack == true;
        return request with
        {
            Image = isRead || isDrawnOn ? await FetchOptionalAsync(request.Image, cancellationToken).ConfigureAwait(false) : request.Image,
            Mask = isMaskRead ? await FetchOptionalAsync(request.Mask, cancellationToken).ConfigureAwait(false) : request.Mask,
            MaskRecipe = isDrawnOn ? await FetchAsync(request.MaskRecipe!, cancellationToken).ConfigureAwait(false) : request.MaskRecipe,
        };
    }
}
