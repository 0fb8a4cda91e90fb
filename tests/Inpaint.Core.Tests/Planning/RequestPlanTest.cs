using Inpaint.Imaging.Masks;
using Inpaint.Planning;
using Inpaint.Providers;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Planning;

/// <summary>Plans requests against the built-in providers: what the tests of planning share.</summary>
public abstract class RequestPlanTest : IDisposable
{
    internal TemporaryFolder Files { get; } = new();

    internal ProviderRegistry Providers { get; } = new(_ => null, ProviderCatalogue.Kinds);

    public void Dispose()
    {
        Files.Dispose();
        GC.SuppressFinalize(this);
    }

    internal static InpaintRequest Request(PictureSource? image = null, PictureSource? mask = null) => new()
    {
        Provider = "Fal",
        Prompt = "an empty bench",
        Image = image ?? PictureSource.FromBytes(TestPictures.Png(32, 24), "dog.png"),
        Mask = mask ?? PictureSource.FromBytes(TestPictures.RightHalfMask(32, 24), "dog_mask.png"),
    };

    internal static PictureSource MaskOf(Func<int, int, byte> value, int width = 32, int height = 24) =>
        PictureSource.FromBytes(TestPictures.GrayMask(width, height, value), "mask.png");

    internal RequestPlan Plan(InpaintRequest request) => RequestPlanner.Plan(request, Providers.Choose(request), TestContext.Current.CancellationToken);

    internal InpaintException Refuses(InpaintErrorId expected, InpaintRequest request)
    {
        InpaintException e = Assert.Throws<InpaintException>(() => Plan(request));
        Assert.True(expected == e.ErrorId, $"{e.ErrorId}: {e.Message}");
        return e;
    }
}
