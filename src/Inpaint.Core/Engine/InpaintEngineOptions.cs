using System.Net.Security;
using System.Security;
using Inpaint.Files;
using Inpaint.Journal;
using Microsoft.Extensions.Logging;

namespace Inpaint.Engine;

/// <summary>The options of an engine.</summary>
public sealed record InpaintEngineOptions
{
    private readonly Func<IProgress<JobEvent>?, IProgress<JobEvent>>? log;

    /// <summary>The folder of the journal and of unsaved pictures; null for <c>INPAINT_HOME</c>, else the platform's state folder.</summary>
    public string? StateFolder { get; init; }

    /// <summary>
    /// The folder of the user's settings file, which says what providers there are beside the built-in ones and what differs of those; null for none. The shell's commands use
    /// <see cref="UserSettingsFolder"/>.
    /// </summary>
    public Func<string?> SettingsFolder { get; init; } = () => null;

    /// <summary>
    /// Reads a secret, by its name and the store that has it (null for the default one), at each use; null where there is no secret store. It is called from any thread, and fails with
    /// InvalidOperationException, whose message ends a sentence.
    /// </summary>
    public Func<string, string?, SecureString>? ReadSecret { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Reads environment variables.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>The log for jobs: warnings, pauses and steps. No key and no URL's query is ever logged. Null for no log.</summary>
    public ILogger? Logger
    {
        get;
        init => (field, log) = (value, value is null ? null : events => new EventLog(value, events));
    }

    /// <summary>
    /// Creates the handlers of the HTTP clients; null for the engine's own. Those follow no redirects, open a new connection for each submit, and refuse to download a picture from a
    /// private network for a service outside it; a handler that is given here must ensure that itself.
    /// </summary>
    public Func<HttpMessageHandler>? CreateHttpHandler { get; init; }

    /// <summary>Validates the certificates of services; null for the platform's rules.</summary>
    internal RemoteCertificateValidationCallback? ValidateCertificate { get; init; }

    /// <summary>Finds the user's settings folder: <c>INPAINT_CONFIG</c>, else the platform's folder for settings.</summary>
    /// <returns>The folder, which need not exist.</returns>
    public string UserSettingsFolder() => UserFolders.Settings(Environment);

    /// <summary>Returns a receiver that also writes events to the log, if there is one. It names no type of the logging library, which would be loaded even without a log.</summary>
    internal IProgress<JobEvent>? Logged(IProgress<JobEvent>? events) => log is null ? events : log(events);
}

/// <summary>How a call of the engine is carried out. Each property has a default that suits most calls.</summary>
public sealed record RunOptions
{
    /// <summary>The provider's key; null for the one that is set or in the environment.</summary>
    public SecureString? ApiKey { get; init; }

    /// <summary>Receives events, on any thread; null for none.</summary>
    public IProgress<JobEvent>? Events { get; init; }

    /// <summary>The maximum time to wait, from the call; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Retry limits; null for the defaults.</summary>
    public RetryLimits? Retry { get; init; }

    /// <summary>The jobs to attach to when another process submits one for the same request at the same time; null to submit one in any case.</summary>
    public JobResumption? Resumption { get; init; }
}
