namespace Inpaint;

/// <summary>A line of the provider's own log.</summary>
/// <param name="Timestamp">When the provider wrote it, as its text says it (ISO 8601); null when it said nothing.</param>
/// <param name="Message">The line.</param>
/// <param name="Level">Its level, where the provider names one.</param>
public sealed record InpaintLogEntry(string? Timestamp, string Message, string? Level = null);
