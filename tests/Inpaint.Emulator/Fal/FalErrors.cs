using System.Text.Json.Nodes;
using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator.Fal;

/// <summary>fal's error formats (fal.ai/docs, "Errors" and "Request error types").</summary>
internal static class FalErrors
{
    public static Answer Detail(int status, string detail) => Answer.Json(status, new JsonObject { ["detail"] = detail });

    public static Answer NotFound() => Answer.Json(404, new JsonObject { ["status"] = "NOT_FOUND" });

    public static Answer PathNotFound(string path) => Detail(404, $"Path {path} not found");

    public static Answer MethodNotAllowed(string allow) => Detail(405, "Method Not Allowed").With("Allow", allow);

    /// <summary>A model's error: <c>detail</c> is an array.</summary>
    public static Answer Model(int status, bool retryable, params JsonObject[] details) =>
        Answer.Json(status, new JsonObject { ["detail"] = new JsonArray([.. details]) }).With("X-Fal-Retryable", retryable ? "true" : "false");

    /// <summary>An infrastructure error: <c>detail</c> is a text beside <c>error_type</c>.</summary>
    public static Answer Infrastructure(int status, string detail, string errorType) =>
        Answer.Json(status, new JsonObject { ["detail"] = detail, ["error_type"] = errorType }).With("X-Fal-Error-Type", errorType);

    /// <summary>One entry of a <c>detail</c> array.</summary>
    public static JsonObject Entry(string field, string message, string type, JsonNode? input = null, JsonObject? context = null)
    {
        JsonObject entry = new()
        {
            ["loc"] = field.Length == 0 ? new JsonArray("body") : new JsonArray(["body", .. field.Split('.').Select(Location)]),
            ["msg"] = message,
            ["type"] = type,
            ["url"] = $"https://docs.fal.ai/errors#{type}",
        };
        if (context is not null)
        {
            entry["ctx"] = context;
        }

        if (input is not null)
        {
            entry["input"] = input.DeepClone();
        }

        return entry;
    }

    // Positions within an array are numbers in "loc", as in loras[0].path.
    private static JsonNode Location(string part) => int.TryParse(part, out int index) ? JsonValue.Create(index) : JsonValue.Create(part);
}
