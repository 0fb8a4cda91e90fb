using System.Globalization;
using System.Text.Json.Nodes;
using Inpaint.Http;
using Inpaint.Imaging;
using Inpaint.Providers.Shared;

namespace Inpaint.Providers.ModelsLab;

/// <summary>
/// Makes pictures available to ModelsLab, which accepts URLs only: local pictures of up to 5 MB are uploaded (docs.modelslab.com, "Base64 to URL"; the URL is valid
/// for 24 hours).
/// </summary>
internal sealed class ModelsLabUploader(ProviderChannel channel, ModelsLabEndpoints endpoints, ModelsLabErrors errors, TimeProvider time)
{
    // Enough of a file for every header; JPEG metadata may take up part of it.
    private const int HeadBytes = 256 << 10;

    private static readonly TimeSpan HeaderTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Uploads a local picture.</summary>
    /// <param name="source">The picture; null for none.</param>
    /// <param name="progress">Receives the current step.</param>
    /// <returns>Its URL.</returns>
    /// <exception cref="InpaintException">ImageTooLarge, or the upload failed.</exception>
    public async Task<string?> UploadAsync(PictureSource? source, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        if (source is null || source.IsRemote)
        {
            return source?.Url;
        }

        progress?.Report($"uploading {source.Name}");
        InlinePicture picture = InlinePicture.Of(source);
        JsonBody body = new(new JsonObject { ["base64_string"] = picture.Token }, [picture]);
        ApiRequest call = null!;
        ApiResponse response = null!;
        foreach (Uri uri in endpoints.Uploads)
        {
            call = new ApiRequest(CallKind.Upload, HttpMethod.Post, uri)
            {
                Content = channel.WithKey(body),
                Classify = candidate => new RetryDecision(RetryAfter: ModelsLabReply.TryRead(candidate)?.RetryAfter),
            };
            response = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
            if (response.Status is not (404 or 405))
            {
                break;
            }
        }

        ModelsLabReply? reply = ModelsLabReply.TryRead(response);
        if (!response.IsSuccess || reply is { Outcome: ModelsLabOutcome.Failure })
        {
            throw errors.ToException(call, response, reply);
        }

        string url = reply is { Outcome: ModelsLabOutcome.Success, Output: [string first, ..] }
            ? first
            : throw channel.Errors.Unreadable(call, response, "no URL of the picture");
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed))
        {
            throw channel.Errors.Unreadable(call, response, "a text that is no URL for the picture");
        }

        endpoints.Guard.EnsureSecure(parsed);
        return url;
    }

    /// <summary>Reads a remote picture's header, so that the output gets its aspect ratio. On any failure the size is unknown.</summary>
    /// <returns>The header, or null.</returns>
    public async Task<PictureHeader?> ReadHeaderAsync(PictureSource source, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(source.Url, UriKind.Absolute, out Uri? uri) || !HostGuard.IsSecure(uri))
        {
            return null;
        }

        using CancellationTokenSource timeout = new(HeaderTimeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            ApiRequest call = new(CallKind.Download, HttpMethod.Get, uri)
            {
                CarriesKey = false,
                Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Range"] = string.Create(CultureInfo.InvariantCulture, $"bytes=0-{HeadBytes - 1}") },
                Classify = _ => new RetryDecision(MayRepeat: false),
            };
            ApiResponse response = await channel.SendAsync(call, either.Token).ConfigureAwait(false);
            if (!response.IsSuccess)
            {
                return null;
            }

            using MemoryStream head = new(response.Body.ToArray(), writable: false);
            return Pictures.ReadHeader(head, source.Name);
        }
        catch (InpaintException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
