namespace Inpaint.Providers.Fal;

/// <summary>What a fal error type means here.</summary>
/// <param name="ErrorId">The failure of the vocabulary.</param>
/// <param name="IsTransient">Whether the trouble may pass, unless the answer itself says otherwise.</param>
internal sealed record FalErrorClass(InpaintErrorId ErrorId, bool IsTransient = false);

/// <summary>fal's error types (fal.ai/docs, "Errors" for models' own, "Request error types" for those of the queue) in the module's vocabulary.</summary>
internal static class FalErrorTypes
{
    private static readonly Dictionary<string, FalErrorClass> Classes = new(StringComparer.Ordinal)
    {
        ["internal_server_error"] = new(InpaintErrorId.JobFailed, true),
        ["downstream_service_unavailable"] = new(InpaintErrorId.JobFailed, true),
        ["downstream_service_error"] = new(InpaintErrorId.JobFailed),
        ["generation_timeout"] = new(InpaintErrorId.JobFailed, true),
        ["content_policy_violation"] = new(InpaintErrorId.ContentPolicyViolation),
        ["no_media_generated"] = new(InpaintErrorId.JobFailed),
        ["image_load_error"] = new(InpaintErrorId.ImageUnsupported),
        ["file_download_error"] = new(InpaintErrorId.ImageNotFound),
        ["face_detection_error"] = new(InpaintErrorId.JobFailed),
        ["feature_not_supported"] = new(InpaintErrorId.InvalidParameter),
        ["image_too_small"] = new(InpaintErrorId.ImageUnsupported),
        ["image_too_large"] = new(InpaintErrorId.ImageTooLarge),
        ["file_too_large"] = new(InpaintErrorId.ImageTooLarge),
        ["unsupported_image_format"] = new(InpaintErrorId.ImageUnsupported),
        ["unsupported_audio_format"] = new(InpaintErrorId.InvalidParameter),
        ["unsupported_video_format"] = new(InpaintErrorId.InvalidParameter),
        ["image_aspect_ratio_error"] = new(InpaintErrorId.ImageUnsupported),

        ["request_timeout"] = new(InpaintErrorId.JobFailed, true),
        ["startup_timeout"] = new(InpaintErrorId.JobFailed, true),
        ["runner_scheduling_failure"] = new(InpaintErrorId.JobFailed, true),
        ["runner_connection_timeout"] = new(InpaintErrorId.JobFailed, true),
        ["runner_disconnected"] = new(InpaintErrorId.JobFailed, true),
        ["runner_connection_refused"] = new(InpaintErrorId.JobFailed, true),
        ["runner_connection_error"] = new(InpaintErrorId.JobFailed, true),
        ["runner_incomplete_response"] = new(InpaintErrorId.JobFailed, true),
        ["runner_server_error"] = new(InpaintErrorId.JobFailed, true),
        ["internal_error"] = new(InpaintErrorId.JobFailed, true),
        ["client_disconnected"] = new(InpaintErrorId.JobCancelled),
        ["client_cancelled"] = new(InpaintErrorId.JobCancelled),
        ["bad_request"] = new(InpaintErrorId.InvalidParameter),

        ["concurrent_requests_limit"] = new(InpaintErrorId.RateLimited, true),
    };

    /// <summary>Finds what a type means.</summary>
    /// <param name="type">fal's type; null for none.</param>
    /// <returns>The class; null for a type that fal's documentation does not have, such as those of its input checks (<c>less_than_equal</c>, <c>missing</c>).</returns>
    public static FalErrorClass? Classify(string? type) => type is null ? null : Classes.GetValueOrDefault(type);
}
