namespace Inpaint.Emulator.Wire;

/// <summary>Where a request goes.</summary>
/// <param name="Service">The service that owns the path.</param>
/// <param name="Operation">What is asked.</param>
/// <param name="Handle">Makes the answer.</param>
/// <param name="JobId">The job that the path names, if any.</param>
internal sealed record WireRoute(WireService Service, WireOperation Operation, Func<Exchange, Task<Answer>> Handle, string? JobId = null)
{
    /// <summary>A route whose answer is at hand.</summary>
    public static WireRoute To(WireService service, WireOperation operation, Func<Exchange, Answer> handle, string? jobId = null) =>
        new(service, operation, exchange => Task.FromResult(handle(exchange)), jobId);
}
