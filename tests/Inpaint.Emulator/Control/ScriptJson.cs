using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Inpaint.Http;
using Inpaint.Jobs;

namespace Inpaint.Emulator.Control;

/// <summary>Job scripts as JSON: a <c>preset</c> or <c>steps</c>, and the other members of <see cref="JobScript"/>.</summary>
internal static class ScriptJson
{
    public static JobScript Read(JsonObject json)
    {
        JobScript script = Preset(json);
        return script with
        {
            Steps = json.ContainsKey("steps") ? [.. json.Objects("steps").Select(ReadStep)] : script.Steps,
            SubmittedPosition = json.Int("submittedPosition") ?? script.SubmittedPosition,
            RequestId = json.Text("requestId"),
            StepTime = json.Seconds("stepSeconds"),
            LogWindow = json.Int("logWindow") ?? script.LogWindow,
            Error = json.Text("error"),
            ErrorType = json.Text("errorType"),
            IgnoresCancel = json.Flag("ignoresCancel"),
            StartsTooLate = json.Flag("startsTooLate"),
            Result = json["result"] is JsonObject result ? FaultJson.Read(new(result.Select(Clone)) { ["kind"] = "respond" }).Answer : null,
        };
    }

    private static KeyValuePair<string, JsonNode?> Clone(KeyValuePair<string, JsonNode?> member) => new(member.Key, member.Value?.DeepClone());

    private static JobScript Preset(JsonObject json) => json.Text("preset") switch
    {
        null => new(),
        "immediate" => JobScript.Immediate,
        "heldInQueue" => JobScript.HeldInQueue(json.Int("position") ?? 0),
        "heldInProgress" => JobScript.HeldInProgress(json.Texts("logs")),
        "reads" => JobScript.Reads(json.Int("queued") ?? 1, json.Int("running") ?? 1),
        string other => throw new JsonException($"There is no preset \"{other}\"."),
    };

    private static JobStep ReadStep(JsonObject json) => new(json.Name<JobPhase>("phase"))
    {
        QueuePosition = json.Int("position") ?? 0,
        Logs = json.Texts("logs"),
        Held = json.Flag("held"),
        Status = json.Text("status"),
    };
}
