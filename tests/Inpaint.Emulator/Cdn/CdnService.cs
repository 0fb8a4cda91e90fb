using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Control;
using Inpaint.Emulator.Wire;
using Inpaint.Http;

namespace Inpaint.Emulator.Cdn;

/// <summary>The file host: uploads go to signed URLs and downloads are public, both without a key.</summary>
internal sealed class CdnService : IEmulatedService
{
    public WireRoute Resolve(string method, string[] segments) => (method, segments) switch
    {
        ("GET" or "HEAD", ["files", string id, _]) => WireRoute.To(WireService.Cdn, WireOperation.Download, exchange => Download(exchange, id)),
        ("PUT", ["upload", string id]) => WireRoute.To(WireService.Cdn, WireOperation.UploadPut, exchange => Put(exchange, id)),
        ("PUT", ["multipart", string id, string number]) when int.TryParse(number, CultureInfo.InvariantCulture, out int part) =>
            WireRoute.To(WireService.Cdn, WireOperation.UploadPart, exchange => PutPart(exchange, id, part)),
        ("POST", ["multipart", string id, "complete"]) => WireRoute.To(WireService.Cdn, WireOperation.UploadComplete, exchange => Complete(exchange, id)),
        _ => WireRoute.To(WireService.Cdn, WireOperation.Unknown, _ => NotFound()),
    };

    private static Answer NotFound() => Answer.Text(404, "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>", "application/xml");

    private static Answer Download(Exchange exchange, string id)
    {
        if (exchange.State.Files.Find(id) is not { Bytes: { } bytes } file)
        {
            return NotFound();
        }

        Answer whole = Answer.Bytes(bytes, file.ContentType).With("ETag", $"\"{id}\"").With("Accept-Ranges", "bytes");
        return Range(exchange, bytes.Length) is not { } range
            ? whole
            : whole.With("Content-Range", $"bytes {range.First}-{range.Last}/{bytes.Length}") with { Status = 206, Body = bytes[range.First..(range.Last + 1)] };
    }

    private static (int First, int Last)? Range(Exchange exchange, int length)
    {
        string[] ends = exchange.Request.Headers.GetValueOrDefault("Range", "").Replace("bytes=", "", StringComparison.Ordinal).Split('-');
        if (ends.Length != 2 || !int.TryParse(ends[0], CultureInfo.InvariantCulture, out int first) || first >= length)
        {
            return null;
        }

        return (first, int.TryParse(ends[1], CultureInfo.InvariantCulture, out int last) ? Math.Min(last, length - 1) : length - 1);
    }

    private static Answer Put(Exchange exchange, string id)
    {
        if (exchange.State.Files.Find(id) is null)
        {
            return NotFound();
        }

        exchange.State.Files.Fill(id, exchange.Request.Body);
        return new Answer().With("ETag", $"\"{id}\"");
    }

    private static Answer PutPart(Exchange exchange, string id, int part)
    {
        if (exchange.State.Files.Find(id) is not { } file || part < 1)
        {
            return NotFound();
        }

        string etag = $"{id}-{part}-{exchange.Request.Body.Length}";
        file.Parts[part] = (exchange.Request.Body, etag);
        return Answer.Json(200, new JsonObject { ["partNumber"] = part, ["etag"] = etag });
    }

    private static Answer Complete(Exchange exchange, string id)
    {
        if (exchange.State.Files.Find(id) is not { } file || exchange.Input?["parts"] is not JsonArray parts)
        {
            return NotFound();
        }

        List<ReadOnlyMemory<byte>> pieces = [];
        foreach (JsonNode? part in parts)
        {
            if (part is null || PartOf(file, part) is not { } bytes)
            {
                return Answer.Json(400, new JsonObject { ["detail"] = "One or more of the specified parts could not be found." });
            }

            pieces.Add(bytes);
        }

        byte[] whole = new byte[pieces.Sum(piece => piece.Length)];
        int at = 0;
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            piece.CopyTo(whole.AsMemory(at));
            at += piece.Length;
        }

        exchange.State.Files.Fill(id, whole);
        return Answer.Json(200, new JsonObject { ["success"] = true });
    }

    private static ReadOnlyMemory<byte>? PartOf(StoredFile file, JsonNode part)
    {
        try
        {
            return file.Parts.TryGetValue(part["partNumber"]!.GetValue<int>(), out (ReadOnlyMemory<byte> Bytes, string ETag) stored)
                && stored.ETag == part["etag"]!.GetValue<string>() ? stored.Bytes : default(ReadOnlyMemory<byte>?);
        }
        catch (Exception malformed) when (malformed is InvalidOperationException or NullReferenceException or JsonException or FormatException)
        {
            return null;
        }
    }
}
