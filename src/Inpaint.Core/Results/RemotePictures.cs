using System.Runtime.CompilerServices;
using Inpaint.Http;

namespace Inpaint.Results;

/// <summary>Downloads pictures that are given by their URLs, without a key, where their pixels are needed on this machine. Each is downloaded once, however often it is used.</summary>
/// <param name="downloader">Downloads pictures.</param>
/// <param name="networksOf">The networks to which a provider's URLs may lead.</param>
internal sealed class RemotePictures(PictureDownloader downloader, Func<string?, AllowedNetworks> networksOf)
{
    /// <summary>The maximum size of a picture in bytes: it is held in memory.</summary>
    private const long MaximumBytes = 64 << 20;

    // Entries live as long as their source.
    private readonly ConditionalWeakTable<PictureSource, PictureSource> fetched = [];

    /// <summary>Downloads a remote picture.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The local picture; the same source when it is local already.</returns>
    /// <exception cref="InpaintException">ImageNotFound: there is no picture at a URL that the user gave. Others: why it cannot be downloaded.</exception>
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
            await downloader.DownloadAsync(url, networks, content, MaximumBytes, cancellationToken, mayAppear: source.NamedBy is not null).ConfigureAwait(false);
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

    /// <summary>Downloads the pictures of a request whose pixels are needed here: by a provider that only reads files, or to create, change or crop the mask, or to keep what is outside it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="capabilities">The capabilities of its provider; null when it does not support the operation.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The request with local pictures.</returns>
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
