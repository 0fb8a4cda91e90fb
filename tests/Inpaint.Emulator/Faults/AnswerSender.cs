using System.Text;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Recording;
using Inpaint.Emulator.Wire;
using Microsoft.AspNetCore.Http.Features;

namespace Inpaint.Emulator.Faults;

/// <summary>Sends an answer the way a fault wants it.</summary>
internal sealed class AnswerSender(FaultBook book, ConnectionGauge gauge, TimeProvider time)
{
    private const int PaddingPiece = 64 * 1024;

    public async Task SendAsync(HttpContext http, Answer answer, Fault fault)
    {
        if (fault.Kind == FaultKind.SlowHeaders)
        {
            await WaitAsync(fault.Delay, http.RequestAborted);
        }

        answer = Deform(answer, fault);
        HttpResponse response = http.Response;
        response.StatusCode = answer.Status;
        if (answer.Reason is not null)
        {
            http.Features.GetRequiredFeature<IHttpResponseFeature>().ReasonPhrase = answer.Reason;
        }

        foreach ((string name, string value) in answer.Headers)
        {
            response.Headers[name] = value;
        }

        if (answer.ContentType is not null)
        {
            response.ContentType = answer.ContentType;
        }

        if (answer.Stream is not null)
        {
            await SendStreamAsync(http, answer.Stream, fault);
        }
        else
        {
            await SendBodyAsync(http, answer, fault);
        }
    }

    private static Answer Deform(Answer answer, Fault fault) => fault.Kind switch
    {
        FaultKind.MalformedBody => answer with { Body = answer.Body[..(answer.Body.Length / 2)] },
        FaultKind.EmptyBody => answer with { Body = default, Stream = null },
        FaultKind.ContentType => answer with { ContentType = fault.Text },
        FaultKind.StatusText when WireJson.ParseObject(answer.Body.Span) is { } json => answer with { Body = WithStatus(json, fault.Text) },
        FaultKind.GoOffline => answer.With("Connection", "close"),
        _ => answer,
    };

    private static byte[] WithStatus(JsonObject json, string? status)
    {
        json["status"] = status;
        return Encoding.UTF8.GetBytes(json.ToJsonString(WireJson.Plain));
    }

    private async Task SendBodyAsync(HttpContext http, Answer answer, Fault fault)
    {
        HttpResponse response = http.Response;
        ReadOnlyMemory<byte> body = answer.Body;
        if (fault.Kind == FaultKind.HugeBody)
        {
            await SendHugeAsync(response, answer, fault);
            return;
        }

        if (answer.Status is not (204 or 304))
        {
            response.ContentLength = body.Length;
        }

        await response.StartAsync(http.RequestAborted);
        switch (fault.Kind)
        {
            case FaultKind.Truncate:
                await WriteAsync(response, body[..(int)Math.Min(fault.Bytes ?? body.Length / 2, Math.Max(body.Length - 1, 0))]);
                http.Abort();
                break;
            case FaultKind.SlowBody when fault.Delay is null:
                int first = (int)Math.Min(fault.Bytes ?? body.Length / 2, body.Length);
                await WriteAsync(response, body[..first]);
                await WaitAsync(null, http.RequestAborted);
                await WriteAsync(response, body[first..]);
                break;
            case FaultKind.SlowBody:
                int piece = (int)Math.Max(fault.Bytes ?? 1, 1);
                for (int at = 0; at < body.Length; at += piece)
                {
                    await WaitAsync(fault.Delay, http.RequestAborted);
                    await WriteAsync(response, body.Slice(at, Math.Min(piece, body.Length - at)));
                }

                break;
            default:
                await WriteAsync(response, body);
                break;
        }
    }

    private static async Task SendHugeAsync(HttpResponse response, Answer answer, Fault fault)
    {
        long pieces = ((fault.Bytes ?? 0) + PaddingPiece - 1) / PaddingPiece;
        response.ContentLength = fault.IsAnnounced ? pieces * PaddingPiece + answer.Body.Length : null;

        // JSON stays valid behind white space, so only the size can be the reason to refuse it; a picture keeps its head and gets a tail of zeros.
        bool json = answer.ContentType?.Contains("json", StringComparison.OrdinalIgnoreCase) == true;
        if (!json)
        {
            await WriteAsync(response, answer.Body);
        }

        await WritePaddingAsync(response, json ? (byte)' ' : (byte)0, pieces);
        if (json)
        {
            await WriteAsync(response, answer.Body);
        }
    }

    private async Task SendStreamAsync(HttpContext http, AnswerStream stream, Fault fault)
    {
        HttpResponse response = http.Response;
        response.Headers.CacheControl = "no-cache";
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        int events = 0;
        gauge.StreamBegun();
        try
        {
            await response.StartAsync(ended.Token);
            await response.Body.FlushAsync(ended.Token);
            await stream(
                async piece =>
                {
                    await BeforeEventAsync(events++);
                    ended.Token.ThrowIfCancellationRequested();
                    await WriteInPiecesAsync(response, piece, fault);
                },
                ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
        {
            // The fault ended the stream, not the client.
        }
        finally
        {
            gauge.StreamEnded();
        }

        async Task BeforeEventAsync(int sent)
        {
            switch (fault.Kind)
            {
                case FaultKind.Truncate when sent >= (fault.Events ?? 1):
                    http.Abort();
                    await ended.CancelAsync();
                    break;
                case FaultKind.EndStream when sent >= (fault.Events ?? 1):
                    await ended.CancelAsync();
                    break;
                case FaultKind.HugeBody when sent == 0:
                    await WriteAsync(response, "data: "u8.ToArray());
                    await WritePaddingAsync(response, (byte)'x', (fault.Bytes ?? 0) / PaddingPiece + 1);
                    break;
                case FaultKind.SlowBody when fault.Delay is not null || sent == (fault.Events ?? 1):
                    await WaitAsync(fault.Delay, ended.Token);
                    break;
            }
        }
    }

    private static async Task WritePaddingAsync(HttpResponse response, byte filling, long pieces)
    {
        byte[] padding = new byte[PaddingPiece];
        Array.Fill(padding, filling);
        for (long sent = 0; sent < pieces; sent++)
        {
            await WriteAsync(response, padding);
        }
    }

    private static async Task WriteInPiecesAsync(HttpResponse response, ReadOnlyMemory<byte> bytes, Fault fault)
    {
        int piece = fault is { Kind: FaultKind.SlowBody, Delay: not null } ? (int)Math.Max(fault.Bytes ?? 1, 1) : Math.Max(bytes.Length, 1);
        for (int at = 0; at < bytes.Length; at += piece)
        {
            await WriteAsync(response, bytes.Slice(at, Math.Min(piece, bytes.Length - at)));
        }
    }

    private static async Task WriteAsync(HttpResponse response, ReadOnlyMemory<byte> bytes)
    {
        if (!bytes.IsEmpty)
        {
            await response.Body.WriteAsync(bytes, response.HttpContext.RequestAborted);
            await response.Body.FlushAsync(response.HttpContext.RequestAborted);
        }
    }

    private Task WaitAsync(TimeSpan? delay, CancellationToken cancellationToken) =>
        delay is { } span ? Task.Delay(span, time, cancellationToken) : book.HoldAsync(cancellationToken);
}
