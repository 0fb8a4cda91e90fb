using Inpaint.Imaging.Masks;

namespace Inpaint.Imaging.Terminal;

/// <summary>One picture of those that stand side by side.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Caption">A short text below it, one line without control characters; cut off where it is wider than its place.</param>
/// <param name="Tint">A mask of the picture's size whose repainted part is coloured; null for none.</param>
internal sealed record TerminalPane(Raster Picture, string Caption, Mask? Tint = null);
