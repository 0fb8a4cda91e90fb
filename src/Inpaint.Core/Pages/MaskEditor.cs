using System.Net;
using System.Net.Mime;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Inpaint.Files;
using Inpaint.Imaging;
using Inpaint.Imaging.Masks;

namespace Inpaint.Pages;

/// <summary>Lets a person paint a mask over a picture, in a browser on this machine.</summary>
internal static class MaskEditor
{
    /// <summary>Checks what can be checked before the page is opened: picture, mask and file name. Writes nothing, and leaves remote pictures alone.</summary>
    /// <exception cref="InpaintException">As <see cref="EditAsync"/>, except for failures that only the pixels or the browser reveal.</exception>
    public static void Check(MaskEditRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        CheckTarget(request);
        if (!request.Image.IsRemote)
        {
            _ = ReadHeader(request.Image);
        }

        if (request.Mask is { IsRemote: false } mask)
        {
            mask.OpenRead().Dispose();
        }
    }

    /// <summary>Serves the page until the mask is saved or the session ends.</summary>
    /// <exception cref="InpaintException">
    /// ImageNotFound, ImageUnsupported, ImageTooLarge: of picture or mask. MaskSizeMismatch. InvalidParameter: the port is taken, or the path is not that of a PNG, or is the picture's own.
    /// OutputExists, OutputWriteFailed: the mask cannot be written, or could not be and the page was closed without another attempt.
    /// </exception>
    public static async Task<MaskEdit> EditAsync(MaskEditRequest request, Action<Uri> open, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(request);
        WholeFile.EnsureWritable(request.Path);
        MaskEditSession session = new(request, Prepare(request, cancellationToken), time ?? TimeProvider.System);
        using LoopbackServer server = LoopbackServer.Start(request.Port);
        return await session.RunAsync(server, open, cancellationToken).ConfigureAwait(false);
    }

    private static void CheckTarget(MaskEditRequest request) => MaskFactory.CheckTarget(request.Image, request.Path, request.Overwrite, request.Force);

    private static PictureHeader ReadHeader(PictureSource image)
    {
        using Stream stream = LocalPictures.Open(image);
        PictureHeader header = Pictures.ReadHeader(stream, image.Name);
        PictureLimits.Default.Check(image.Name, header.Width, header.Height, bytesPerPixel: 1);
        return header;
    }

    private static PreparedEdit Prepare(MaskEditRequest request, CancellationToken cancellationToken)
    {
        CheckTarget(request);
        PictureHeader header = ReadHeader(request.Image);

        // Decoded first: a browser shows a damaged picture as far as it goes, and the error would come after painting. Formats that browsers do not show, or may rotate differently, are
        // converted.
        Raster picture = LocalPictures.Decode(request.Image, cancellationToken);
        bool isShown = header.Orientation == 1 && !header.IsCmyk && header.Format != PictureFormat.Tiff;
        Mask? mask = request.Mask is null
            ? null
            : MaskFactory.Make(new MaskRecipe { Image = request.Image, Mask = request.Mask, MaskMode = request.MaskMode }, cancellationToken);
        return new PreparedEdit(header.Width, header.Height, isShown ? request.Image : Encode(picture, cancellationToken), mask);
    }

    private static PictureSource Encode(Raster picture, CancellationToken cancellationToken)
    {
        using MemoryStream encoded = new();
        Pictures.Encode(picture, picture.HasAlpha ? PictureFormat.Png : PictureFormat.Jpeg, encoded, cancellationToken: cancellationToken);
        return PictureSource.FromBytes(encoded.ToArray());
    }
}

/// <summary>What the editor starts with.</summary>
/// <param name="Width">The picture's width in pixels.</param>
/// <param name="Height">The picture's height in pixels.</param>
/// <param name="Shown">The picture in a form that a browser shows.</param>
/// <param name="Mask">The mask to start with; null for an empty one.</param>
internal sealed record PreparedEdit(int Width, int Height, PictureSource Shown, Mask? Mask);

/// <summary>
/// The server's side of the page. The first tab that opens the page gets a key, which every further request needs. The page keeps one response open (<c>alive</c>): when it breaks and
/// is not renewed, the tab is gone.
/// </summary>
internal sealed class MaskEditSession(MaskEditRequest request, PreparedEdit prepared, TimeProvider time)
{
    private const string KeyHeader = "Inpaint-Key";
    private static readonly Lazy<PageTemplate> Page = new(() => PageTemplate.Load("Editor", "editor", "mask", "view", "tools", "editor"));

    // A closed connection is noticed when something is written to it.
    private static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(1);

