using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Recording;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Inpaint.Emulator.Wire;

/// <summary>The way of every request: recorded, met by a fault or not, handled by its service, answered.</summary>
internal sealed class EmulatorPipeline(EmulatorState state, EmulatorRouter router, Func<TimeSpan?, Task> goOffline) : IDisposable
{
    private readonly AnswerSender sender = new(state.Faults, state.Connections, state.Time);
    private readonly SemaphoreSlim admission = new(1, 1);

    public void Dispose() => admission.Dispose();

    public async Task HandleAsync(HttpContext http)
    {
        (WireRoute route, string prefix) = router.Resolve(http.Request);
        RecordedRequest request = state.Requests.Add(http, route);
        Fault fault = state.Faults.Take(request) ?? Fault.Pass;
        request.Fault = fault.Kind == FaultKind.Pass ? null : fault.ToString();
        state.Connections.RequestBegun();
        try
        {
            await HandleAsync(new(http, state, request, prefix), route, fault);
        }
        // What reads or writes may find that the connection has broken before the request is told. Nothing else here does input or output, or is cancelled.
        catch (Exception broken) when (http.RequestAborted.IsCancellationRequested || broken is IOException or OperationCanceledException)
        {
            request.AbortedByClient = fault.Kind is not (FaultKind.Reset or FaultKind.Close or FaultKind.Truncate);
        }
        catch (Exception malfunction)
        {
            state.Report(malfunction);
            throw;
        }
        finally
        {
            state.Connections.RequestEnded();
            state.Requests.Announce();
        }
    }

    private async Task HandleAsync(Exchange exchange, WireRoute route, Fault fault)
    {
        HttpContext http = exchange.Http;
        bool endsConnection = fault.Kind is FaultKind.Reset or FaultKind.Close;
        if (fault is { Kind: FaultKind.Reset, AfterHandling: false })
        {
            http.Abort();
            return;
        }

        exchange.Request.Body = await ReadBodyAsync(http.Request);
        state.Requests.Announce();
        Answer? substitute = fault.Kind == FaultKind.Respond ? fault.Answer : null;
        bool isHandled = fault.AfterHandling || (substitute is null && !endsConnection);
        Answer? answer = isHandled ? await AnswerAsync(exchange, route) : null;
        if (endsConnection)
        {
            await EndConnectionAsync(http, fault.Kind);
            return;
        }

        answer = substitute ?? answer!;
        exchange.Request.Status = answer.Status;
        await sender.SendAsync(http, answer, fault);
        if (fault.Kind == FaultKind.GoOffline)
        {
            await http.Response.CompleteAsync();
            await goOffline(fault.Delay);
        }
    }

    private async Task<Answer> AnswerAsync(Exchange exchange, WireRoute route)
    {
        if (route.Operation != WireOperation.Submit || state.Jobs.Limit == int.MaxValue)
        {
            return await route.Handle(exchange);
        }

        // One submit after the other, so that there are never more jobs than the limit allows.
        await admission.WaitAsync(exchange.Http.RequestAborted);
        try
        {
            if (!state.Jobs.IsFull)
            {
                return await route.Handle(exchange);
            }

            Fault refusal = Fault.TooManyRequests(state.Jobs.LimitRetryAfter);
            exchange.Request.Fault = refusal.ToString();
            return refusal.Answer!;
        }
        finally
        {
            admission.Release();
        }
    }

    private static async Task EndConnectionAsync(HttpContext http, FaultKind kind)
    {
        if (kind == FaultKind.Close)
        {
            await http.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport.Output.CompleteAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        http.Abort();
    }

    private static async Task<ReadOnlyMemory<byte>> ReadBodyAsync(HttpRequest request)
    {
        using MemoryStream body = new(request.ContentLength is { } length ? (int)Math.Min(length, int.MaxValue) : 0);
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
