using System.Collections.Concurrent;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Inpaint.Http;

/// <summary>What one attempt of a call came to.</summary>
internal abstract record Attempt
{
    /// <summary>What went wrong on the way; null when an answer came.</summary>
    public Exception? Failure { get; init; }

    /// <summary>Whether the call may be sent again.</summary>
    public bool MayRepeat { get; init; }

    /// <summary>How long the service asked to wait first.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The HTTP status of the answer; null when none came.</summary>
    public int? AnswerStatus { get; init; }
}

/// <summary>Repeats attempts with growing, jittered pauses, as long as each says that it may be repeated and the total deadline has not passed.</summary>
internal sealed class RetryPolicy(ResilienceOptions options, TimeProvider time)
{
    // Built at the first call of a kind: importing the module must not load Polly.
    private readonly ConcurrentDictionary<CallKind, ResiliencePipeline<Attempt>> pipelines = new();

    /// <summary>Runs a call.</summary>
    /// <typeparam name="T">The kind of attempt.</typeparam>
    /// <param name="kind">What the call is for.</param>
    /// <param name="attempt">Makes one attempt. It returns failures instead of throwing them, and throws only when the caller has given up.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The last attempt; null when the total deadline passed before the first one ended.</returns>
    public async Task<T?> RunAsync<T>(CallKind kind, Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
        where T : Attempt
    {
        T? last = null;
        try
        {
            RetryLimits? asked = CallContext.Current?.Retry;
            ResiliencePipeline<Attempt> pipeline = asked is null ? pipelines.GetOrAdd(kind, k => Build(k, asked: null)) : Build(kind, asked);
            await pipeline.ExecuteAsync<Attempt>(async token => last = await attempt(token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutRejectedException)
        {
            // The deadline passed during a pause: what the last attempt found is the reason.
        }

        return last;
    }

    private static string ReasonOf(Attempt? attempt) => attempt switch
    {
        { AnswerStatus: 429 } => "rate limited",
        { AnswerStatus: int status } => $"answered {status}",
        _ => ApiErrors.Reason(attempt?.Failure),
    };

    private ResiliencePipeline<Attempt> Build(CallKind kind, RetryLimits? asked)
    {
        CallLimits limits = options.Limits(kind);
        ResiliencePipelineBuilder<Attempt> builder = new() { TimeProvider = time };
        builder.AddTimeout(new TimeoutStrategyOptions { Timeout = limits.TotalTimeout });
        int repetitions = asked?.MaximumCount ?? limits.Attempts - 1;
        if (repetitions > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<Attempt>
            {
                MaxRetryAttempts = repetitions,
                BackoffType = asked?.Interval is null ? DelayBackoffType.Exponential : DelayBackoffType.Constant,
                UseJitter = asked?.Interval is null,
                Delay = asked?.Interval ?? options.BaseDelay,
                MaxDelay = asked?.Interval is null ? options.MaximumDelay : null,
                ShouldHandle = arguments => ValueTask.FromResult(
                    arguments.Outcome.Result is { MayRepeat: true } attempt && (attempt.RetryAfter ?? TimeSpan.Zero) <= options.MaximumRetryAfter),
                OnRetry = arguments =>
                {
                    CallContext.TellOfPause(ReasonOf(arguments.Outcome.Result), arguments.RetryDelay);
                    return ValueTask.CompletedTask;
                },
                DelayGenerator = arguments => ValueTask.FromResult(arguments.Outcome.Result?.RetryAfter),
            });
        }

        return builder.Build();
    }
}
