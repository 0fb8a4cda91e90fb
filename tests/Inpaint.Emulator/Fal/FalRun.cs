using System.Text.Json.Nodes;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator.Fal;

/// <summary>fal.run: the output comes in the answer itself; no queue, no cancel, no second chance.</summary>
internal sealed class FalRun(FalQueue queue) : IEmulatedService
{
    public WireRoute Resolve(string method, string[] segments)
    {
        if (method != "POST" || FalEndpoint.Parse(segments) is not { } endpoint)
        {
            return WireRoute.To(WireService.Fal, WireOperation.Unknown, _ => FalErrors.PathNotFound("/" + string.Join('/', segments)));
        }

        return endpoint.Id == FalEndpoint.Streaming
            ? WireRoute.To(WireService.Fal, WireOperation.RunStream, exchange => Stream(exchange, endpoint))
            : new(WireService.Fal, WireOperation.Run, exchange => RunAsync(exchange, endpoint));
    }

    private async Task<Answer> RunAsync(Exchange exchange, FalEndpoint endpoint)
    {
        if (Refuse(exchange, endpoint) is { } refusal)
        {
            return refusal;
        }

        EmulatedJob job = Accept(exchange, endpoint);
        await FinishAsync(job, exchange.Aborted);
        return (await FalQueue.ResultAsync(job)).With("x-fal-request-id", job.Id);
    }

    private Answer Stream(Exchange exchange, FalEndpoint endpoint)
    {
        if (Refuse(exchange, endpoint) is { } refusal)
        {
            return refusal;
        }

        FalInput input = new(exchange.Input!, inpainting: false);
        if (input.Errors.Count > 0)
        {
            return FalErrors.Model(422, retryable: false, [.. input.Errors]);
        }

        if (FalModel.FailureOf(input) is { } failure)
        {
            return failure.With("x-fal-request-id", Guid.NewGuid().ToString());
        }

        EmulatedJob job = Accept(exchange, endpoint);
        EmulatorState state = exchange.State;
        return Answer.Events(async (write, cancellationToken) =>
        {
            await FinishAsync(job, cancellationToken);
            foreach (JsonObject picture in FalModel.Stream(state, input))
            {
                await write(WireJson.Event(picture));
            }
        }).With("x-fal-request-id", job.Id);
    }

    private static Answer? Refuse(Exchange exchange, FalEndpoint endpoint)
    {
        if ((FalAccount.RefuseKey(exchange) ?? FalAccount.RefuseLocked(exchange)) is { } refusal)
        {
            return refusal;
        }

        if (!exchange.State.FalOffers.ContainsKey(endpoint.Id))
        {
            return FalErrors.PathNotFound($"/{endpoint.Path}");
        }

        return exchange.Input is null ? FalErrors.Model(422, retryable: false, FalErrors.Entry("", "JSON decode error", "json_invalid")) : null;
    }

    private EmulatedJob Accept(Exchange exchange, FalEndpoint endpoint) =>
        queue.Accept(exchange, endpoint.Id, exchange.Input!, exchange.State.Jobs.NextScript(), WireService.Fal);

    // Goes through the script's steps without anybody reading them; a held one still holds.
    private static async Task FinishAsync(EmulatedJob job, CancellationToken cancellationToken)
    {
        for (JobView view = job.Read(); view.Step is not null; view = job.Read())
        {
            await job.NextAsync(view, cancellationToken);
        }
    }
}
