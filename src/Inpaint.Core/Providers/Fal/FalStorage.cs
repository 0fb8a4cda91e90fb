using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Http;

namespace Inpaint.Providers.Fal;

/// <summary>How pictures reach fal.</summary>
internal sealed record FalUploadOptions
{
    /// <summary>Pictures of one job that together are not larger go inside the request as data URIs, in bytes. fal advises against large ones, and names no limit.</summary>
    public long InlineLimit { get; init; } = 1_000_000;

    /// <summary>Larger files are uploaded in parts, in bytes; where fal's own client draws the line.</summary>
    public long MultipartLimit { get; init; } = 90L << 20;

    /// <summary>The size of a part, in bytes; as in fal's own client.</summary>
    public long PartSize { get; init; } = 10L << 20;
}

/// <summary>
/// Uploads to fal's storage, by the protocol of fal's own client (github.com/fal-ai/fal-js, storage): the upload is announced with the key, the bytes go
/// without it to the address named in return.
/// </summary>
internal sealed class FalStorage(ProviderChannel channel, FalEndpoints endpoints, FalErrors errors, FalUploadOptions options)
{
    // A part must get through a slow line: 32 KiB/s is the slowest that is waited for.
    private const double SlowestBytesPerSecond = 32 << 10;

    /// <summary>Uploads a picture.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="mediaType">Its media type.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The address at which fal's models find it.</returns>
    public async Task<string> UploadAsync(PictureSource source, string mediaType, long length, CancellationToken cancellationToken)
    {
        bool isMultipart = length > options.MultipartLimit;
        (Uri target, string file) = await AnnounceAsync(source, mediaType, isMultipart, cancellationToken).ConfigureAwait(false);
        if (isMultipart)
        {
            await PutPartsAsync(target, source, mediaType, length, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await PutAsync(target, source, mediaType, 0, length, cancellationToken).ConfigureAwait(false);
        }

        return file;
    }

    private async Task<(Uri Target, string File)> AnnounceAsync(PictureSource source, string mediaType, bool isMultipart, CancellationToken cancellationToken)
    {
        JsonObject body = new() { ["content_type"] = mediaType, ["file_name"] = source.Name };
        ApiRequest call = new(CallKind.Upload, HttpMethod.Post, endpoints.Upload(isMultipart)) { Content = ApiRequest.Json(FalRequestBody.Write(body)) };
        ApiResponse answer = await SendAsync(call, cancellationToken).ConfigureAwait(false);
        using JsonDocument document = channel.ReadJson(call, answer);
        string? file = document.RootElement.Text("file_url");
        if (!Uri.TryCreate(document.RootElement.Text("upload_url"), UriKind.Absolute, out Uri? target) || !Uri.TryCreate(file, UriKind.Absolute, out Uri? fileUri))
        {
            throw channel.Errors.Unreadable(call, answer, "no upload_url and file_url");
        }

        endpoints.Guard.EnsureSecure(target);
        endpoints.Guard.EnsureSecure(fileUri);
        return (target, file!);
    }

    private async Task PutPartsAsync(Uri target, PictureSource source, string mediaType, long length, CancellationToken cancellationToken)
    {
        string path = target.GetLeftPart(UriPartial.Path).TrimEnd('/');
        JsonArray parts = [];
        for (long offset = 0; offset < length; offset += options.PartSize)
        {
            int number = parts.Count + 1;
            Uri address = new(string.Create(CultureInfo.InvariantCulture, $"{path}/{number}{target.Query}"));
            ApiResponse answer = await PutAsync(address, source, mediaType, offset, Math.Min(options.PartSize, length - offset), cancellationToken).ConfigureAwait(false);
            using JsonDocument? document = ProviderChannel.TryReadJson(answer);
            string tag = document?.RootElement.Text("etag") ?? answer.Header("ETag")
                ?? throw channel.Errors.Make(InpaintErrorId.ResponseInvalid, $"fal's storage took part {number} of '{source.Name}' without naming its etag.", answer).ToException();
            parts.Add(new JsonObject { ["partNumber"] = number, ["etag"] = tag });
        }

        ApiRequest complete = new(CallKind.Upload, HttpMethod.Post, new Uri($"{path}/complete{target.Query}"))
        {
            CarriesKey = false,
            Content = ApiRequest.Json(FalRequestBody.Write(new JsonObject { ["parts"] = parts })),
        };
        await SendAsync(complete, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ApiResponse> PutAsync(Uri address, PictureSource source, string mediaType, long offset, long length, CancellationToken cancellationToken)
    {
        ApiRequest call = new(CallKind.Upload, HttpMethod.Put, address)
        {
            CarriesKey = false,
            Content = () => new FalPictureContent(source, mediaType, offset, length),
            AttemptTimeout = channel.LimitsOf(CallKind.Upload).AttemptTimeout + TimeSpan.FromSeconds(length / SlowestBytesPerSecond),
        };
        return await SendAsync(call, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ApiResponse> SendAsync(ApiRequest call, CancellationToken cancellationToken)
    {
        ApiResponse answer = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!answer.IsSuccess)
        {
            throw errors.ToException(call, answer);
        }

        // A proxy's friendly page would otherwise pass for a stored picture, and the paid job fail for want of it.
        return answer.IsHtml() ? throw channel.Errors.Unreadable(call, answer, "a page instead of a receipt") : answer;
    }
}
