using Inpaint.Imaging.Masks;
using Xunit;

namespace Inpaint.Tests.Planning;

/// <summary>Files that a provider does not take for their length, which is known before anything is sent.</summary>
public sealed class UploadLimitTests : RequestPlanTest
{
    [Theory]
    [InlineData("ModelsLab", 5_000_000)]
    [InlineData("ChainHub", 10_000_000)]
    public void A_picture_above_the_limit_is_refused_and_one_at_the_limit_is_not(string provider, int limit)
    {
        InpaintException refusal = Refuses(InpaintErrorId.ImageTooLarge, Request(Long(TestPictures.Png(32, 24), limit + 1, "large.png")) with { Provider = provider });

        Assert.Contains("large.png", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was sent.", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("https URL", refusal.RecommendedAction, StringComparison.Ordinal);
        Plan(Request(Long(TestPictures.Png(32, 24), limit - 1000, "large.png")) with { Provider = provider });
    }

    [Theory]
    [InlineData("ModelsLab", 5_000_000)]
    [InlineData("ChainHub", 10_000_000)]
    public void A_mask_above_the_limit_is_refused(string provider, int limit)
    {
        InpaintException refusal = Refuses(InpaintErrorId.ImageTooLarge, Request(mask: Long(TestPictures.RightHalfMask(32, 24), limit + 1, "mask.png")) with { Provider = provider });

        Assert.Contains("mask.png", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>A PNG of this length: whatever follows its end belongs to the file.</summary>
    private static PictureSource Long(byte[] png, int length, string name)
    {
        Array.Resize(ref png, length);
        return PictureSource.FromBytes(png, name);
    }
}
