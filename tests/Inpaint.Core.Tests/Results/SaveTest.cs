using Inpaint.Engine;
using Inpaint.Journal;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Results;

/// <summary>An engine that saves pictures from the disk into a folder of the test's own: what the tests of saving share.</summary>
public abstract class SaveTest : IDisposable
{
    protected SaveTest()
    {
        Engine = new InpaintEngine(new InpaintEngineOptions { StateFolder = Kept.At("state"), Environment = _ => null });

        // Where the tests' own servers are, so that its pictures may lie there.
        Engine.Providers.Set(new ProviderSettings { Name = "Fal", BaseUri = new Uri("http://127.0.0.1") });
    }

    internal TemporaryFolder Folder { get; } = new();

    internal TemporaryFolder Kept { get; } = new();

    internal InpaintEngine Engine { get; }

    internal static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Engine.Dispose();
        Folder.Dispose();
        Kept.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>A picture whose bytes are kept on the disk.</summary>
    internal InpaintImage Image(byte[]? content = null, string source = "dog.png", int index = 0, int count = 1, string? prompt = "an empty bench") => new()
    {
        Url = new Uri(Kept.Write(Guid.NewGuid().ToString("N"), content ?? TestPictures.Png(8, 6, salt: index))).AbsoluteUri,
        Index = index,
        Origin = new ImageOrigin
        {
            Source = source,
            Prompt = prompt,
            Seed = 196619188014358660,
            Count = count,
            JobId = "72a35804",
            Provider = "Fal",
            Model = "fal-ai/flux-lora/inpainting",
            CreatedAt = new DateTimeOffset(2026, 11, 20, 23, 0, 0, TimeSpan.Zero),
        },
    };

    internal SaveOptions To(string? file = null) => file is null ? new SaveOptions { Folder = Folder.Path } : new SaveOptions { FilePath = Folder.At(file) };

    internal Task<SavedImage> SaveAsync(InpaintImage image, SaveOptions options) => Engine.SaveAsync(image, options, Cancellation);

    internal async Task<InpaintException> FailsAsync(InpaintErrorId expected, InpaintImage image, SaveOptions options)
    {
        InpaintException e = await Assert.ThrowsAsync<InpaintException>(() => SaveAsync(image, options));
        Assert.True(expected == e.ErrorId, $"{e.ErrorId}: {e.Message}");
        return e;
    }
}
