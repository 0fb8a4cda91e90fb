using System.Text.Json;
using Inpaint.Http;
using Inpaint.Providers.Shared;

namespace Inpaint.Providers.ModelsLab;

/// <summary>What a response says about a job.</summary>
internal enum ModelsLabOutcome
{
    /// <summary>The pictures are there.</summary>
    Success,

    /// <summary>Not yet.</summary>
    Waiting,

    /// <summary>The call was refused, or the job failed; <see cref="ModelsLabReply.IsJobFailure"/> tells which, where the service does.</summary>
    Failure,
}

/// <summary>
/// A response of ModelsLab in one form. On the wire an id is a number or text, an output an array, an object or text, a message text or an object, and
/// failures come with HTTP 200 as well as without (docs.modelslab.com, the v6 schemas, and what its clients have met).
/// </summary>
internal sealed record ModelsLabReply
{
    private const int MaxItems = 64;

    // "messege" is how some responses spell it.
    private static readonly string[] TextFields = ["message", "messege", "error", "errors", "tips", "tip"];

    /// <summary>What it says about the job.</summary>
    public required ModelsLabOutcome Outcome { get; init; }

    /// <summary>The status as it was written; null when there was none.</summary>
    public string? Status { get; init; }

    /// <summary>The service's id of the job.</summary>
    public string? Id { get; init; }

    /// <summary>What the service says, tips included; empty when it says nothing.</summary>
    public string Text { get; init; } = "";

    /// <summary>The pictures: URLs, data URIs or bare base64; those of <c>proxy_links</c> when there are no others.</summary>
    public IReadOnlyList<string> Output { get; init; } = [];

    /// <summary>When the service expects to be done, from now.</summary>
    public TimeSpan? Eta { get; init; }

    /// <summary>How long it asks to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The URL from which the job is to be fetched.</summary>
    public string? FetchResult { get; init; }

    /// <summary>The seed used.</summary>
    public long? Seed { get; init; }

    /// <summary>The prompt as used.</summary>
    public string? Prompt { get; init; }

    /// <summary>Compute time in seconds.</summary>
    public double? GenerationTime { get; init; }

    /// <summary>For each picture, whether the safety checker found something in it.</summary>
    public IReadOnlyList<bool> Flags { get; init; } = [];

