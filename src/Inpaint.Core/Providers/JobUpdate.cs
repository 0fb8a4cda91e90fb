using System.Collections.ObjectModel;

namespace Inpaint.Providers;

/// <summary>The status of a job, as the service reports it.</summary>
internal sealed record JobUpdate
{
    /// <summary>The state.</summary>
    public required InpaintJobState State { get; init; }

    /// <summary>Whether the service has finished with the job, so that no other status follows.</summary>
    public bool IsFinished => State is InpaintJobState.Completed or InpaintJobState.Failed or InpaintJobState.Cancelled;

    /// <summary>The number of requests ahead, from 0.</summary>
    public int? QueuePosition { get; init; }

    /// <summary>The fraction done, 0 to 1.</summary>
    public double? Progress { get; init; }

    /// <summary>Log lines of this response; they may overlap those of the last one.</summary>
    public IReadOnlyList<InpaintLogEntry> Logs { get; init; } = [];

    /// <summary>Compute time in seconds.</summary>
    public double? InferenceSeconds { get; init; }

    /// <summary>Why it failed, in the service's words, without the queries of URLs.</summary>
    public string? Error { get; init => field = value is null ? null : PlainText.WithoutUrlQueries(value); }

    /// <summary>Why it failed, as an id of the vocabulary.</summary>
    public InpaintErrorId? ErrorId { get; init; }

    /// <summary>Whether the reason may pass, so that a new job for the same request may succeed.</summary>
    public bool IsTransient { get; init; }

    /// <summary>When the service expects to be done, from now.</summary>
    public TimeSpan? Eta { get; init; }

    /// <summary>The output, when the service reports it together with the state.</summary>
    public ProviderOutput? Output { get; init; }

    /// <summary>The status of a job whose failure came in its place.</summary>
    /// <param name="verdict">The failure.</param>
    public static JobUpdate Failed(InpaintException verdict) => new() { State = InpaintJobState.Failed, Error = verdict.Message, ErrorId = verdict.ErrorId, IsTransient = verdict.IsTransient };
}

/// <summary>The output of a job, as the service reports it.</summary>
internal sealed record ProviderOutput
{
    /// <summary>The pictures.</summary>
    public required IReadOnlyList<OutputPicture> Pictures { get; init; }

    /// <summary>The seed used.</summary>
    public long? Seed { get; init; }

    /// <summary>Timings in seconds, under the service's names.</summary>
    public IReadOnlyDictionary<string, double> Timings { get; init; } = ReadOnlyDictionary<string, double>.Empty;

    /// <summary>The prompt as used.</summary>
    public string? Prompt { get; init; }

    /// <summary>The number of units that the service bills; null when it states none.</summary>
    public decimal? BillableUnits { get; init; }
}

/// <summary>A picture of an output: a URL, the bytes themselves, or a file; one of the three.</summary>
internal sealed record OutputPicture
{
    /// <summary>The http(s) URL.</summary>
    public string? Url { get; init; }

    /// <summary>A file that the client made in the state folder; it is kept until its job is removed, or saved and a week old.</summary>
    public string? FilePath { get; init; }

    /// <summary>The bytes, when the service sent them inside the response.</summary>
    public ReadOnlyMemory<byte>? Content { get; init; }

    /// <summary>Media type as stated.</summary>
    public string? ContentType { get; init; }

    /// <summary>Width in pixels.</summary>
    public int? Width { get; init; }

    /// <summary>Height in pixels.</summary>
    public int? Height { get; init; }

    /// <summary>Size in bytes.</summary>
    public long? FileSize { get; init; }

    /// <summary>Whether the safety checker flagged it.</summary>
    public bool IsFlagged { get; init; }
}

/// <summary>A request in a provider's own form, ready to be sent.</summary>
internal abstract record PreparedSubmission
{
    /// <summary>
    /// Receives the intermediate pictures of a request that asks for them, several at once where the job makes several; one of them may turn out to be the result.
    /// Called on any thread, one call at a time. Must not throw: a failed preview must not lose a job that is being paid for.
    /// </summary>
    public Action<IReadOnlyList<OutputPicture>> OnPreview { get; init; } = _ => { };
}

/// <summary>A job as the service has accepted it.</summary>
internal sealed record Acceptance
{
    /// <summary>The service's id of the job.</summary>
    public required string Id { get; init; }

    /// <summary>The state of the job.</summary>
    public InpaintJobState State { get; init; } = InpaintJobState.InQueue;

    /// <summary>The number of requests ahead, from 0.</summary>
    public int? QueuePosition { get; init; }

    /// <summary>Whether the reason may pass, so that a new job for the same request may succeed.</summary>
    public bool IsTransient { get; init; }

    /// <summary>When the service expects to be done, from now.</summary>
    public TimeSpan? Eta { get; init; }

    /// <summary>What the client needs to find the job again. Never a key.</summary>
    public IReadOnlyDictionary<string, string> ProviderData { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The output, when the response contains it already.</summary>
    public ProviderOutput? Output { get; init; }
}
