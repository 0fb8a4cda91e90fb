using System.Net.Http.Headers;

namespace Inpaint.Http;

/// <summary>A provider's opinion on an answer, where it knows more than the status code tells.</summary>
/// <param name="MayRepeat">Whether the same call may be sent again; null for what its kind and the status code say.</param>
/// <param name="RetryAfter">How long to wait first at least, where the body or the provider's rules say so.</param>
internal readonly record struct RetryDecision(bool? MayRepeat = null, TimeSpan? RetryAfter = null);

/// <summary>One call to a service.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Uri">Where to.</param>
internal sealed record ApiRequest(CallKind Kind, HttpMethod Method, Uri Uri)
{
    /// <summary>Makes the body, anew for each attempt; null for none.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>More headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Whether the key goes along; then the address must be one of the provider's own.</summary>
    public bool CarriesKey { get; init; } = true;

    /// <summary>Whether one attempt is enough, because the failure is the answer that is asked for.</summary>
    public bool IsOnce { get; init; }

    /// <summary>How long one attempt may take; null for what the kind says.</summary>
    public TimeSpan? AttemptTimeout { get; init; }

    /// <summary>Looks at an answer before it is decided whether to repeat the call.</summary>
    public Func<ApiResponse, RetryDecision>? Classify { get; init; }

    /// <summary>
    /// Told of each event's data, when a successful answer comes as a stream of them; the last is then the answer's body. Null for a call whose answer is
    /// one document.
    /// </summary>
    public Action<ReadOnlyMemory<byte>>? OnEvent { get; init; }

    /// <summary>Whether the call makes something that is paid for, so that it must not be made twice.</summary>
    public bool IsPaid => Kind is CallKind.Submit or CallKind.Run;

    /// <summary>Makes the factory of a JSON body.</summary>
    /// <param name="utf8">The text.</param>
    /// <returns>The factory.</returns>
    public static Func<HttpContent> Json(ReadOnlyMemory<byte> utf8) => () =>
    {
        ReadOnlyMemoryContent content = new(utf8);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    };
}
