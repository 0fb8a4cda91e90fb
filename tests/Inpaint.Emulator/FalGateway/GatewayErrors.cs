using System.Text.Json.Nodes;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator.FalGateway;

/// <summary>The error shapes of the gateways' software: an <c>error</c> object whose <c>code</c> says more than the HTTP status.</summary>
public static class GatewayErrors
{
    /// <summary>The error type of the original software.</summary>
    public const string NewApi = "new_api_error";

    /// <summary>The error type of a fork, with more members.</summary>
    public const string ShellApi = "shell_api_error";

    /// <summary>An error of the gateway as a fault.</summary>
    /// <param name="status">The HTTP status, which differs between hosts for the same code.</param>
    /// <param name="code">For example insufficient_user_quota, prompt_blocked, get_channel_failed; any JSON, or null.</param>
    /// <param name="message">The text; the gateway adds a request id.</param>
    /// <param name="type"><see cref="NewApi"/> or <see cref="ShellApi"/>.</param>
    /// <returns>The fault.</returns>
    public static Fault Fault(int status, JsonNode? code, string message = "The gateway refuses", string type = NewApi)
    {
        Answer answer = Make(status, code, message, type);
        return new() { Kind = FaultKind.Respond, Answer = answer };
    }

    /// <summary>The upstream failed and the gateway says nothing but a number.</summary>
    /// <param name="upstreamStatus">The upstream's HTTP status.</param>
    /// <returns>The fault.</returns>
    public static Fault EmptyMessage(int upstreamStatus = 502)
    {
        JsonObject error = new() { ["message"] = "", ["type"] = ShellApi, ["param"] = $"{upstreamStatus}", ["code"] = "bad_response_status_code" };
        return new() { Kind = FaultKind.Respond, Answer = Answer.Json(upstreamStatus, new JsonObject { ["error"] = error }) };
    }

    internal static Answer Make(int status, JsonNode? code, string message, string type)
    {
        JsonObject error = new()
        {
            ["message"] = $"{message} (request id: 20251120{Guid.NewGuid():N})",
            ["type"] = type,
        };
        if (type == ShellApi)
        {
            error["param"] = "";
            error["localized_message"] = message;
        }

        error["code"] = code?.DeepClone();
        return Answer.Json(status, new JsonObject { ["error"] = error });
    }
}
