namespace Inpaint.Engine;

/// <summary>What an engine may be told at its making.</summary>
public sealed record InpaintEngineOptions
{
    /// <summary>Where the journal and unsaved pictures are kept; null for <c>INPAINT_HOME</c>, else the platform's state folder.</summary>
    public string? StateFolder { get; init; }

    /// <summary>The clock; tests give their own.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Reads environment variables; tests give their own.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;
}
