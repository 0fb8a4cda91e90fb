using Inpaint.Loading;
using Inpaint.Planning;

namespace Inpaint.Pipeline;

/// <summary>Submits a job and writes its output.</summary>
/// <returns>The cost; null when it is unknown.</returns>
internal delegate Task<InpaintCost?> SubmitJob(RequestPlan plan, PaidItem item, IProgress<JobEvent> events, CommandPipeline pipeline, CancellationToken cancellationToken);

/// <summary>Writes the output of a job that was made earlier.</summary>
internal delegate Task FollowJob(InpaintJob job, RequestPlan plan, PaidItem item, IProgress<JobEvent> events, CommandPipeline pipeline, CancellationToken cancellationToken);

/// <summary>An item of a batch.</summary>
/// <param name="Target">The object that its error records are about.</param>
/// <param name="Name">Its name in messages.</param>
/// <param name="Limit">The maximum time for its job; null for no limit.</param>
internal sealed record PaidItem(object? Target, string Name, TimeSpan? Limit)
{
    /// <summary>The fingerprint of its plan; null when it was not planned in advance.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Submits its job. It runs in the background, when the command's properties may already be those of a later item.</summary>
    public required SubmitJob Submit { get; init; }

    /// <summary>Attaches to a job that was made earlier.</summary>
    public required FollowJob Follow { get; init; }

    /// <summary>The step that finds its mask; null for an item that has one, or needs none.</summary>
    public MaskStep? Mask { get; init; }
}

/// <summary>Submits the job that finds a mask, or waits for an earlier one for the same request.</summary>
/// <returns>The masks that were found.</returns>
internal delegate Task<InpaintResult> FindMask(RequestPlan plan, InpaintJob? known, IProgress<JobEvent> events, CancellationToken cancellationToken);

/// <summary>The first step of an item whose mask is found by a provider, which is a paid job of its own.</summary>
/// <param name="request">The request for the mask.</param>
/// <param name="grow">The number of pixels by which the found area grows.</param>
/// <param name="find">Submits the job.</param>
internal sealed class MaskStep(InpaintRequest request, int grow, FindMask find)
{
    public InpaintRequest Request => request;

    /// <summary>The number of pixels by which the found area grows.</summary>
    public int Grow => grow;

    /// <summary>Submits the job.</summary>
    public FindMask Find => find;

    /// <summary>The mask's path; null until it is found.</summary>
    public string? Path { get; private set; }

    /// <summary>What it cost to find it; null until then, and for nothing.</summary>
    public InpaintCost? Cost { get; private set; }

    /// <summary>Combines what was found into a mask, and stores it in the state folder.</summary>
    public async Task<PictureSource> KeepAsync(InpaintResult found, PictureSource image, CancellationToken cancellationToken)
    {
        PictureSource mask = await ModuleEngine.Shared.KeepMaskAsync(found, new MaskRecipe { Image = image, Grow = grow }, cancellationToken).ConfigureAwait(false);
        Path = mask.FilePath;
        Cost = found.Cost;
        return mask;
    }
}
