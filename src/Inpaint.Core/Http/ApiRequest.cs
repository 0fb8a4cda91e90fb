using System.Collections.ObjectModel;
using System.Net;
using System.Net.Http.Headers;

namespace Inpaint.Http;

/// <summary>What an API call is for; each kind has its own retry rules and timeouts.</summary>
internal enum CallKind
{
    /// <summary>Submits a paid job that runs later.</summary>
    Submit,

    /// <summary>Runs a paid job whose output comes in the same response.</summary>
    Run,

    /// <summary>Reads a job's status.</summary>
    Status,

    /// <summary>Listens to a job's status stream.</summary>
    Stream,

    /// <summary>Reads a finished job's result.</summary>
    Result,

    /// <summary>Cancels a job.</summary>
    Cancel,

    /// <summary>Uploads a picture.</summary>
    Upload,

    /// <summary>Reads models and prices, which a job can do without.</summary>
    Lookup,

    /// <summary>Downloads a picture.</summary>
    Download,
}

/// <summary>A provider's own reading of a response, where it knows more than the status code tells.</summary>
/// <param name="MayRepeat">Whether the same call may be sent again; null to decide by call kind and status code.</param>
/// <param name="RetryAfter">The shortest wait before that, where the body or the provider's rules name one.</param>
internal readonly record struct RetryDecision(bool? MayRepeat = null, TimeSpan? RetryAfter = null);

/// <summary>One call to a service's API.</summary>
internal sealed record ApiRequest(CallKind Kind, HttpMethod Method, Uri Uri)
{
    /// <summary>Creates the body, anew for each attempt; null for none.</summary>
    public Func<HttpContent>? Content { get; init; }

    /// <summary>The headers besides those that every call has.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The header that asks for JSON.</summary>
    public static IReadOnlyDictionary<string, string> AcceptJson { get; } = new Dictionary<string, string>(StringComparer.Ordinal) { ["Accept"] = "application/json" };

    /// <summary>Whether the API key is sent; the URL must then be one of the provider's own.</summary>
    public bool CarriesKey { get; init; } = true;

    /// <summary>Whether to make a single attempt, because a failure is itself the result that is wanted.</summary>
    public bool IsOnce { get; init; }

    /// <summary>How long one attempt may take; null for the limit of the call kind.</summary>
    public TimeSpan? AttemptTimeout { get; init; }

    /// <summary>Reads a response before the retry policy decides whether to repeat the call.</summary>
    public Func<ApiResponse, RetryDecision>? Classify { get; init; }

    /// <summary>
    /// Receives the data of each server-sent event when a successful response is a stream of them; the last event is then the response's body. Null for a call
    /// whose response is one document.
    /// </summary>
    public Action<ReadOnlyMemory<byte>>? OnEvent { get; init; }

    /// <summary>Whether the call creates something that costs money, so that it must not be sent twice.</summary>
    public bool IsPaid => Kind is CallKind.Submit or CallKind.Run;

    /// <summary>Makes a factory for a JSON body.</summary>
    public static Func<HttpContent> Json(ReadOnlyMemory<byte> utf8) => () =>
    {
        ReadOnlyMemoryContent content = new(utf8);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        return content;
    };
}

/// <summary>
/// Records the moment from which bytes may have reached the server. Whatever fails before it (name resolution, connecting, TLS) has certainly delivered
/// nothing.
/// </summary>
internal sealed class DeliveryTrackingContent : HttpContent
{
    private readonly HttpContent inner;
    private volatile bool hasStarted;

    /// <summary>Wraps a body and takes ownership of it.</summary>
    public DeliveryTrackingContent(HttpContent inner)
    {
        this.inner = inner;
        foreach ((string name, HeaderStringValues values) in inner.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(name, values.ToString());
        }
    }

    /// <summary>Whether writing the body has started.</summary>
    public bool HasStarted => hasStarted;

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        hasStarted = true;
        return inner.CopyToAsync(stream, context, cancellationToken);
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        long? known = inner.Headers.ContentLength;
        length = known ?? 0;
        return known is not null;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
