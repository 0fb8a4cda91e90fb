using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator.Webhooks;

/// <summary>Calls the address that a submit names once its job is over: one attempt, loopback addresses only.</summary>
internal sealed class WebhookSender : IDisposable
{
    private readonly HttpClient http = new();
    private readonly CancellationTokenSource stopping = new();

    /// <summary>Arranges a call.</summary>
    /// <param name="job">The job to wait for.</param>
    /// <param name="url">The caller's address; one that is not on loopback is dropped, like private targets on the real services.</param>
    /// <param name="compose">Makes the message when the job is over.</param>
    /// <param name="headers">More headers.</param>
    public void Register(EmulatedJob job, string url, Func<Task<JsonObject>> compose, params (string Name, string Value)[] headers)
    {
        if (Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) && uri.IsLoopback)
        {
            _ = DeliverAsync(job, uri, compose, headers);
        }
    }

    public void Dispose()
    {
        stopping.Cancel();
        stopping.Dispose();
        http.Dispose();
    }

    private async Task DeliverAsync(EmulatedJob job, Uri url, Func<Task<JsonObject>> compose, (string Name, string Value)[] headers)
    {
        await job.CompletionAsync(stopping.Token);
        JsonObject message = await compose();
        using HttpRequestMessage request = new(HttpMethod.Post, url)
        {
            Content = new StringContent(message.ToJsonString(WireJson.Plain), Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        foreach ((string name, string value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using HttpResponseMessage response = await http.SendAsync(request, stopping.Token);
    }
}
