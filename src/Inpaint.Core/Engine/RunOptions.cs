using System.Security;
using Inpaint.Journal;

namespace Inpaint.Engine;

/// <summary>How a call of the engine is carried out. Each property has a default that suits most calls.</summary>
public sealed record RunOptions
{
    /// <summary>The provider's key; null for the one that is set or in the environment.</summary>
    public SecureString? ApiKey { get; init; }

    /// <summary>Receives what happens on the way, from any thread; null for nobody.</summary>
    public IProgress<JobEvent>? Events { get; init; }

    /// <summary>The longest time to wait, from the call; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How often failed calls are repeated; null for the usual way.</summary>
    public RetryLimits? Retry { get; init; }

    /// <summary>The jobs to attach to when another process makes one for the same request at this moment; null to make one in any case.</summary>
    public JobResumption? Resumption { get; init; }
}
