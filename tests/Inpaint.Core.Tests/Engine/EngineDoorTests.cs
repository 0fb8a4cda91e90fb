using System.Collections.Concurrent;
using System.Net;
using Inpaint.Engine;
using Inpaint.Journal;
using Inpaint.Providers;
using Inpaint.Tests.Jobs;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Inpaint.Tests.Engine;

/// <summary>What a program that embeds the engine can give it: a log, HTTP handlers of its own, and time to finish.</summary>
public sealed class EngineDoorTests : EngineTest
{
    [Fact]
    public async Task Disposal_waits_for_the_calls_under_way_and_refuses_further_ones()
    {
        TaskCompletionSource<JobUpdate> answer = new();
        Client.OnStatus = (_, _) => answer.Task;
        InpaintEngine engine = Restart();
        InpaintJob job = await engine.StartAsync(Plan(), cancellationToken: Cancellation);
        Task<InpaintJob> status = engine.GetStatusAsync(job, cancellationToken: Cancellation);
        Task disposal = engine.DisposeAsync().AsTask();

        Assert.False(disposal.IsCompleted);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => engine.GetStatusAsync(job, cancellationToken: Cancellation));
        answer.SetResult(new JobUpdate { State = InpaintJobState.InProgress });
        Assert.Equal(InpaintJobState.InProgress, (await status).State);
        await disposal;
    }

    [Fact]
    public async Task Disposal_of_an_idle_engine_is_done_at_once()
    {
        InpaintEngine engine = Restart();
        await engine.DisposeAsync();
        engine.Dispose();
    }

    [Fact]
    public async Task What_happens_to_a_job_is_logged_and_still_reported()
    {
        LogRecorder log = new();
        Log = log;
        InpaintEngine engine = Restart();
        Client.OnResult = (_, _) => Task.FromResult(FakeClient.Output("https://cdn.example/0.png"));
        InpaintResult result = await engine.RunAsync(engine.Plan(Request()), new RunOptions { Events = Listener }, Cancellation);

        Assert.Contains(log.Lines, line => line.Level == LogLevel.Information && line.Text.Contains(result.Job.Id, StringComparison.Ordinal));
        Assert.NotEmpty(Events);
    }

    [Fact]
    public async Task Requests_go_through_the_handler_that_is_given()
    {
        ConcurrentQueue<Uri?> asked = new();
        using InpaintEngine engine = new(new InpaintEngineOptions
        {
            StateFolder = State.Path,
            Environment = name => name == "FAL_KEY" ? "id:secret" : null,
            CreateHttpHandler = () => new Handler(asked),
        });
        await Assert.ThrowsAsync<InpaintException>(() => engine.CheckAccessAsync(engine.Providers.Get("Fal"), cancellationToken: Cancellation));

        Assert.NotEmpty(asked);
        Assert.All(asked, uri => Assert.EndsWith("fal.run", uri!.Host, StringComparison.Ordinal));
    }

    private sealed class Handler(ConcurrentQueue<Uri?> asked) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            asked.Enqueue(request.RequestUri);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.Unauthorized) { Content = new StringContent("{}"), RequestMessage = request });
        }
    }

    private sealed class LogRecorder : ILogger
    {
        public ConcurrentQueue<(LogLevel Level, string Text)> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue((logLevel, formatter(state, exception)));
    }
}
