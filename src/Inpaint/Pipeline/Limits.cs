using System.Globalization;
using Inpaint.Planning;

namespace Inpaint.Pipeline;

/// <summary>The spend ceiling of one command: a job is admitted only if its estimate fits below it.</summary>
/// <param name="maximum">The ceiling in US dollars; null for none.</param>
/// <param name="assumed">The cost that is assumed for a job that cannot be estimated, in US dollars; null to refuse such jobs below a ceiling.</param>
internal sealed class SpendCeiling(decimal? maximum, decimal? assumed)
{
    private readonly Lock gate = new();
    private decimal spent;

    /// <summary>The ceiling in US dollars; null for none.</summary>
    public decimal? Maximum => maximum;

    /// <summary>The sum of admitted estimates and actual costs, in US dollars.</summary>
    public decimal Spent
    {
        get
        {
            lock (gate)
            {
                return spent;
            }
        }
    }

    /// <summary>Reserves a job's estimate.</summary>
    /// <exception cref="InpaintException">CostLimitExceeded: it does not fit, or the cost is not known.</exception>
    public void Reserve(RequestPlan plan)
    {
        if (!plan.Capabilities.IsPaid)
        {
            return;
        }

        if (maximum is not null && EstimateOf(plan) is null)
        {
            string price = plan.Capabilities.Price is { } known ? $" ({known})" : "";
            throw new InpaintException(
                InpaintErrorId.CostLimitExceeded,
                $"'{plan.SourceName}' was not sent: its cost at {plan.Provider.Name} is not known beforehand{price}, so -MaximumCost cannot be guaranteed.")
            {
                RecommendedAction = "Specify the cost to assume with -AssumedCost, leave out -MaximumCost, or use a local picture whose size is known.",
            };
        }

        decimal estimate = EstimateOf(plan)?.Amount ?? 0;
        lock (gate)
        {
            if (maximum is decimal ceiling && spent + estimate > ceiling)
            {
                throw new InpaintException(
                    InpaintErrorId.CostLimitExceeded,
                    $"'{plan.SourceName}' was not sent: at about {EstimateOf(plan)} it would bring this command to {new InpaintCost(spent + estimate)}, above its -MaximumCost of {new InpaintCost(ceiling)}.");
            }

            spent += estimate;
        }
    }

    /// <summary>The cost that is reserved for a job.</summary>
    /// <returns>The estimate, or the assumed cost; null when there is neither.</returns>
    public InpaintCost? EstimateOf(RequestPlan plan) =>
        !plan.Capabilities.IsPaid ? null : plan.EstimatedCost is { Currency: "USD" } estimate ? estimate : (assumed is decimal amount ? new InpaintCost(amount) : null);

    /// <summary>Replaces a job's reservation with its actual cost.</summary>
    /// <param name="plan">The job.</param>
    /// <param name="cost">The cost in US dollars; 0 when it never reached the provider.</param>
    public void Settle(RequestPlan plan, decimal cost)
    {
        lock (gate)
        {
            spent += cost - (EstimateOf(plan)?.Amount ?? 0);
        }
    }
}

/// <summary>Adds up the pictures and costs of planned jobs.</summary>
/// <param name="ceiling">The limit, and the cost that is assumed for a job that cannot be estimated.</param>
internal sealed class CostTotal(SpendCeiling ceiling)
{
    private int images;
    private int unknown;
    private bool isPaid;
    private decimal amount;

    /// <summary>The number of jobs.</summary>
    public int Jobs { get; private set; }

    /// <summary>The number of items; the mask of an item may be found by a job of its own.</summary>
    public int Items { get; private set; }

    /// <summary>Adds the job of an item.</summary>
    /// <param name="plan">The job.</param>
    /// <param name="first">The job that finds its mask; null for none.</param>
    public void Add(RequestPlan plan, RequestPlan? first = null)
    {
        Items++;
        images += plan.Count;
        AddJob(plan);
        if (first is not null)
        {
            AddJob(first);
        }
    }

    /// <summary>The total, as a sentence without its full stop.</summary>
    public override string ToString()
    {
        string jobs = string.Create(CultureInfo.InvariantCulture, $"{Jobs} {(Jobs == 1 ? "job" : "jobs")}, {images} {(images == 1 ? "image" : "images")}");
        string cost = !isPaid ? "at no cost" : unknown == Jobs ? "at prices not known beforehand" : $"about {new InpaintCost(amount)} in all";
        string rest = unknown > 0 && unknown < Jobs ? string.Create(CultureInfo.InvariantCulture, $", and {unknown} of them at a price not known beforehand") : "";
        return $"{jobs}, {cost}{rest}{(ceiling.Maximum < amount ? $", above the -MaximumCost of {new InpaintCost(ceiling.Maximum.Value)}" : "")}";
    }

    private void AddJob(RequestPlan plan)
    {
        Jobs++;
        isPaid |= plan.Capabilities.IsPaid;
        InpaintCost? estimate = ceiling.EstimateOf(plan);
        amount += estimate?.Amount ?? 0;
        unknown += estimate is null && plan.Capabilities.IsPaid ? 1 : 0;
    }
}

/// <summary>The meaning of -TimeoutSec, which is that of Invoke-WebRequest: 0 means no limit.</summary>
internal static class TimeLimit
{
    /// <summary>The longest limit that the platform's timers accept, in seconds: about 49 days.</summary>
    public const int MaximumSeconds = 4_294_967;

    /// <summary>Turns seconds into a limit.</summary>
    /// <param name="seconds">Seconds; 0 for no limit.</param>
    /// <returns>The limit; null for none.</returns>
    public static TimeSpan? FromSeconds(int seconds) => seconds == 0 ? null : TimeSpan.FromSeconds(seconds);
}
