using System.Globalization;
using System.Text.Json.Nodes;
using Inpaint.Http;
using Inpaint.Imaging;
using Inpaint.Providers.Shared;

namespace Inpaint.Providers.ModelsLab;

/// <summary>
/// Gets pictures to where ModelsLab finds them: it takes addresses only, and makes one of a local picture of up to 5 MB (docs.modelslab.com, "Base64 to
/// URL"; the address lives for 24 hours).
/// </summary>
internal sealed class ModelsLabPictureHandover(ProviderChannel channel, ModelsLabEndpoints endpoints, ModelsLabErrors errors, TimeProvider time)
{
    // Enough of a file for every header; JPEG metadata may take a part of it.
    private const int HeadBytes = 256 << 10;

    private static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(10);

    /// <summary>Hands a picture over.</summary>
    /// <param name="source">The picture; null for none.</param>
    /// <param name="progress">Told what is being uploaded.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Its address.</returns>
    /// <exception cref="InpaintException">ImageTooLarge, and what goes wrong on the way.</exception>
    public async Task<string?> HandOverAsync(PictureSource? source, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        if (source is null || source.IsRemote)
        {
            return source?.Url;
        }

        if (source.GetLength() is long length && length > ModelsLabCapabilities.LargestUpload)
        {
            throw new InpaintException(
                InpaintErrorId.ImageTooLarge,
                string.Create(CultureInfo.InvariantCulture, $"{source.Name} has {length / 1e6:0.0} MB; ModelsLab's upload takes at most {ModelsLabCapabilities.LargestUpload / 1e6:0} MB. Nothing was sent."))
            { RecommendedAction = "Send a smaller picture or a JPEG, or put it online and give its https address." };
        }

        progress?.Report($"uploading {source.Name}");
        JsonObject body = new() { ["base64_string"] = await DataUri.MakeAsync(source, cancellationToken).ConfigureAwait(false) };
        ApiRequest call = null!;
        ApiResponse wire = null!;
        foreach (Uri place in endpoints.Uploads)
        {
            call = new ApiRequest(CallKind.Upload, HttpMethod.Post, place)
            {
                Content = channel.JsonWithKey(body),
                Classify = told => new RetryDecision(RetryAfter: ModelsLabAnswer.TryRead(told)?.RetryAfter),
            };
            wire = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
            if (wire.Status is not (404 or 405))
            {
                break;
            }
        }

        ModelsLabAnswer? answer = ModelsLabAnswer.TryRead(wire);
        if (!wire.IsSuccess || answer is { Outcome: ModelsLabOutcome.Failure })
        {
            throw errors.ToException(call, wire, answer);
        }

        string address = answer is { Outcome: ModelsLabOutcome.Success, Output: [string first, ..] }
            ? first
            : throw channel.Errors.Unreadable(call, wire, "no address for the picture");
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri))
        {
            throw channel.Errors.Unreadable(call, wire, "something that is no address for the picture");
        }

        endpoints.Guard.EnsureSecure(uri);
        return address;
    }

    /// <summary>Looks at a remote picture's size, so that the answer gets its shape. What goes wrong only means that the size stays unknown.</summary>
    /// <param name="source">The remote picture.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The header, or null.</returns>
    public async Task<PictureHeader?> LookAsync(PictureSource source, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(source.Url, UriKind.Absolute, out Uri? uri) || !HostGuard.IsSecure(uri))
        {
            return null;
        }

        using CancellationTokenSource patience = new(LookPatience, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            ApiRequest call = new(CallKind.Download, HttpMethod.Get, uri)
            {
                CarriesKey = false,
                Headers = [new("Range", string.Create(CultureInfo.InvariantCulture, $"bytes=0-{HeadBytes - 1}"))],
                Classify = _ => new RetryDecision(MayRepeat: false),
            };
            ApiResponse answer = await channel.SendAsync(call, either.Token).ConfigureAwait(false);
            if (!answer.IsSuccess)
            {
                return null;
            }

            using MemoryStream head = new(answer.Body.ToArray(), writable: false);
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
