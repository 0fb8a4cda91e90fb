using System.Globalization;
using System.Text.Json.Nodes;
using Inpaint.Planning;

namespace Inpaint.Providers.Fal;

/// <summary>The features of fal's platform for every model, which are controlled by request headers and the query (fal.ai/docs, "Platform headers" and "Queue API"), as options of the provider.</summary>
internal static class FalOptions
{
    private static readonly ParameterCapability RunnerHint = new() { Name = "RunnerHint", Option = OptionKind.Text };
    private static readonly ParameterCapability NoServerRetry = new() { Name = "NoServerRetry", Option = OptionKind.Switch, Default = "false" };
    private static readonly ParameterCapability NoFallback = new() { Name = "NoFallback", Option = OptionKind.Switch, Default = "false" };
    private static readonly ParameterCapability OutputLifetimeSec = new() { Name = "OutputLifetimeSec", Option = OptionKind.WholeNumber, Minimum = 60 };
    private static readonly ParameterCapability OutputAccess = new() { Name = "OutputAccess", Option = OptionKind.Text, Values = ["allow", "forbid", "hide"], Default = "the account's setting" };
    private static readonly ParameterCapability UploadPictures = new() { Name = "UploadPictures", Option = OptionKind.Switch, Default = "when they are large" };
    private static readonly ParameterCapability MaximumQueueLength = new() { Name = "MaximumQueueLength", Option = OptionKind.WholeNumber, Minimum = 0 };

    /// <summary>The options of all jobs.</summary>
    public static IReadOnlyList<ParameterCapability> All { get; } = [RunnerHint, NoServerRetry, NoFallback, OutputLifetimeSec, OutputAccess, MaximumQueueLength];

    /// <summary>The options of jobs with pictures.</summary>
    public static IReadOnlyList<ParameterCapability> OfPictures { get; } = [UploadPictures];

    /// <summary>Refuses what a direct run does not support: parameters of the queue, and more than one picture in a stream, where fal generates one regardless.</summary>
    /// <param name="request">A request for a direct run.</param>
    /// <exception cref="InpaintException">InvalidParameter.</exception>
    public static void EnsureDirect(InpaintRequest request)
    {
        if (request.PreviewFolder is not null && request.Count > 1)
        {
            throw new InpaintException(InpaintErrorId.InvalidParameter, "fal makes one picture at a time when it streams previews. Leave out Count or PreviewFolder.") { Parameter = nameof(request.Count) };
        }

        string? queued = request.WebhookUri is not null ? nameof(request.WebhookUri)
            : request.Priority is not null ? nameof(request.Priority)
            : request.Options.Keys.Contains(MaximumQueueLength.Name, StringComparer.OrdinalIgnoreCase) ? MaximumQueueLength.Name
            : null;
        if (queued is not null)
        {
            string direct = request.PreviewFolder is null ? nameof(request.Synchronous) : nameof(request.PreviewFolder);
            throw new InpaintException(InpaintErrorId.InvalidParameter, $"{queued} works with fal's queue only, not with {direct}, whose response brings the result. Leave one of them out.") { Parameter = queued };
        }
    }

    /// <summary>The headers for a checked request.</summary>
    /// <exception cref="InpaintException">InvalidParameter: a text cannot be sent in a header.</exception>
    public static Dictionary<string, string> Headers(InpaintRequest request, string provider)
    {
        Dictionary<string, string> headers = new(StringComparer.Ordinal);
        void Add(string name, string? value)
        {
            if (value is not null)
            {
                headers[name] = value;
            }
        }

        Add("X-Fal-Queue-Priority", request.Priority?.ToLowerInvariant());
        Add("X-Fal-Request-Timeout", request.StartTimeout?.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture));
        Add("X-Fal-Runner-Hint", Plain(OptionValue.Find(request, RunnerHint, provider) as string));
        Add("X-Fal-No-Retry", OptionValue.Find(request, NoServerRetry, provider) is true ? "1" : null);
        Add("x-app-fal-disable-fallback", OptionValue.Find(request, NoFallback, provider) is true ? "true" : null);
        Add("X-Fal-Object-Lifecycle-Preference", Lifecycle(request, provider));
        return headers;
    }

    /// <summary>The query for a checked request to the queue.</summary>
    /// <returns>The query with its question mark; empty for none.</returns>
    public static string Query(InpaintRequest request, string provider)
    {
        List<string> parts = [];
        if (request.WebhookUri is { } webhook)
        {
            parts.Add("fal_webhook=" + Uri.EscapeDataString(webhook.AbsoluteUri));
        }

        if (OptionValue.Find(request, MaximumQueueLength, provider) is long length)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"fal_max_queue_length={length}"));
        }

        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }

    /// <summary>Whether even small local pictures are uploaded: some models can read a picture from a URL, but not from inside a request.</summary>
    public static bool UploadsPictures(InpaintRequest request, string provider) => OptionValue.Find(request, UploadPictures, provider) is true;

    /// <summary>How long the generated pictures are kept, and who may download them (fal.ai/docs, "File access controls").</summary>
    private static string? Lifecycle(InpaintRequest request, string provider)
    {
        JsonObject preference = [];
        if (OptionValue.Find(request, OutputLifetimeSec, provider) is long seconds)
        {
            preference["expiration_duration_seconds"] = seconds;
        }

        if (OptionValue.Find(request, OutputAccess, provider) is string access)
        {
            preference["initial_acl"] = new JsonObject { ["default"] = access.ToLowerInvariant() };
        }

        return preference.Count == 0 ? null : preference.ToJsonString();
    }

    private static string? Plain(string? text) => text is null || text.All(c => c is >= ' ' and <= '~')
        ? text
        : throw new InpaintException(InpaintErrorId.InvalidParameter, $"RunnerHint '{text}' cannot be sent: it takes printable ASCII characters only.") { Parameter = RunnerHint.Name };
}
