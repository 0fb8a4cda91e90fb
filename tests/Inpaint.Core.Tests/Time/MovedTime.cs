namespace Inpaint.Tests.Time;

/// <summary>The system's clock, by which another day can be had.</summary>
internal sealed class MovedTime : TimeProvider
{
    private TimeSpan moved;

    public void Move(TimeSpan span) => moved += span;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + moved;
}
