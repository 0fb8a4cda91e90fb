using Inpaint.Engine;
using Inpaint.Providers;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Engine;

/// <summary>
/// Runs jobs against a service that fails, hangs, lies and is stopped at random, and holds what is left against what the service took: asked once, never
/// lost, always at an end. Each round repeats exactly by its seed.
/// </summary>
public sealed class EngineRandomFaultTests : EngineTest
{
    private const int Rounds = 120;

    /// <summary>Far beyond what any round takes; only a hang gets there.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whatever_fails_on_the_way_a_job_is_asked_for_once_and_what_was_taken_is_collected(bool streams)
    {
        Streams = streams;
        Dictionary<string, int> endings = new(StringComparer.Ordinal);
        for (int seed = 0; seed < Rounds; seed++)
        {
            string ending = await RoundAsync(seed);
            endings[ending] = endings.GetValueOrDefault(ending) + 1;
        }

        // The dice must have reached what is to be tried.
        Assert.True(endings.Count >= 7, string.Join(", ", endings));
        Assert.True(endings["result"] >= Rounds / 10, string.Join(", ", endings));
        Assert.True(endings["stopped"] >= Rounds / 20, string.Join(", ", endings));
    }

    private async Task<string> RoundAsync(int seed)
    {
        Random random = new(seed);
        HashSet<string> taken = [];
        using CancellationTokenSource stop = new();
        int stopAfter = random.Next(10) < 4 ? random.Next(1, 8) : int.MaxValue;
        int calls = 0;
        bool Dice(int percent) => random.Next(100) < percent;
        async Task StepAsync(CancellationToken token)
        {
            if (++calls == stopAfter)
            {
                await stop.CancelAsync();
            }

            if (calls >= stopAfter && Dice(30))
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
            }
        }

        int submitsBefore = Client.CountOf("submit");
        Client.OnPrepare = async (_, token) =>
        {
            await StepAsync(token);
            if (Dice(5))
            {
                throw new InpaintException(InpaintErrorId.ProviderUnavailable, "upload");
            }
        };
        Client.OnSubmit = async token =>
        {
            string id = $"job-{seed}-{taken.Count}";
            if (Dice(10))
            {
                throw new InpaintException(InpaintErrorId.QuotaExceeded, "no credit");
            }

            taken.Add(id);
            try
            {
                await StepAsync(token);
            }
            catch (OperationCanceledException)
            {
                throw new InpaintException(InpaintErrorId.SubmissionUncertain, "cut");
            }

            return random.Next(100) switch
            {
                < 10 => throw new InpaintException(InpaintErrorId.SubmissionUncertain, "reset"),
                < 15 => throw new InvalidOperationException("a bug"),
                < 25 => new Acceptance { Id = id, Output = FakeClient.Output("https://cdn.example/0.png") },
                _ => new Acceptance { Id = id },
            };
        };
        JobUpdate Standing() => new()
        {
            State = random.Next(100) switch
            {
                < 25 => InpaintJobState.InQueue,
                < 50 => InpaintJobState.InProgress,
                < 53 => InpaintJobState.Failed,
                _ => InpaintJobState.Completed,
            },
        };
        Client.OnStatus = async (_, token) =>
        {
            await StepAsync(token);
            return random.Next(100) switch
            {
                < 20 => throw new InpaintException(InpaintErrorId.ProviderUnavailable, "503") { IsTransient = true },
                < 23 => throw new InpaintException(InpaintErrorId.AuthenticationFailed, "401"),
                _ => Standing(),
            };
        };
        async IAsyncEnumerable<JobUpdate> StreamAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken token)
        {
            while (!Dice(20))
            {
                await StepAsync(token);
                yield return Standing();
            }

            if (Dice(50))
            {
                throw new InpaintException(InpaintErrorId.ProviderUnavailable, "reset") { IsTransient = true };
            }
        }

        Client.OnStream = (_, token) => StreamAsync(token);
        Client.OnResult = async (_, token) =>
        {
            await StepAsync(token);
            return random.Next(100) switch
            {
                < 15 => throw new InpaintException(InpaintErrorId.ProviderUnavailable, "503") { IsTransient = true },
                < 20 => throw new InpaintException(InpaintErrorId.ContentPolicyViolation, "no"),
                < 25 => throw new InpaintException(InpaintErrorId.ResponseInvalid, "<html>"),
                _ => FakeClient.Output("https://cdn.example/0.png"),
            };
        };
        Client.OnCancel = async (_, token) =>
        {
            await StepAsync(token);
            return random.Next(100) switch
            {
                < 20 => throw new InpaintException(InpaintErrorId.ProviderUnavailable, "503"),
                < 50 => StopOutcome.CancellationRequested,
                < 60 => StopOutcome.AlreadyCompleted,
                _ => StopOutcome.Cancelled,
            };
        };

        string ending;
        try
        {
            // A new engine each time: one that has learned how long earlier jobs took would poll these seldom, and they end only by being polled.
            InpaintResult result = await Restart().RunAsync(Plan(), cancellationToken: stop.Token).WaitAsync(Patience, Cancellation);
            Assert.Single(result.Images);
            ending = "result";
        }
        catch (InpaintException e)
        {
            ending = e.ErrorId.ToString();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            ending = "stopped";
        }

        int submits = Client.CountOf("submit") - submitsBefore;
        Assert.True(submits <= 1, $"round {seed}: {submits} submits");
        await AuditAsync(seed, taken, ending);
        Assert.Equal(submits, Client.CountOf("submit") - submitsBefore);
        return ending;
    }

    /// <summary>A new start with a service in good health: all that was taken is in the journal, and all that can be collected is.</summary>
    private async Task AuditAsync(int seed, HashSet<string> taken, string ending)
    {
        Client.OnStatus = (_, _) => Task.FromResult(new JobUpdate { State = InpaintJobState.Completed });
        Client.OnStream = (_, _) => FakeClient.Updates(InpaintJobState.Completed);
        Client.OnResult = (_, _) => Task.FromResult(FakeClient.Output("https://cdn.example/0.png"));
        InpaintEngine next = Restart();
        InpaintJob[] known = [.. next.ListJobs(all: true)];
        Assert.Equal(taken.Count, known.Length);
        foreach (InpaintJob job in known)
        {
            if (job.State == InpaintJobState.Uncertain)
            {
                Assert.Equal(nameof(InpaintErrorId.SubmissionUncertain), ending);
            }
            else
            {
                Assert.True(taken.Contains(job.Id), $"round {seed}: {job}");
                if (job.State is not (InpaintJobState.Failed or InpaintJobState.Cancelled))
                {
                    Assert.NotNull(await next.ReceiveAsync(job, cancellationToken: Cancellation).WaitAsync(Patience, Cancellation));
                }
            }

            next.Forget(job);
        }
    }
}
