using Xunit;

namespace Inpaint.Tests.Model;

/// <summary>Whatever goes wrong with a job that a provider has accepted, nobody is told to pay for another.</summary>
public sealed class ErrorAdviceTests
{
    private const string Collect = "collect its result";

    /// <summary>What would pay for another job, in the words of all that was ever said here.</summary>
    private static readonly string[] Reruns = ["line again", "anew", "run it again", "start the job", "submit", "resend", "once more", "try again"];

    public static TheoryData<InpaintErrorId, InpaintJobState> Accepted =>
        [.. from id in Enum.GetValues<InpaintErrorId>() from state in Enum.GetValues<InpaintJobState>() where new InpaintJob { State = state }.IsAccepted select (id, state)];

    public static TheoryData<InpaintErrorId> All => [.. Enum.GetValues<InpaintErrorId>()];

    [Theory]
    [MemberData(nameof(Accepted))]
    public void With_an_accepted_job_the_advice_keeps_it(InpaintErrorId id, InpaintJobState state)
    {
        InpaintJob job = new() { Id = "job-7", JournalId = "j", Provider = "Fal", State = state };
        string advice = new InpaintException(id, "x") { Job = job, RecommendedAction = "Run the line again." }.RecommendedAction;

        Assert.Contains("job-7", advice, StringComparison.Ordinal);
        Assert.All(Reruns, words => Assert.DoesNotContain(words, advice, StringComparison.OrdinalIgnoreCase));
        if (state is InpaintJobState.Failed or InpaintJobState.Cancelled)
        {
            Assert.Contains("Nothing is left to collect", advice, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains("is paid for", advice, StringComparison.Ordinal);
            Assert.Contains(Collect, advice, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_failure_that_was_only_concluded_leaves_the_job_to_be_collected(InpaintErrorId id)
    {
        InpaintJob job = new() { Id = "job-7", State = InpaintJobState.Failed, IsProvisional = true };

        Assert.Contains($"is paid for: {Collect}", ErrorAdvice.For(id, job), StringComparison.Ordinal);
    }

    [Fact]
    public void What_costs_nothing_is_not_called_paid_for()
    {
        string advice = ErrorAdvice.For(InpaintErrorId.ProviderUnavailable, new InpaintJob { Id = "job-7", State = InpaintJobState.InProgress, IsFree = true });

        Assert.DoesNotContain("paid", advice, StringComparison.Ordinal);
        Assert.Contains(Collect, advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(InpaintJobState.Submitting)]
    [InlineData(InpaintJobState.Uncertain)]
    public void Before_acceptance_whoever_fails_may_say_what_to_do(InpaintJobState state) =>
        Assert.Equal("Look there.", new InpaintException(InpaintErrorId.SubmissionUncertain, "x") { Job = new InpaintJob { State = state }, RecommendedAction = "Look there." }.RecommendedAction);

    [Theory]
    [MemberData(nameof(All))]
    public void Every_failure_has_advice_of_its_own_before_there_is_a_job(InpaintErrorId id) =>
        Assert.Equal(id == InpaintErrorId.UnexpectedError, ErrorAdvice.For(id).Contains("please report it", StringComparison.Ordinal));
}
