using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Inpaint.Providers;

namespace Inpaint.Tests.Providers;

/// <summary>A client's status stream as an enumeration, which ends with the stream or with its reader.</summary>
internal static class StatusStreams
{
    public static async IAsyncEnumerable<JobUpdate> StreamStatusAsync(this IProviderClient client, InpaintJob job, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Channel<JobUpdate> updates = Channel.CreateUnbounded<JobUpdate>();
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task following = FollowAsync();
        try
        {
            await foreach (JobUpdate update in updates.Reader.ReadAllAsync(CancellationToken.None))
            {
                yield return update;
            }
        }
        finally
        {
            await end.CancelAsync();
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await following;

        async Task FollowAsync()
        {
            try
            {
                await client.FollowStatusAsync(job, update => updates.Writer.TryWrite(update) && update.State is InpaintJobState.InQueue or InpaintJobState.InProgress, end.Token);
            }
            finally
            {
                updates.Writer.Complete();
            }
        }
    }
}