    // A page that is reloaded reconnects at once. One whose connection broke tries again, possibly throttled in the background.
    private static readonly TimeSpan ReloadGrace = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BrokenGrace = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly string key = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private readonly TaskCompletionSource<MaskEdit> ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string endReason = "stopped";
    private InpaintException? failure;
    private ITimer? grace;
    private int connection;
    private bool isClaimed;
    private bool isSaving;
    private Action? afterSaving;

    /// <summary>Serves the page until the session ends.</summary>
    /// <param name="server">The server.</param>
    /// <param name="open">Receives the URL when it is served.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    public async Task<MaskEdit> RunAsync(LoopbackServer server, Action<Uri> open, CancellationToken cancellationToken)
    {
        using CancellationTokenSource over = new();
        using ITimer? limit = request.Timeout is { } timeout
            ? time.CreateTimer(_ => End(MaskEditOutcome.TimedOut, "timeout"), state: null, timeout, Timeout.InfiniteTimeSpan)
            : null;
        using CancellationTokenRegistration registration = cancellationToken.Register(() => ending.TrySetCanceled(cancellationToken));
        Task serving = server.RunAsync((context, path) => RespondAsync(context, path, cancellationToken), over.Token);
        try
        {
            open(server.Url);
            MaskEdit edit = await ending.Task.ConfigureAwait(false);
            return edit.File is null && failure is not null ? throw failure : edit;
        }
        finally
        {
            lock (gate)
            {
                grace?.Dispose();
            }

            await over.CancelAsync().ConfigureAwait(false);
            await serving.ConfigureAwait(false);
        }
    }

    private async Task RespondAsync(HttpListenerContext context, string path, CancellationToken cancellationToken)
    {
        try
        {
            await RouteAsync(context.Request, context.Response, path, cancellationToken).ConfigureAwait(false);
        }
        catch (InpaintException e)
        {
            // The page shows it and continues: the mask can still be saved when the cause is resolved. The caller gets the failure if it is not.
            failure = e;
            await LoopbackServer.SendAsync(context.Response, HttpStatusCode.InternalServerError, $"{e.Message} {e.RecommendedAction}").ConfigureAwait(false);
        }
    }

