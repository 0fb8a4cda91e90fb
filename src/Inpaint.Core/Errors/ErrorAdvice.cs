namespace Inpaint;

/// <summary>The default advice of every error id, in one place.</summary>
public static class ErrorAdvice
{
    /// <summary>Says what to do about a failure when the place that found it has nothing more specific to say.</summary>
    /// <param name="errorId">The failure.</param>
    /// <returns>One sentence.</returns>
    public static string For(InpaintErrorId errorId) => errorId switch
    {
        InpaintErrorId.ApiKeyMissing => "Give the key with Set-InpaintProvider -ApiKey (Read-Host -AsSecureString), or set the provider's environment variable.",
        InpaintErrorId.AuthenticationFailed => "Check the key with Test-InpaintProvider and set a valid one with Set-InpaintProvider -ApiKey.",
        InpaintErrorId.AccountLocked => "Look at the account on the provider's site; nothing here can unlock it.",
        InpaintErrorId.QuotaExceeded => "Top up the account on the provider's site, then run the line again.",
        InpaintErrorId.RateLimited => "Wait a little, or lower -ThrottleLimit.",
        InpaintErrorId.InvalidParameter => "Correct the value; Get-Help tells what each parameter takes, Get-InpaintProvider what each provider does.",
        InpaintErrorId.ImageNotFound => "Check the path.",
        InpaintErrorId.ImageUnsupported => "Convert the picture to PNG or JPEG.",
        InpaintErrorId.ImageTooLarge => "Send a smaller picture.",
        InpaintErrorId.ImageLibraryMissing => "Install libvips 8.18 or newer with the system's package manager, or work with pictures and masks at https addresses, which need no pixels here.",
        InpaintErrorId.MaskSizeMismatch => "Make the mask the size of the picture, or add -ResizeMask.",
        InpaintErrorId.MaskEmpty => "Paint what is to change white, or choose another -MaskMode.",
        InpaintErrorId.MaskFull => "Paint what is to stay black, or choose another -MaskMode.",
        InpaintErrorId.ContentPolicyViolation => "Change the prompt or the picture; the provider will refuse the same request again.",
        InpaintErrorId.ProviderNotFound => "Get-InpaintProvider lists the known ones; Set-InpaintProvider adds one.",
        InpaintErrorId.ProviderUnavailable => "Check the connection and the provider's status page, then run the line again.",
        InpaintErrorId.InsecureTransport => "Use an https address; plain http is allowed for 127.0.0.1 and localhost only.",
        InpaintErrorId.ResponseInvalid => "Run the line again; if it persists, the service changed or something between rewrites its answers.",
        InpaintErrorId.SubmissionUncertain => "Look the job up with Get-InpaintStatus or on the provider's site before sending it again.",
        InpaintErrorId.JobFailed => "Read the provider's message; the same request may fail the same way.",
        InpaintErrorId.JobNotFound => "Check the id and the provider; Get-InpaintStatus -All lists the jobs known here.",
        InpaintErrorId.JobTimedOut => "The job goes on: collect it later with Receive-InpaintJob -Wait, or end it with Stop-InpaintJob.",
        InpaintErrorId.JobCancelled => "Nothing is left to collect; start the job anew if it is still wanted.",
        InpaintErrorId.ResultExpired => "The provider has deleted the result; start the job anew.",
        InpaintErrorId.CostLimitExceeded => "Raise -MaximumCost, or send fewer or smaller pictures.",
        InpaintErrorId.OutputExists => "Leave out -NoClobber, or choose another -Path or -Name.",
        InpaintErrorId.OutputWriteFailed => "Choose a folder that can be written, or free some space.",
        InpaintErrorId.StateUnavailable => "Point INPAINT_HOME at a folder that can be read and written.",
        _ => "See Get-Help about_Inpaint.",
    };
}
