using System.ComponentModel;
using System.Management.Automation;
using System.Text.RegularExpressions;
using Inpaint.Binding;

namespace Inpaint.Pipeline;

/// <summary>
/// What to do about each failure, in terms of commands and parameters. Once a provider has accepted a job, the job determines the advice: that it is paid for and how to collect it,
/// and never to submit another.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static partial class ShellAdvice
{
    /// <summary>Collects every job that is paid for and not yet in a file.</summary>
    private const string CollectAll = "Get-InpaintStatus | Receive-InpaintJob | Save-InpaintImage";

    /// <summary>Says what to do about a failure, with parameters that the failed command has.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="command">The command that failed; null when it is not known.</param>
    /// <returns>A few sentences.</returns>
    public static string For(InpaintException failure, CommandInfo? command = null)
    {
        ArgumentNullException.ThrowIfNull(failure);
        bool Has(string parameter) => command?.Parameters.ContainsKey(parameter) != false;
        string advice = failure.Job is { IsAccepted: true } job ? For(failure.ErrorId, job, ForOutput(failure, command, Has))
            : ForParameter(failure, command, Has)
            ?? (failure.HasSpecificAdvice ? Specific(failure)
            : failure is { ErrorId: InpaintErrorId.InvalidParameter, Parameter: { } parameter } && typeof(InpaintRequest).GetProperty(parameter) is not null ? $"Correct -{ParameterNames.ToParameter(parameter)}; Get-Help shows what it accepts, Get-InpaintProvider what each provider supports."
            : For(failure.ErrorId));
        return command is null ? advice : Applicable(advice, Has) is { Length: > 0 } applicable ? applicable : ErrorAdvice.For(failure.ErrorId);
    }

    /// <summary>Advice about the file that a picture of a job could not be saved to: that the job is paid for does not make its name valid. Null elsewhere.</summary>
    private static string? ForOutput(InpaintException failure, CommandInfo? command, Func<string, bool> has) =>
        failure.ErrorId == InpaintErrorId.OutputExists ? ForParameter(failure, command, has)
        : failure is { ErrorId: not InpaintErrorId.OutputWriteFailed, Parameter: "OutPath" or "Path" or nameof(SaveOptions.NameTemplate) } ? "Save the picture under a name with another extension, such as .png."
        : null;

    /// <summary>Leaves out the sentences about parameters that the command does not have. Those after the name of a command are that command's.</summary>
    private static string Applicable(string advice, Func<string, bool> has) => Join([.. Sentences().Split(advice).Where(sentence => OwnParameters().Matches(CommandName().Split(Quoted().Replace(sentence, ""), 2)[0]).All(own => has(own.Groups[1].Value)))]);

    [GeneratedRegex(@"(?<=\.)\s+(?=\p{Lu})")]
    private static partial Regex Sentences();

    [GeneratedRegex(@"\b\p{Lu}\p{Ll}+-Inpaint\w+|\bInvoke-WebRequest\b|\bGet-ChildItem\b")]
    private static partial Regex CommandName();

    [GeneratedRegex(@"'[^']*'")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"(?<!\w)-(\p{Lu}\w+)")]
    private static partial Regex OwnParameters();

    /// <summary>The failure's own advice, with the commands for it.</summary>
    private static string Specific(InpaintException failure) => (failure.ErrorId, failure.Parameter, failure.Provider) switch
    {
        (InpaintErrorId.ApiKeyMissing, nameof(InpaintRequest.Provider), { } provider) =>
            Join($"Set-InpaintProvider {provider} -ApiKey (Read-Host -AsSecureString) -Default sets a key for all commands.", failure.RecommendedAction),
        (InpaintErrorId.ApiKeyMissing, _, { } provider) => Join($"Set-InpaintProvider {provider} -ApiKey (Read-Host -AsSecureString) sets a key.", failure.RecommendedAction),
        (InpaintErrorId.InvalidParameter, nameof(InpaintRequest.Provider), { } provider) =>
            $"Add -Provider {provider} or another, or choose one for all commands: Set-InpaintProvider {provider} -Default.",
        (InpaintErrorId.SubmissionUncertain, _, var provider) when provider is not null || failure.Job is { State: InpaintJobState.Uncertain } =>
            Join(failure.RecommendedAction, "Receive-InpaintJob -Id collects a job by its id. Or run the command again with -Resume to attach to it or submit it again; Get-InpaintStatus lists it until then."),
        _ => failure.RecommendedAction,
    };

    /// <summary>Advice where a command or parameter solves the problem with one parameter or file; null elsewhere.</summary>
    private static string? ForParameter(InpaintException failure, CommandInfo? command, Func<string, bool> has) => (failure.ErrorId, failure.Parameter, failure.Subject) switch
    {
        (InpaintErrorId.ImageNotFound, _, { } path) when Directory.Exists(path) => $"Specify a picture in it, or pipe all of them to the command: Get-ChildItem -File {Quote(path)} | ...",
        (InpaintErrorId.ImageNotFound, _, { } path) when path.AsSpan().ContainsAny('*', '?') => $"Pipe the pictures to the command: Get-ChildItem {Quote(path)} | ...",
        (InpaintErrorId.ImageUnsupported or InpaintErrorId.InvalidParameter, _, { } url) when url.StartsWith("http", StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) =>
            $"Download it first: Invoke-WebRequest {Quote(url)} -OutFile {Quote(Path.GetFileName(uri.LocalPath))}. Save-InpaintImage does that for results.",
        (InpaintErrorId.MaskSizeMismatch, "Mask", { } image) => $"{(has("ResizeMask") ? "Add -ResizeMask to scale the mask, or make" : "Make")} one with: New-InpaintMask -Image {Quote(image)}",
        (InpaintErrorId.InvalidParameter, "Mask", { } image) when !failure.HasSpecificAdvice =>
            $"Paint a mask: Edit-InpaintMask {Quote(image)}. Or mark the part with parameters such as -Rectangle BottomRight,30%,10%, or specify a file with -Mask. Or let a model find it with -MaskPrompt.",
        (InpaintErrorId.InvalidParameter, "Mask", null) when failure.HasSpecificAdvice => "Specify one of them with -Mask.",
        (InpaintErrorId.InvalidParameter, "Mask", { } image) =>
            $"Specify the mask with -Mask, or make one with: New-InpaintMask {Quote(image)}. A script block that finds masks by name must change every name: {{ $_ -replace '\\.\\w+$', '_mask.png' }}. -MaskMode Alpha repaints the transparent part of the picture itself.",
        (InpaintErrorId.InvalidParameter, "Model", _) when failure.HasSpecificAdvice => "Specify the provider of that model with -Provider.",
        (InpaintErrorId.InvalidParameter, "Padding", _) when failure.HasSpecificAdvice => "Add -CropToMask, or leave -Padding out.",
        (InpaintErrorId.InvalidParameter, "Port", _) => "Specify another -Port, or omit it to use any free port.",
        (InpaintErrorId.ImageUnsupported, "Metadata", _) => "Use -Metadata Sidecar, which leaves the picture file unmodified.",
        (InpaintErrorId.OutputExists or InpaintErrorId.OutputWriteFailed, "Force", _) => $"Choose another {PlaceParameter(command)}, or add -Force if the file is no longer needed.",
        (InpaintErrorId.OutputExists, "NoClobber", _) => $"Choose another {PlaceParameter(command)}{(has("Name") ? " or -Name" : "")}, or leave out -NoClobber.",
        (InpaintErrorId.OutputExists, _, _) when !failure.HasSpecificAdvice => $"Choose another {PlaceParameter(command)}{(has("Name") ? " or -Name" : "")}, leave out -NoClobber, or add -Force to replace the file.",
        (InpaintErrorId.MaskEmpty or InpaintErrorId.MaskFull, _, _) when failure.HasSpecificAdvice => failure.RecommendedAction.Replace("Use MaskMode", "Use -MaskMode", StringComparison.Ordinal),
        _ => null,
    };

    // -Path of a command with one of the other two names pictures.
    private static string PlaceParameter(CommandInfo? command) =>
        command?.Parameters.ContainsKey("DifferencePath") == true ? "-DifferencePath" : command?.Parameters.ContainsKey("OutPath") == true ? "-OutPath" : "-Path";

    private static string Quote(string value) => value.All(c => char.IsAsciiLetterOrDigit(c) || "-_./\\:".Contains(c)) ? value : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>Says what to do about a failure before there is a job, when the failure has no advice of its own.</summary>
    /// <param name="errorId">The failure.</param>
    /// <returns>One sentence.</returns>
    public static string For(InpaintErrorId errorId) => errorId switch
    {
        InpaintErrorId.ApiKeyMissing => "Set the key with Set-InpaintProvider -ApiKey (Read-Host -AsSecureString), or set the provider's environment variable.",
        InpaintErrorId.AuthenticationFailed => "Check the key with Test-InpaintProvider and set a valid one with Set-InpaintProvider -ApiKey.",
        InpaintErrorId.QuotaExceeded => "Top up the account on the provider's site, then run the command again.",
        InpaintErrorId.RateLimited => "Wait, lower -ThrottleLimit, or leave out -MaximumRetryCount.",
        InpaintErrorId.InvalidParameter => "Correct the value; Get-Help shows what each parameter accepts, Get-InpaintProvider what each provider supports.",
        InpaintErrorId.MaskSizeMismatch => "Make the mask the size of the picture, or add -ResizeMask.",
        InpaintErrorId.MaskEmpty => "Paint the part to repaint white, or choose another -MaskMode.",
        InpaintErrorId.MaskFull => "Paint the part to keep black, or choose another -MaskMode.",
        InpaintErrorId.ProviderNotFound => "Get-InpaintProvider lists the known providers; Set-InpaintProvider adds one.",
        InpaintErrorId.ProviderUnavailable => "Check the connection and the provider's status page, then run the command again.",
        InpaintErrorId.SubmissionUncertain => "Look the job up with Get-InpaintStatus or on the provider's site before sending it again.",
        InpaintErrorId.JobNotFound => "Check the id and the provider; Get-InpaintStatus -All lists the jobs known here.",
        InpaintErrorId.JobTimedOut => "Raise -TimeoutSec, or leave it out, and run the command again.",
        InpaintErrorId.ResultAccessDenied => "Make the file public on the provider's site, or request the pictures inside the response with -InlineResult.",
        InpaintErrorId.CostLimitExceeded => "Raise -MaximumCost, or send fewer or smaller pictures.",
        InpaintErrorId.OutputExists => "Choose another -Path or -Name, leave out -NoClobber, or add -Force to replace the file.",
        InpaintErrorId.UnexpectedError => "See Get-Help about_Inpaint.",
        _ => ErrorAdvice.For(errorId),
    };

    /// <summary>Says what to do about a failure of a job.</summary>
    /// <param name="errorId">The failure.</param>
    /// <param name="job">The job as last known.</param>
    /// <param name="aboutOutput">What to do about the file that a picture could not be saved to; null where that is not what failed.</param>
    /// <returns>A few sentences.</returns>
    public static string For(InpaintErrorId errorId, InpaintJob job, string? aboutOutput = null)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (!job.IsAccepted)
        {
            return For(errorId);
        }

        if (job.EndedWithoutResult)
        {
            return Join($"Nothing is left to collect for the job {job.Id}.", ForNextJob(errorId, job));
        }

        string collect = job.SavedAt is null ? CollectAll : $"Get-InpaintStatus -Id {job.Id} | Receive-InpaintJob | Save-InpaintImage";
        string paid = job.IsFree ? "is kept" : "is paid for";
        return (errorId, job) switch
        {
            (InpaintErrorId.JobTimedOut, { StopOutcome: StopOutcome.CancellationRequested }) =>
                $"Check the job with Get-InpaintStatus -Id {job.Id}. If it completed after all, it {paid}: collect it with {collect}",
            (InpaintErrorId.JobTimedOut, { StopOutcome: not StopOutcome.AlreadyCompleted, IsFinished: false }) =>
                $"The job continues and {paid}: collect it later with {collect}, or cancel it with Stop-InpaintJob -Id {job.Id}.",
            _ => Join(aboutOutput ?? ForPaidJob(errorId), $"The job {job.Id} {paid}: collect it with {collect}"),
        };
    }

    /// <summary>What prevents a job from being collected, where a command or parameter resolves it; else the general advice.</summary>
    private static string ForPaidJob(InpaintErrorId errorId) => errorId switch
    {
        InpaintErrorId.ResultAccessDenied =>
            "Make the account's files public on the provider's site. For later jobs, -InlineResult returns the pictures inside the response, and with fal, -Option @{ OutputAccess = 'allow' } makes their files readable.",
        InpaintErrorId.ApiKeyMissing or InpaintErrorId.AuthenticationFailed or InpaintErrorId.ProviderNotFound or InpaintErrorId.OutputExists => For(errorId),
        _ => ErrorAdvice.ForPaidJob(errorId),
    };

    /// <summary>What to do differently after a job that ended without a result.</summary>
    private static string ForNextJob(InpaintErrorId errorId, InpaintJob job) => errorId switch
    {
        InpaintErrorId.JobFailed when job.IsTransient => "The failure may be transient: run the command again later.",
        InpaintErrorId.InvalidParameter or InpaintErrorId.MaskSizeMismatch or InpaintErrorId.MaskEmpty or InpaintErrorId.MaskFull => For(errorId),
        InpaintErrorId.ImageNotFound =>
            "The service could not load a picture. URLs must be public; upload files instead of sending them inside the request, with fal by -Option @{ UploadPictures = $true }.",
        InpaintErrorId.JobTimedOut => "A longer -TimeoutSec, or none, lets a job finish.",
        _ => ErrorAdvice.ForNextJob(errorId, job),
    };

    private static string Join(params string[] sentences) => string.Join(' ', sentences.Where(s => s.Length > 0));
}
