using Inpaint.Tests.Providers;
using Xunit;

namespace Inpaint.Tests.Faults;

/// <summary>
/// Every operation of every provider that has a wire meets every fault, once and every time, over real HTTP. The outcomes that are expected are the tables of
/// docs/fault-matrix.md; what must hold for all of them alike is said here.
/// </summary>
public sealed class FaultMatrixTests(ProviderTableFixture fixture) : IClassFixture<ProviderTableFixture>
{
    /// <summary>Real time, far beyond what any cell takes; only a hang gets there.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>How often a cell is played when its time was not right. That is a matter of how busy the machine is, never of what the cell does.</summary>
    private const int MostPlays = 200;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Columns => [.. WireColumn.All.Select(c => (c.Operation, c.Name))];

    [Theory]
    [MemberData(nameof(Columns))]
    public async Task Every_fault_has_its_outcome(string operation, string name)
    {
        WireColumn column = WireColumn.All.Single(c => c.Operation == operation && c.Name == name);
        List<string> problems = [];
        foreach (WireFault fault in WireFault.All)
        {
            foreach (bool always in new[] { false, true })
            {
                FaultOutcome? expected = FaultTable.Find(column, fault, always);
                (FaultOutcome actual, string? broken) = await PlayUntilTimedAsync(column, fault, always);
                bool fits = expected is not null && (expected.Outcome, expected.Requests) == (actual.Outcome, actual.Requests) && actual.Elapsed <= expected.Elapsed;
                if (!fits || broken is not null)
                {
                    problems.Add($"{operation} | {name} | {fault.Name} | {(always ? "always" : "once")} | expected {expected?.ToString() ?? "nothing"} | was {actual}{(broken is null ? "" : $" | {broken}")}");
                }
            }
        }

        Assert.True(problems.Count == 0, Environment.NewLine + string.Join(Environment.NewLine, problems));
    }

    [Fact]
    public void The_table_says_nothing_that_is_not_tried() => Assert.Equal(2 * WireColumn.All.Count * WireFault.All.Count, FaultTable.Count);

    private async Task<(FaultOutcome Outcome, string? Broken)> PlayUntilTimedAsync(WireColumn column, WireFault fault, bool always)
    {
        for (int play = 0; play < MostPlays; play++)
        {
            if (await PlayAsync(column, fault, always) is { } played)
            {
                return played;
            }
        }

        throw new InvalidOperationException($"The clock ran ahead of the wire {MostPlays} times: {column.Operation} | {column.Name} | {fault.Name} | {(always ? "always" : "once")}.");
    }

    /// <summary>Plays a cell; gives null when the clock has run ahead of the wire, so that it must be played anew.</summary>
    private async Task<(FaultOutcome Outcome, string? Broken)?> PlayAsync(WireColumn column, WireFault fault, bool always)
    {
        using FaultScene scene = new(fixture.Server, column, always, Cancellation);
        Func<Task<string>> operate = await column.Arrange(scene);
        int before = scene.State.Requests.Count(column.Struck);
        if (fault.Make is { } make)
        {
            scene.State.Faults.When(request => request.Operation == column.Struck, request => make(request, scene), always ? int.MaxValue : 1);
        }
        else
        {
            scene.Time.BeforePause = always ? null : fixture.Server.GoOnlineAsync;
            await fixture.Server.GoOfflineAsync();
        }

        DateTimeOffset begin = scene.Time.GetUtcNow();
        string outcome;
        InpaintException? failure = null;
        try
        {
            int heldBefore = scene.State.Faults.Holds;
            Task<string> call = operate();
            if (!await scene.Time.FollowAsync(call, scene.State.Faults, heldBefore, Cancellation).WaitAsync(Patience, Cancellation))
            {
                return null;
            }

            outcome = await call;
        }
        catch (InpaintException e)
        {
            failure = e;
            outcome = e.ErrorId.ToString();
        }
        finally
        {
            await fixture.Server.GoOnlineAsync();
        }

        FaultOutcome actual = new(outcome, scene.State.Requests.Count(column.Struck) - before, scene.Time.GetUtcNow() - begin);
        return (actual, BrokenRule(scene, column, fault, actual, failure));
    }

    /// <summary>What holds whatever the table says; null when it does.</summary>
    private static string? BrokenRule(FaultScene scene, WireColumn column, WireFault fault, FaultOutcome actual, InpaintException? failure)
    {
        int paid = scene.State.PaidJobs;
        if (column.IsPaid)
        {
            bool nothingArrived = fault.Make is null || fault.Name.StartsWith("429", StringComparison.Ordinal) || fault.Name.StartsWith("503", StringComparison.Ordinal);
            if (paid > 1 || (actual.Requests > 1 && !nothingArrived))
            {
                return $"{paid} jobs of {actual.Requests} submits";
            }

            if (failure is null ? paid != 1 : paid == 1 && failure.ErrorId != InpaintErrorId.SubmissionUncertain)
            {
                return $"{paid} jobs, and the module says {actual.Outcome}";
            }
        }

        if (actual.Elapsed.TotalSeconds < (actual.Requests - 1) * (fault.Wait?.Invoke(scene) ?? 0))
        {
            return "did not wait as long as it was asked to";
        }

        if (scene.IsDownload ? scene.SavedFiles.Count != (failure is null ? 1 : 0) : scene.SavedFiles.Count > 0)
        {
            return $"left in the folder: {string.Join(", ", scene.SavedFiles.Select(Path.GetFileName))}";
        }

        if (scene.State.KeyLeaks.Count > 0 || (!scene.IsDownload && scene.State.Requests.All.Any(FaultScene.IsElsewhere)))
        {
            return "followed to another host";
        }

        return failure is { RecommendedAction.Length: 0 } ? "no advice" : null;
    }
}
