using System.Text.Json.Nodes;
using Inpaint.Emulator.Faults;
using Inpaint.Emulator.Jobs;
using Inpaint.Emulator.Wire;
using Xunit;

namespace Inpaint.Tests.Emulator;

public sealed class ManyClientsTests : EmulatorTest
{
    [Fact]
    public async Task Counts_stay_exact_under_parallel_jobs_and_random_faults()
    {
        const int jobs = 200;
        State.Jobs.DefaultScript = JobScript.Immediate;
        Random random = new(20251120);
        int lost = 0;
        State.Faults.When(
            request => request.Operation == WireOperation.Submit,
            _ =>
            {
                // The book asks for one fault at a time, so that the sequence is the same in every run, if not who meets which.
                Fault fault = random.Next(4) switch { 0 => Fault.ResetBeforeRead(), 1 => Fault.ResetAfterAccept(), 2 => Fault.Respond(503), _ => Fault.Pass };
                lost += fault.Kind == FaultKind.Pass || fault.AfterHandling ? 0 : 1;
                return fault;
            });

        string body = Input("fail").ToJsonString();
        int heard = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, jobs), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancellation }, async (_, token) =>
        {
            try
            {
                using HttpResponseMessage response = await Http.PostAsync(InpaintingPath, Body(JsonNode.Parse(body)!), token);
                Interlocked.Add(ref heard, response.IsSuccessStatusCode ? 1 : 0);
            }
            catch (HttpRequestException)
            {
                // A fault of this test.
            }
        });

        Assert.Equal(jobs, State.Requests.Count(WireOperation.Submit));
        Assert.Equal(jobs - lost, State.PaidJobs);
        Assert.InRange(heard, 1, State.PaidJobs - 1);
        Assert.Empty(State.Malfunctions);
    }
}
