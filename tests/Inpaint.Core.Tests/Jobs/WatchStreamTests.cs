using Inpaint.Providers;
using Xunit;

namespace Inpaint.Tests.Jobs;

public sealed class WatchStreamTests : WatcherTest
{
    [Fact]
    public async Task A_job_with_a_stream_is_not_polled()
    {
        Client.OnStream = (_, _) => FakeClient.Updates(InpaintJobState.InQueue, InpaintJobState.InProgress, InpaintJobState.Completed);
        JobUpdate last = await Wait(canStream: true);

        Assert.Equal(InpaintJobState.Completed, last.State);
        Assert.Equal([InpaintJobState.InQueue, InpaintJobState.InProgress, InpaintJobState.Completed], Updates.Select(u => u.State));
        Assert.Equal(["stream"], Client.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stream_that_ends_early_is_followed_by_polling(bool fails)
    {
        Client.OnStream = (_, _) => Broken(fails ? new InpaintException(InpaintErrorId.ProviderUnavailable, "reset") : null);
        Client.OnStatus = (_, _) => Task.FromResult(new JobUpdate { State = InpaintJobState.Completed });
        Task<JobUpdate> wait = Wait(canStream: true);
        Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(InpaintJobState.Completed, (await wait).State);
        Assert.Equal(["stream", "status"], Client.Calls);
    }

    [Fact]
    public async Task A_defect_in_a_stream_is_not_hidden()
    {
        Client.OnStream = (_, _) => Broken(new InvalidOperationException("a bug"));

        Assert.Equal("a bug", (await Assert.ThrowsAsync<InvalidOperationException>(() => Wait(canStream: true))).Message);
    }

    [Fact]
    public async Task The_number_of_streams_is_limited_and_a_place_that_frees_is_used_again()
    {
        using CancellationTokenSource stop = new();
        Client.OnStream = (_, token) => FakeClient.Silence(token);
        Client.OnStatus = (_, _) => Task.FromResult(new JobUpdate { State = InpaintJobState.InQueue });
        Task<JobUpdate>[] waits = [.. Enumerable.Range(0, Schedule.MaxConcurrentStreams + 8).Select(_ => WaitUntil(stop.Token, canStream: true))];
        Time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(Schedule.MaxConcurrentStreams, Client.CountOf("stream"));
        Assert.True(Client.CountOf("status") >= 8);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waits));
        Client.OnStream = (_, _) => FakeClient.Updates(InpaintJobState.Completed);
        await Wait(canStream: true);
        Assert.Equal(Schedule.MaxConcurrentStreams + 1, Client.CountOf("stream"));
    }

    private static async IAsyncEnumerable<JobUpdate> Broken(Exception? failure)
    {
        yield return new JobUpdate { State = InpaintJobState.InQueue };
        await Task.CompletedTask;
        if (failure is not null)
        {
            throw failure;
        }
    }
}
