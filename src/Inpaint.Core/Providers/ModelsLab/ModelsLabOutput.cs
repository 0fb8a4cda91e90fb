using Inpaint.Http;
using Inpaint.Providers.Shared;

namespace Inpaint.Providers.ModelsLab;

/// <summary>
/// Reads the pictures of a successful response: URLs, URLs that end in <c>.base64</c> and hold the picture as text, data URIs and bare base64. Announced URLs
/// (<c>future_links</c>) are no output and ignored.
/// </summary>
internal sealed class ModelsLabOutput(ProviderChannel channel)
{
    private const string TextSuffix = ".base64";

    /// <summary>Collects the pictures.</summary>
    /// <param name="call">The call.</param>
    /// <param name="wire">The response.</param>
    /// <param name="answer">The response as it was read, a success.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The output; null when the response names no picture.</returns>
    /// <exception cref="InpaintException">ResponseInvalid: what is named is no picture; ProviderUnavailable: a text to decode cannot be fetched.</exception>
    public async Task<ProviderOutput?> CollectAsync(ApiRequest call, ApiResponse wire, ModelsLabAnswer answer, CancellationToken cancellationToken)
    {
        List<OutputPicture> pictures = new(answer.Output.Count);
        foreach ((string item, bool isFlagged) in answer.Output.Zip(answer.Flags))
        {
            try
            {
                OutputPicture picture = await PictureAsync(item, cancellationToken).ConfigureAwait(false);
                pictures.Add(picture with { IsFlagged = isFlagged });
            }
            catch (FormatException e)
            {
                throw channel.Errors.Make(InpaintErrorId.ResponseInvalid, $"ModelsLab gave {e.Message}.", wire, e).ToException();
            }
        }

        return pictures.Count == 0 ? null : new ProviderOutput
        {
            Pictures = pictures,
            Seed = answer.Seed,
            Prompt = answer.Prompt,
            Timings = answer.GenerationTime is double seconds
                ? new Dictionary<string, double>(StringComparer.Ordinal) { ["generationTime"] = seconds }
                : new Dictionary<string, double>(StringComparer.Ordinal),
        };
    }

    private static OutputPicture FromText(string text)
    {
        ReadOnlyMemory<byte> content = DataUri.IsOne(text) ? DataUri.Decode(text).Content : DataUri.FromBase64(text);
        string type = DataUri.MediaTypeOf(content.Span) ?? throw new FormatException("base64 text that holds no picture");
        return new OutputPicture { Content = content, ContentType = type, FileSize = content.Length };
    }

    private static bool IsWeb(string text, out Uri uri)
    {
        bool isUri = Uri.TryCreate(text, UriKind.Absolute, out Uri? parsed);
        uri = parsed!;
        return isUri && (parsed!.Scheme == Uri.UriSchemeHttps || parsed.Scheme == Uri.UriSchemeHttp);
    }

    private async Task<OutputPicture> PictureAsync(string item, CancellationToken cancellationToken)
    {
        if (DataUri.IsOne(item) || !IsWeb(item, out Uri uri))
        {
            return FromText(item);
        }

        return uri.AbsolutePath.EndsWith(TextSuffix, StringComparison.OrdinalIgnoreCase)
            ? FromText(await FetchTextAsync(uri, cancellationToken).ConfigureAwait(false))
            : new OutputPicture { Url = item };
    }

    private async Task<string> FetchTextAsync(Uri uri, CancellationToken cancellationToken)
    {
        ApiRequest call = new(CallKind.Download, HttpMethod.Get, uri)
        {
            CarriesKey = false,

            // The URL of a finished picture may take a moment to exist.
            Classify = answer => new RetryDecision(answer.Status == 404 ? true : null),
        };
        ApiResponse answer = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        return answer.IsSuccess
            ? answer.Text().Trim()
            : throw (channel.Errors.Make(InpaintErrorId.ProviderUnavailable, $"{uri.GetLeftPart(UriPartial.Path)} returned {answer.Status} instead of the picture.", answer) with { IsTransient = true }).ToException();
    }
}
