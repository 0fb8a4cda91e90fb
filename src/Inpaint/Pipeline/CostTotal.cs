using System.Globalization;
using Inpaint.Planning;

namespace Inpaint.Pipeline;

/// <summary>Adds up what planned jobs would make and cost.</summary>
/// <param name="ceiling">What they may cost, and what counts for a job that cannot be estimated.</param>
internal sealed class CostTotal(SpendCeiling ceiling)
{
    private int images;
    private int unknown;
    private bool isPaid;
    private decimal amount;

    /// <summary>How many jobs have been added.</summary>
    public int Jobs { get; private set; }

    /// <summary>How many items have been added, each of which may have its mask found by a job of its own.</summary>
    public int Items { get; private set; }

    /// <summary>Adds the job of an item.</summary>
    /// <param name="plan">The job.</param>
    /// <param name="first">The job that finds its mask first; null for none.</param>
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

    /// <summary>The total, without a stop at its end.</summary>
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
