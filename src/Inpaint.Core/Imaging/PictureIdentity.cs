using Inpaint.Files;

namespace Inpaint.Imaging;

/// <summary>Tells whether two sources are the same picture.</summary>
internal static class PictureIdentity
{
    /// <summary>Whether two sources are the same picture: one URL, one file under whatever names and links, or the same bytes where one of them is not a file.</summary>
    /// <exception cref="InpaintException">ImageNotFound: one of them cannot be read.</exception>
    public static bool IsSameAs(this PictureSource one, PictureSource other) => one.IsRemote || other.IsRemote
        ? string.Equals(one.Url, other.Url, StringComparison.Ordinal)
        : (one.FilePath is null || other.FilePath is null || PathIdentity.LeadToOne(one.FilePath, other.FilePath)) && one.HasContentOf(other);

    /// <summary>Whether two sources on this machine hold the same bytes.</summary>
    /// <exception cref="InpaintException">ImageNotFound: one of them cannot be read.</exception>
    public static bool HasContentOf(this PictureSource one, PictureSource other) => one.GetLength() == other.GetLength() && one.GetDigest() == other.GetDigest();
}
