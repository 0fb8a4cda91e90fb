using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator.Fal;

/// <summary>rest.fal.ai: uploads are announced here and go to the file host (protocol as the official client speaks it).</summary>
internal sealed class FalStorage : IEmulatedService
{
    public WireRoute Resolve(string method, string[] segments) => (method, segments) switch
    {
        ("POST", ["storage", "upload", "initiate"]) => WireRoute.To(WireService.Fal, WireOperation.UploadInitiate, exchange => Initiate(exchange, "upload")),
        ("POST", ["storage", "upload", "initiate-multipart"]) => WireRoute.To(WireService.Fal, WireOperation.UploadInitiate, exchange => Initiate(exchange, "multipart")),
        _ => WireRoute.To(WireService.Fal, WireOperation.Unknown, _ => FalErrors.PathNotFound("/" + string.Join('/', segments))),
    };

    private static Answer Initiate(Exchange exchange, string way)
    {
        if ((FalAccount.RefuseKey(exchange, "Authorization header is required") ?? FalAccount.RefuseLocked(exchange)) is { } refusal)
        {
            return refusal;
        }

        if (exchange.Input is not { } input || Text(input, "content_type") is not { } contentType || Text(input, "file_name") is not { } name)
        {
            return FalErrors.Model(422, retryable: false, FalErrors.Entry("file_name", "Field required", "missing"));
        }

        string id = exchange.State.Files.Add(name, contentType);
        return Answer.Json(200, new JsonObject
        {
            ["file_url"] = $"{exchange.CdnBase}/files/{id}/{Uri.EscapeDataString(name)}",
            ["upload_url"] = $"{exchange.State.UploadBase ?? exchange.CdnBase}/{way}/{id}?signature={id}",
        });
    }

    private static string? Text(JsonObject input, string field) =>
        input[field] is { } value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
}
