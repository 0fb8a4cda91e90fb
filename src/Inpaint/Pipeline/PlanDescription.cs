using System.Globalization;
using Inpaint.Planning;

namespace Inpaint.Pipeline;

/// <summary>Describes a planned job in confirmation prompts and for -WhatIf.</summary>
internal static class PlanDescription
{
    /// <summary>Names the picture and the provider of a job.</summary>
    public static string TargetOf(RequestPlan plan) =>
        plan.Capabilities.IsPaid ? $"{plan.SourceName} -> {plan.Provider.Name} {plan.Model}" : $"{plan.SourceName} -> {plan.Provider.Name}";

    /// <summary>Describes a job and its cost.</summary>
    /// <param name="plan">The job.</param>
    /// <param name="assumed">The cost that is assumed for a job that cannot be estimated, in US dollars; null for none.</param>
    public static string ActionOf(RequestPlan plan, decimal? assumed)
    {
        if (plan.Request.Operation == InpaintOperation.Segment)
        {
            return $"Submit a paid job: find {(plan.Request.Prompt is { Length: > 0 } thing ? $"'{thing}'" : "what is shown")} and make its mask, {CostOf(plan, assumed)}";
        }

        string pictures = plan.Count == 1 ? "1 image" : string.Create(CultureInfo.InvariantCulture, $"{plan.Count} images");
        string size = plan.Megapixels is double megapixels
            ? string.Create(CultureInfo.InvariantCulture, $" of {(megapixels < 0.01 ? "less than 0.01" : megapixels.ToString("0.00", CultureInfo.InvariantCulture))} megapixels{(plan.Count == 1 ? "" : " each")}")
            : "";
        if (plan.CroppedFrom is PictureHeader whole)
        {
            size += string.Create(CultureInfo.InvariantCulture, $", cropped from {whole.Megapixels:0.00}");
        }

        if (!plan.Capabilities.IsPaid)
        {
            return $"Run a job: {pictures}{size}";
        }

        return $"Submit a paid job: {pictures}{size}, {CostOf(plan, assumed)}";
    }

    private static string CostOf(RequestPlan plan, decimal? assumed)
    {
        if (plan.EstimatedCost is not InpaintCost estimate)
        {
            string unknown = plan.Capabilities.Price is { IsKnownBeforehand: false } price ? $"at {price}, how many is not known beforehand" : "at a price not known beforehand";
            return assumed is decimal amount ? $"{unknown}; {new InpaintCost(amount)} is assumed" : unknown;
        }

        string source = estimate.PriceStatedAt is { } stated ? $" by {plan.Provider.Name}'s price of {stated.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}" : "";
        return $"{Approximately(plan)} {estimate}{source}{(estimate.Saved is decimal saved ? $" (saves {estimate with { Amount = saved }})" : "")}";
    }

    /// <summary>A picture that is cropped to a mask not yet found costs no more than the whole picture.</summary>
    public static string Approximately(RequestPlan plan) => plan.Request is { CropToMask: true, MaskRecipe: not null } ? "at most about" : "about";
}
