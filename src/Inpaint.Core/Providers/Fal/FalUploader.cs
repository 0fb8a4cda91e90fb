using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Http;
using Inpaint.Providers.Shared;
using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.Fal;

/// <summary>Upload settings.</summary>
internal sealed record FalUploadOptions
{
    /// <summary>The maximum total size of a job's pictures, in bytes, that are sent inside the request as data URIs. fal advises against large ones, and names no limit.</summary>
    public long InlineLimit { get; init; } = 1_000_000;

    /// <summary>Larger files, in bytes, are uploaded in parts; the limit of fal's own client.</summary>
    public long MultipartLimit { get; init; } = 90L << 20;

    /// <summary>The size of a part, in bytes; as in fal's own client.</summary>
    public long PartSize { get; init; } = 10L << 20;
}

/// <summary>
/// Makes picture and mask available to fal: URLs unchanged, small files inside the request, others by upload to fal's storage. An upload follows the
/// protocol of fal's own client (github.com/fal-ai/fal-js, storage): it is initiated with the key, and the bytes are sent without it to the returned URL.
/// </summary>
internal sealed class FalUploader(ProviderChannel channel, FalEndpoints endpoints, FalErrors errors, FalUploadOptions options)
{
    // The time for a part allows for a slow connection of 32 KiB/s.
    private const double SlowestBytesPerSecond = 32 << 10;

    /// <summary>Uploads a job's pictures, or prepares them to be sent inside the request.</summary>
    /// <param name="image">The picture, if any.</param>
    /// <param name="mask">The mask, if any.</param>
    /// <param name="uploadsAll">Whether small files are uploaded, too.</param>
    /// <param name="progress">Receives the current step.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The references to the pictures in the request.</returns>
    public async Task<PictureReferences> UploadAsync(PictureSource? image, PictureSource? mask, bool uploadsAll, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        long local = (image?.GetLength() ?? 0) + (mask?.GetLength() ?? 0);
        return local <= options.InlineLimit && !uploadsAll
            ? PictureReferences.Inlined(image, mask)
            : new PictureReferences(await UrlOfAsync(image).ConfigureAwait(false), await UrlOfAsync(mask).ConfigureAwait(false), []);

        async Task<string?> UrlOfAsync(PictureSource? source)
        {
            if (source is null || source.IsRemote)
            {
                return source?.Url;
            }

            string mediaType = MediaTypeOf(source);
            progress?.Report($"uploading {source.Name}");
            return await UploadAsync(source, mediaType, source.GetLength()!.Value, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string MediaTypeOf(PictureSource source)
    {
        using Stream stream = source.OpenRead();
        return InlinePicture.MediaTypeOf(stream, source.Name);
    }

    private async Task<string> UploadAsync(PictureSource source, string mediaType, long length, CancellationToken cancellationToken)
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
        JsonBody body = new(new JsonObject { ["content_type"] = mediaType, ["file_name"] = source.Name });
        ApiRequest call = new(CallKind.Upload, HttpMethod.Post, endpoints.Upload(isMultipart)) { Content = body.ToContent };
        ApiResponse response = await SendAsync(call, cancellationToken).ConfigureAwait(false);
        using JsonDocument document = channel.ReadJson(call, response);
        string? file = document.RootElement.Text("file_url");
        if (!Uri.TryCreate(document.RootElement.Text("upload_url"), UriKind.Absolute, out Uri? target) || !Uri.TryCreate(file, UriKind.Absolute, out Uri? fileUri))
        {
            throw channel.Errors.Unreadable(call, response, "no upload_url and file_url");
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
            Uri uri = new(string.Create(CultureInfo.InvariantCulture, $"{path}/{number}{target.Query}"));
            ApiResponse response = await PutAsync(uri, source, mediaType, offset, Math.Min(options.PartSize, length - offset), cancellationToken).ConfigureAwait(false);
            using JsonDocument? document = ProviderChannel.TryReadJson(response);
            string tag = document?.RootElement.Text("etag") ?? response.Header("ETag")
                ?? throw channel.Errors.Make(InpaintErrorId.ResponseInvalid, $"fal's storage accepted part {number} of '{source.Name}' without an etag.", response).ToException();
            parts.Add(new JsonObject { ["partNumber"] = number, ["etag"] = tag });
        }

        ApiRequest complete = new(CallKind.Upload, HttpMethod.Post, new Uri($"{path}/complete{target.Query}"))
        {
            CarriesKey = false,
            Content = new JsonBody(new JsonObject { ["parts"] = parts }).ToContent,
        };
        await SendAsync(complete, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ApiResponse> PutAsync(Uri uri, PictureSource source, string mediaType, long offset, long length, CancellationToken cancellationToken)
    {
        ApiRequest call = new(CallKind.Upload, HttpMethod.Put, uri)
        {
            CarriesKey = false,
            Content = () => new FalFilePart(source, mediaType, offset, length),
            AttemptTimeout = channel.LimitsOf(CallKind.Upload).AttemptTimeout + TimeSpan.FromSeconds(length / SlowestBytesPerSecond),
        };
        return await SendAsync(call, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ApiResponse> SendAsync(ApiRequest call, CancellationToken cancellationToken)
    {
        ApiResponse response = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccess)
        {
            throw errors.ToException(call, response);
        }

        // An HTML page of a proxy must not count as a stored picture, because the paid job would fail without it.
        return response.IsHtml() ? throw channel.Errors.Unreadable(call, response, "an HTML page instead of a receipt") : response;
    }
}

/// <summary>A part of a file as a request's body, read from its source while it is sent.</summary>
internal sealed class FalFilePart : HttpContent
{
    private readonly PictureSource source;
    private readonly long offset;
    private readonly long length;

    /// <summary>Creates the body.</summary>
    /// <param name="source">The picture.</param>
    /// <param name="mediaType">Its media type.</param>
    /// <param name="offset">The offset of the part, in bytes.</param>
    /// <param name="length">Its length, in bytes.</param>
    public FalFilePart(PictureSource source, string mediaType, long offset, long length)
    {
        this.source = source;
        this.offset = offset;
        this.length = length;
        Headers.ContentType = new MediaTypeHeaderValue(mediaType);
    }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Stream picture = source.OpenRead();
        await using (picture.ConfigureAwait(false))
        {
            picture.Seek(offset, SeekOrigin.Begin);
            byte[] buffer = new byte[64 << 10];
            for (long left = length; left > 0;)
            {
                int read = await picture.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellationToken).ConfigureAwait(false);
                if (read == 0)
                {
                    throw new InpaintException(InpaintErrorId.ImageNotFound, $"'{source.Name}' became shorter while it was uploaded.");
                }

                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                left -= read;
            }
        }
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = this.length;
        return true;
    }
}
