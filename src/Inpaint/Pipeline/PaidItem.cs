using Inpaint.Loading;
using Inpaint.Planning;

namespace Inpaint.Pipeline;

/// <summary>Makes a job, and writes what it brings.</summary>
/// <returns>What it cost, in US dollars.</returns>
internal delegate Task<InpaintCost?> SubmitJob(RequestPlan plan, PaidItem item, IProgress<JobEvent> events, CommandPipeline pipeline, CancellationToken cancellationToken);

/// <summary>Writes what a job brings that was made before.</summary>
internal delegate Task FollowJob(InpaintJob job, RequestPlan plan, PaidItem item, IProgress<JobEvent> events, CommandPipeline pipeline, CancellationToken cancellationToken);

/// <summary>An input.</summary>
/// <param name="Target">What its errors are about.</param>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Limit">How long its job may take; null for no limit.</param>
internal sealed record PaidItem(object? Target, string Name, TimeSpan? Limit)
{
    /// <summary>The digest of what was planned; null where nothing was planned before.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Makes its job. Goes on in the background, where the command's parameters are those of a later item already.</summary>
    public required SubmitJob Submit { get; init; }

    /// <summary>Attaches to a job that was made before.</summary>
    public required FollowJob Follow { get; init; }

    /// <summary>Finds its mask first; null for an item that has one, or needs none.</summary>
    public MaskStep? Mask { get; init; }
}

/// <summary>Makes the job that finds a mask, or follows the one that was made for the same request before.</summary>
/// <returns>What it has found.</returns>
internal delegate Task<InpaintResult> FindMask(RequestPlan plan, InpaintJob? known, IProgress<JobEvent> events, CancellationToken cancellationToken);

/// <summary>The first step of an item whose mask a provider is to find, which is a paid job of its own.</summary>
/// <param name="request">The request.</param>
/// <param name="grow">How many pixels are added around what is found.</param>
/// <param name="find">Makes the job.</param>
internal sealed class MaskStep(InpaintRequest request, int grow, FindMask find)
{
    /// <summary>The request.</summary>
    public InpaintRequest Request => request;

    /// <summary>How many pixels are added around what is found.</summary>
    public int Grow => grow;

    /// <summary>Makes the job.</summary>
    public FindMask Find => find;

    /// <summary>The mask's file; null until it is found.</summary>
    public string? Path { get; private set; }

    /// <summary>What it cost to find it; null until then, and for nothing.</summary>
    public InpaintCost? Cost { get; private set; }

    /// <summary>Makes a mask of what was found, and keeps it.</summary>
    /// <param name="found">What was found.</param>
    /// <param name="image">The picture.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    public async Task<PictureSource> KeepAsync(InpaintResult found, PictureSource image, CancellationToken cancellationToken)
    {
        PictureSource mask = await ModuleEngine.Shared.KeepMaskAsync(found, new MaskRecipe { Image = image, Grow = grow }, cancellationToken).ConfigureAwait(false);
        Path = mask.FilePath;
        Cost = found.Cost;
        return mask;
    }
}
