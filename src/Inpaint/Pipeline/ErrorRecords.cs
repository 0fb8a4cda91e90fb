using System.Management.Automation;
using Inpaint.Binding;

namespace Inpaint.Pipeline;

/// <summary>Turns the engine's failures into error records with an id of the vocabulary, a category, the item and advice.</summary>
internal static class ErrorRecords
{
    /// <summary>Creates an error record. Its message begins with the item's name, unless it already contains it, because logs are read without the objects.</summary>
    /// <param name="command">The command that failed, whose parameters the advice may name; null when it is not known.</param>
    /// <param name="exception">The failure.</param>
    /// <param name="target">The item that it belongs to.</param>
    /// <param name="name">The item's name; null to derive it from the item.</param>
    public static ErrorRecord From(PSCmdlet? command, Exception exception, object? target, string? name = null)
    {
        name ??= ItemName.Of(target);
        if (exception is not InpaintException failure)
        {
            return new ErrorRecord(exception, nameof(InpaintErrorId.UnexpectedError), ErrorCategory.InvalidOperation, target) { ErrorDetails = new ErrorDetails(ItemName.Before(exception.Message, name)) };
        }

        string message = failure.ErrorId == InpaintErrorId.InvalidParameter ? ParameterNames.Translate(failure.Message) : failure.Message;
        failure = failure.WithMessage(ItemName.Before(message, name));
        return new ErrorRecord(failure, IdOf(failure), CategoryOf(failure.ErrorId), target)
        {
            ErrorDetails = new ErrorDetails(failure.Message) { RecommendedAction = ShellAdvice.For(failure, command?.MyInvocation.MyCommand) },
        };
    }

    /// <summary>The id of a failure. For an invalid value it includes the parameter, so that scripts can tell them apart: <c>InvalidParameter.Strength</c>.</summary>
    /// <returns>The id, without commas and spaces.</returns>
    public static string IdOf(InpaintException failure) =>
        failure is { ErrorId: InpaintErrorId.InvalidParameter, Parameter: { Length: > 0 } parameter }
            ? $"{failure.ErrorId}.{string.Concat(ParameterNames.ToParameter(parameter).Select(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '_'))}"
            : failure.ErrorId.ToString();

    /// <summary>The shell's category of a failure.</summary>
    public static ErrorCategory CategoryOf(InpaintErrorId errorId) => errorId switch
    {
        InpaintErrorId.ApiKeyMissing or InpaintErrorId.AuthenticationFailed => ErrorCategory.AuthenticationError,
        InpaintErrorId.AccountLocked or InpaintErrorId.ContentPolicyViolation or InpaintErrorId.ResultAccessDenied => ErrorCategory.PermissionDenied,
        InpaintErrorId.QuotaExceeded => ErrorCategory.QuotaExceeded,
        InpaintErrorId.RateLimited or InpaintErrorId.ImageTooLarge or InpaintErrorId.CostLimitExceeded => ErrorCategory.LimitsExceeded,
        InpaintErrorId.InvalidParameter => ErrorCategory.InvalidArgument,
        InpaintErrorId.ImageNotFound or InpaintErrorId.ProviderNotFound or InpaintErrorId.JobNotFound => ErrorCategory.ObjectNotFound,
        InpaintErrorId.ImageUnsupported or InpaintErrorId.MaskSizeMismatch or InpaintErrorId.MaskEmpty or InpaintErrorId.MaskFull => ErrorCategory.InvalidData,
        InpaintErrorId.ProviderUnavailable or InpaintErrorId.ResultExpired or InpaintErrorId.StateUnavailable => ErrorCategory.ResourceUnavailable,
        InpaintErrorId.InsecureTransport => ErrorCategory.SecurityError,
        InpaintErrorId.ResponseInvalid => ErrorCategory.ProtocolError,
        InpaintErrorId.SubmissionUncertain => ErrorCategory.ConnectionError,
        InpaintErrorId.JobFailed => ErrorCategory.InvalidResult,
        InpaintErrorId.JobTimedOut => ErrorCategory.OperationTimeout,
        InpaintErrorId.JobCancelled => ErrorCategory.OperationStopped,
        InpaintErrorId.OutputExists => ErrorCategory.ResourceExists,
        InpaintErrorId.OutputWriteFailed => ErrorCategory.WriteError,
        _ => ErrorCategory.InvalidOperation,
    };
}
