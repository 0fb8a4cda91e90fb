using System.Diagnostics.CodeAnalysis;

namespace Inpaint;

/// <summary>The exception that the engine throws: what went wrong, as an id of the vocabulary, and what to do next. It never contains a key.</summary>
public sealed class InpaintException : Exception
{
    private readonly string? specificAdvice;

    /// <summary>Creates the exception.</summary>
    /// <param name="errorId">The failure's id.</param>
    /// <param name="message">One or two sentences with the value and the remedy; the provider's own text where there is one.</param>
    /// <param name="innerException">The exception that caused this one, if any.</param>
    public InpaintException(InpaintErrorId errorId, string message, Exception? innerException = null)
        : base(PlainText.WithoutUrlQueries(message), innerException)
    {
        ErrorId = errorId;
    }

    /// <summary>The failure's id.</summary>
    public InpaintErrorId ErrorId { get; }

    /// <summary>
    /// What to do next, in general terms. For a job that a provider has accepted, only the job and the failure determine it, so that no place that throws can recommend what would pay for
    /// another job.
    /// </summary>
    [AllowNull]
    public string RecommendedAction
    {
        get => Job is { IsAccepted: true } job ? ErrorAdvice.For(ErrorId, job) : specificAdvice ?? ErrorAdvice.For(ErrorId);
        init => specificAdvice = value is null ? null : PlainText.WithoutUrlQueries(value);
    }

    /// <summary>Whether <see cref="RecommendedAction"/> was given for this failure, as opposed to being the default of its <see cref="ErrorId"/>.</summary>
    public bool HasSpecificAdvice => specificAdvice is not null && Job is not { IsAccepted: true };

    /// <summary>The property of the request or of the provider's settings that is at fault, such as <c>Strength</c>, or the name of an option; null where the failure is not about one.</summary>
    public string? Parameter { get; init; }

    /// <summary>The picture, file or URL that the failure is about, as text; null where it is about none or about several.</summary>
    public string? Subject
    {
        get;
        init => field = value is null ? null : PlainText.WithoutUrlQueries(value);
    }

    /// <summary>The provider's name, where one was involved.</summary>
    public string? Provider { get; init; }

    /// <summary>The provider's id of the job, where one is known.</summary>
    public string? RequestId { get; init; }

    /// <summary>The HTTP status of the response that reported the failure, where there was one.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>The provider's own error type, unmapped (for example <c>image_load_error</c>).</summary>
    public string? ProviderErrorType { get; init; }

    /// <summary>The response body as text, shortened and with secrets removed, for diagnosis.</summary>
    public string? ResponseBody { get; init; }

    /// <summary>The job as last known, where there is one.</summary>
    public InpaintJob? Job { get; init; }

    /// <summary>How long the provider asked to wait, where it did.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// Whether the same may succeed later, without any change: asking for the job again, or a new one for the same request where there is none or it has failed for a reason that may pass. False where it
    /// is not known whether there is a job.
    /// A submit whose bytes may have arrived is never repeated because of it.
    /// </summary>
    public bool IsTransient { get; init; }

    /// <summary>Whether this is the provider's final verdict on the job, as opposed to a failure of the request for it.</summary>
    internal bool IsVerdict { get; init; }

    /// <summary>The same failure with another message.</summary>
    /// <param name="message">The message.</param>
    /// <returns>The failure with this message; the same instance when it already has it.</returns>
    public InpaintException WithMessage(string message) => message == Message ? this : Copy(message, Job, Parameter);

    /// <summary>The same failure, with a program's own name of the parameter.</summary>
    /// <param name="parameter">The name.</param>
    /// <returns>The failure with this parameter; the same instance when it already has it.</returns>
    public InpaintException WithParameter(string parameter) => parameter == Parameter ? this : Copy(Message, Job, parameter);

    /// <summary>The same failure, with its job.</summary>
    internal InpaintException About(InpaintJob job) => Copy(Message, job, Parameter);

    private InpaintException Copy(string message, InpaintJob? job, string? parameter) => new(ErrorId, message, InnerException ?? this)
    {
        RecommendedAction = specificAdvice,
        Parameter = parameter,
        Subject = Subject,
        Provider = Provider ?? job?.Provider,
        RequestId = RequestId ?? (job is null || job.Id == job.JournalId ? null : job.Id),
        HttpStatus = HttpStatus,
        ProviderErrorType = ProviderErrorType,
        ResponseBody = ResponseBody,
        Job = job,
        RetryAfter = RetryAfter,
        IsTransient = IsTransient,
        IsVerdict = IsVerdict,
    };
}