    /// <summary>Whether it says that the job itself failed, and not only the call about it.</summary>
    public bool IsJobFailure => string.Equals(Status, "failed", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a waiting job is still queued.</summary>
    public bool IsQueued => Status?.ToUpperInvariant() is "QUEUED" or "PENDING";

    /// <summary>Reads a response. What cannot be understood counts as waiting.</summary>
    public static ModelsLabReply Read(JsonElement root)
    {
        string? status = root.Text("status");
        List<(int Position, string Text)> output = Strings(root.Member("output"));
        bool hasOutput = output.Count > 0;
        List<(int Position, string Text)> pictures = hasOutput ? output : Strings(root.Member("proxy_links"));
        string text = string.Join(" ", TextFields.SelectMany(name => Sentences(root.Member(name))).Distinct(StringComparer.Ordinal));
        JsonElement meta = root.Member("meta") ?? default;
        return new ModelsLabReply
        {
            Outcome = OutcomeOf(status, hasOutput, hasText: text.Length > 0),
            Status = status,
            Id = Identifier(root.Member("id")) ?? Identifier(root.Member("request_id")),
            Text = text,
            Output = pictures.ConvertAll(picture => picture.Text),
            Flags = pictures.ConvertAll(picture => FlagsReader.IsFlagged(root, picture.Position)),
            Eta = root.Number("eta") is double eta ? Http.RetryAfter.FromSeconds(eta) : null,
            RetryAfter = root.Number("retry_after") is double wait ? Http.RetryAfter.FromSeconds(wait) : null,
            FetchResult = root.Text("fetch_result"),
            Seed = meta.Integer("seed") ?? root.Integer("seed"),
            Prompt = meta.Text("prompt"),
            GenerationTime = root.Number("generationTime"),
        };
    }

    /// <summary>Reads a response; null when it is no JSON object.</summary>
    public static ModelsLabReply? TryRead(ApiResponse response)
    {
        using JsonDocument? document = ProviderChannel.TryReadJson(response);
        return document is null ? null : Read(document.RootElement);
    }

    private static ModelsLabOutcome OutcomeOf(string? status, bool hasOutput, bool hasText) => status?.ToUpperInvariant() switch
    {
        "SUCCESS" => ModelsLabOutcome.Success,
        "ERROR" or "FAILED" => ModelsLabOutcome.Failure,
        null when hasOutput => ModelsLabOutcome.Success,
        null when hasText => ModelsLabOutcome.Failure,
        _ => ModelsLabOutcome.Waiting,
    };

    private static string? Identifier(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        { } text when JsonReading.Text(text)?.Trim() is { Length: > 0 } id => id,
        _ => null,
    };

    /// <summary>The texts of an array, of an object's values, or a text by itself, each with its position; what is empty or no text is nothing, but has its place.</summary>
    private static List<(int Position, string Text)> Strings(JsonElement? value)
    {
        IEnumerable<JsonElement> items = value switch
        {
            { ValueKind: JsonValueKind.Array } array => array.EnumerateArray(),
            { ValueKind: JsonValueKind.Object } members => members.EnumerateObject().Select(member => member.Value),
            { ValueKind: JsonValueKind.String } text => [text],
            _ => [],
        };
        return items.Take(MaxItems).Select((item, position) => (position, JsonReading.Text(item)?.Trim() ?? "")).Where(item => item.Item2.Length > 0).ToList();
    }

    /// <summary>What a message says: text, a list, or an object that names fields, such as <c>{"prompt":["The prompt field is required."]}</c>.</summary>
    private static IEnumerable<string> Sentences(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.String } text when JsonReading.Text(text)?.Trim() is { Length: > 0 } sentence => [sentence],
        { ValueKind: JsonValueKind.Array } array => array.EnumerateArray().Take(MaxItems).SelectMany(item => Sentences(item)),
        { ValueKind: JsonValueKind.Object } members => members.EnumerateObject().Take(MaxItems).Select(member => $"{JsonReading.NameOf(member)}: {string.Join(" ", Sentences(member.Value))}"),
        _ => [],
    };
}

/// <summary>
/// Reads the pictures of a successful response: URLs, URLs that end in <c>.base64</c> and hold the picture as text, data URIs and bare base64. Announced URLs
/// (<c>future_links</c>) are no output and ignored.
/// </summary>
internal sealed class ModelsLabOutput(ProviderChannel channel)
{
    private const string TextSuffix = ".base64";

    /// <summary>Collects the pictures.</summary>
    /// <param name="call">The call.</param>
    /// <param name="response">The response.</param>
    /// <param name="reply">What it says, a success.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The output; null when the response names no picture.</returns>
    /// <exception cref="InpaintException">ResponseInvalid: what is named is no picture; ProviderUnavailable: a text to decode cannot be fetched.</exception>
    public async Task<ProviderOutput?> CollectAsync(ApiRequest call, ApiResponse response, ModelsLabReply reply, CancellationToken cancellationToken)
    {
        List<OutputPicture> pictures = new(reply.Output.Count);
        foreach ((string item, bool isFlagged) in reply.Output.Zip(reply.Flags))
        {
            try
            {
                OutputPicture picture = await PictureAsync(item, cancellationToken).ConfigureAwait(false);
                pictures.Add(picture with { IsFlagged = isFlagged });
            }
            catch (FormatException e)
            {
                throw channel.Errors.Make(InpaintErrorId.ResponseInvalid, $"ModelsLab gave {e.Message}.", response, e).ToException();
            }
        }

        return pictures.Count == 0 ? null : new ProviderOutput
        {
            Pictures = pictures,
            Seed = reply.Seed,
            Prompt = reply.Prompt,
            Timings = reply.GenerationTime is double seconds
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
            Classify = candidate => new RetryDecision(candidate.Status == 404 ? true : null),
        };
        ApiResponse response = await channel.SendAsync(call, cancellationToken).ConfigureAwait(false);
        return response.IsSuccess
            ? response.Text().Trim()
            : throw (channel.Errors.Make(InpaintErrorId.ProviderUnavailable, $"{uri.GetLeftPart(UriPartial.Path)} returned {response.Status} instead of the picture.", response) with { IsTransient = true }).ToException();
    }
}
