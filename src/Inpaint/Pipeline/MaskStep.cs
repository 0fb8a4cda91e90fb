using Inpaint.Loading;
using Inpaint.Planning;

namespace Inpaint.Pipeline;

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

    /// <summary>Makes a mask of what was found, and keeps it.</summary>
    /// <param name="found">What was found.</param>
    /// <param name="image">The picture.</param>
    /// <param name="cancellationToken">Cancelled when the pipeline stops.</param>
    public async Task<PictureSource> KeepAsync(InpaintResult found, PictureSource image, CancellationToken cancellationToken)
    {
        PictureSource mask = await ModuleEngine.Shared.KeepMaskAsync(found, new MaskRecipe { Image = image, Grow = grow }, cancellationToken).ConfigureAwait(false);
        Path = mask.FilePath;
        return mask;
    }
}
