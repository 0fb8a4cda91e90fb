namespace Inpaint;

/// <summary>How often a call that was refused, or found nobody, is repeated. What may have made a paid job is never repeated, whatever this says.</summary>
/// <param name="MaximumCount">
/// Most repetitions of each call; 0 for none. Null for the usual number, and for waiting as long as a service says that it has no room (429).
/// </param>
/// <param name="Interval">The pause before each repetition, unless the service asks for another one; null for pauses that grow.</param>
public sealed record RetryLimits(int? MaximumCount = null, TimeSpan? Interval = null);
