using System.Text.Json;
using Inpaint.Http;
using Inpaint.Providers.Shared.FalProtocol;

namespace Inpaint.Providers.FalGateway;

/// <summary>
/// Reads what a gateway says about a request. A pending one has a <c>status</c>, in fal's words or in the gateway's; a finished one has pictures and no
/// status. The pictures decide.
/// </summary>
internal static class FalGatewayStatusReader
{
    /// <summary>Reads a document.</summary>
    /// <param name="root">The document.</param>
    /// <returns>What it says; null when it says neither a known status nor has pictures.</returns>
    /// <exception cref="FormatException">A picture that came inside the response is broken.</exception>
    public static JobUpdate? Read(JsonElement root)
    {
        if (FalOutputReader.Read(root, billableUnits: null) is { } output)
        {
            return new JobUpdate { State = InpaintJobState.Completed, Output = output };
        }

        FalStatusReader.TryRead(root, out JobUpdate? update);
        return update ?? root.Text("status")?.ToUpperInvariant() switch
        {
            "PENDING" or "QUEUED" or "SUBMITTED" or "NOT_START" => new JobUpdate { State = InpaintJobState.InQueue },
            "PROCESSING" or "RUNNING" => new JobUpdate { State = InpaintJobState.InProgress },
            "FAILED" or "FAILURE" or "ERROR" => new JobUpdate { State = InpaintJobState.Failed, ErrorId = InpaintErrorId.JobFailed, Error = Reason(root) },
            "CANCELLED" or "CANCELED" => new JobUpdate { State = InpaintJobState.Cancelled, ErrorId = InpaintErrorId.JobCancelled, Error = Reason(root) },

            // An output without pictures is final; an error object is the gateway's own, which is read elsewhere.
            null when FalOutputReader.IsOutput(root) || root.Text("error") is not null => new JobUpdate { State = InpaintJobState.Failed, ErrorId = InpaintErrorId.JobFailed, Error = Reason(root) },
            _ => null,
        };
    }

    private static string Reason(JsonElement root) => PlainText.Clean(
        JsonReading.Reason(root) ?? (root.Text("status") is { } status ? $"The gateway reports {status} and does not say why." : "The model made no picture and does not say why."));
}
