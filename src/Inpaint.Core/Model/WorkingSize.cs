namespace Inpaint;

/// <summary>The sizes in which a model works: what a part of a picture is brought to before it is sent.</summary>
/// <param name="MultipleOf">What each edge must be a multiple of, in pixels.</param>
/// <param name="MinimumEdge">The smallest edge that it does well, in pixels; a smaller part is widened to it as far as the picture allows.</param>
/// <param name="MaximumEdge">The largest edge, in pixels.</param>
/// <param name="MaximumPixels">The most pixels; a larger part is scaled down.</param>
public sealed record WorkingSize(int MultipleOf, int MinimumEdge, int MaximumEdge, long MaximumPixels);