    private Task RouteAsync(HttpListenerRequest call, HttpListenerResponse response, string path, CancellationToken cancellationToken)
    {
        string action = $"{call.HttpMethod} {path}";
        bool hasKey = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(call.Headers[KeyHeader] ?? ""), Encoding.UTF8.GetBytes(key));
        return action switch
        {
            "GET " => SendPageAsync(response),
            "POST open" => OpenAsync(response, hasKey),
            _ when !hasKey => LoopbackServer.SendAsync(response, HttpStatusCode.Forbidden, "This page is open in another tab."),
            "GET alive" => KeepAliveAsync(response),
            "GET picture" => SendPictureAsync(response, cancellationToken),
            "GET mask" => LoopbackServer.SendAsync(response, HttpStatusCode.OK, MediaTypeNames.Application.Octet, prepared.Mask?.Coverage ?? []),
            "POST save" => SaveAsync(call, response, cancellationToken),
            "POST cancel" => EndAsync(response, MaskEditOutcome.Cancelled),
            "POST failed" => FailAsync(response),
            "POST leave" => LeaveAsync(response),
            _ => LoopbackServer.SendAsync(response, HttpStatusCode.NotFound, "There is no such page."),
        };
    }

    private static Task SendPageAsync(HttpListenerResponse response)
    {
        response.Headers["Content-Security-Policy"] = $"{Page.Value.Policy}; img-src data:; connect-src 'self'; frame-ancestors 'none'";
        return LoopbackServer.SendAsync(response, HttpStatusCode.OK, "text/html; charset=utf-8", Encoding.UTF8.GetBytes(Page.Value.Html));
    }

    private Task OpenAsync(HttpListenerResponse response, bool hasKey)
    {
        lock (gate)
        {
            if (isClaimed && !hasKey)
            {
                return LoopbackServer.SendAsync(response, HttpStatusCode.Conflict, "This page is open in another tab.");
            }

            isClaimed = true;
            ExpireAfter(BrokenGrace);
        }

        return LoopbackServer.SendAsync(response, HttpStatusCode.OK, MediaTypeNames.Application.Json, Describe());
    }

    private byte[] Describe()
    {
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartObject();
            writer.WriteString("key", key);
            writer.WriteString("name", request.Image.Name);
            writer.WriteNumber("width", prepared.Width);
            writer.WriteNumber("height", prepared.Height);
            writer.WriteBoolean("mask", prepared.Mask is not null);
            writer.WriteEndObject();
        }

        return json.ToArray();
    }

    private async Task SendPictureAsync(HttpListenerResponse response, CancellationToken cancellationToken)
    {
        using Stream picture = LocalPictures.Open(prepared.Shown);

        // The page reads it as bytes; the browser detects the format.
        response.ContentType = MediaTypeNames.Application.Octet;
        response.ContentLength64 = picture.Length;
        await picture.CopyToAsync(response.OutputStream, cancellationToken).ConfigureAwait(false);
        response.Close();
    }

    private async Task KeepAliveAsync(HttpListenerResponse response)
    {
        int number;
        lock (gate)
        {
            number = ++connection;
            grace?.Dispose();
        }

        try
        {
            response.SendChunked = true;
            response.ContentType = "text/plain; charset=utf-8";
            while (!ending.Task.IsCompleted)
            {
                await response.OutputStream.WriteAsync("\n"u8.ToArray(), CancellationToken.None).ConfigureAwait(false);
                await response.OutputStream.FlushAsync(CancellationToken.None).ConfigureAwait(false);
                await Task.WhenAny(ending.Task, Task.Delay(KeepAliveInterval, time, CancellationToken.None)).ConfigureAwait(false);
            }

            await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(endReason), CancellationToken.None).ConfigureAwait(false);
            response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
        {
            lock (gate)
            {
                // A tab that was reloaded may already be back on another connection.
                if (number == connection)
                {
                    ExpireAfter(BrokenGrace);
                }
            }

            throw;
        }
    }

    private async Task SaveAsync(HttpListenerRequest call, HttpListenerResponse response, CancellationToken cancellationToken)
    {
        byte[] coverage = new byte[prepared.Width * prepared.Height];
        int length = call.ContentLength64 == coverage.Length ? await call.InputStream.ReadAtLeastAsync(coverage, coverage.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) : 0;
        if (length != coverage.Length)
        {
            await LoopbackServer.SendAsync(response, HttpStatusCode.BadRequest, $"A mask of {prepared.Width}x{prepared.Height} bytes was expected.").ConfigureAwait(false);
            return;
        }

        if (!BeginSaving())
        {
            await LoopbackServer.SendAsync(response, HttpStatusCode.Conflict, "The command has ended, or is already saving the mask.").ConfigureAwait(false);
            return;
        }

        try
        {
            MaskFile file = MaskFactory.Write(new Mask(prepared.Width, prepared.Height, coverage), request.Path, request.Overwrite, request.Force, cancellationToken);
            EndSaving(() => End(MaskEditOutcome.Saved, "saved", file));
        }
        finally
        {
            EndSaving(afterSaving);
        }

        await LoopbackServer.SendAsync(response, HttpStatusCode.OK, Path.GetFileName(request.Path)).ConfigureAwait(false);
    }

    /// <summary>Whether the mask may be written. From here on nothing else ends the session, so that it never reports that nothing was written when something was.</summary>
    private bool BeginSaving()
    {
        lock (gate)
        {
            bool mayBegin = !isSaving && !ending.Task.IsCompleted;
            isSaving |= mayBegin;
            return mayBegin;
        }
    }

    private void EndSaving(Action? next)
    {
        lock (gate)
        {
            isSaving = false;
            afterSaving = null;
            next?.Invoke();
        }
    }

    private Task FailAsync(HttpListenerResponse response)
    {
        failure ??= new InpaintException(InpaintErrorId.ImageUnsupported, $"The browser cannot show {request.Image.Name} at its size of {prepared.Width}x{prepared.Height}.")
        {
            RecommendedAction = "Check that the picture is complete, convert it to PNG or JPEG, or try another browser.",
        };
        return EndAsync(response, MaskEditOutcome.Closed);
    }

    private async Task EndAsync(HttpListenerResponse response, MaskEditOutcome outcome)
    {
        await LoopbackServer.SendAsync(response, HttpStatusCode.OK, "").ConfigureAwait(false);
        End(outcome, "stopped");
    }

    private Task LeaveAsync(HttpListenerResponse response)
    {
        lock (gate)
        {
            connection++;
            ExpireAfter(ReloadGrace);
        }

        return LoopbackServer.SendAsync(response, HttpStatusCode.OK, "");
    }

    /// <summary>Ends the session unless the page has reconnected by then.</summary>
    private void ExpireAfter(TimeSpan delay)
    {
        int expected = connection;
        grace?.Dispose();
        grace = time.CreateTimer(_ => EndUnlessBack(expected), state: null, delay, Timeout.InfiniteTimeSpan);
    }

    private void EndUnlessBack(int expected)
    {
        lock (gate)
        {
            if (connection == expected)
            {
                End(MaskEditOutcome.Closed, "stopped");
            }
        }
    }

    private void End(MaskEditOutcome outcome, string last, MaskFile? file = null)
    {
        lock (gate)
        {
            if (isSaving)
            {
                afterSaving = () => End(outcome, last, file);
            }
            else if (!ending.Task.IsCompleted)
            {
                endReason = last;
                ending.TrySetResult(new MaskEdit(outcome, file));
            }
        }
    }
}
