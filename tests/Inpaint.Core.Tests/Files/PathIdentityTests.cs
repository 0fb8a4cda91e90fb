using Inpaint.Files;
using Inpaint.Tests.Jobs;
using Xunit;

namespace Inpaint.Tests.Files;

public sealed class PathIdentityTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Names_are_compared_whatever_their_case()
    {
        Assert.True(PathIdentity.WouldReplace(folder.At("dog.png"), folder.At("DOG.png")));
        Assert.False(PathIdentity.WouldReplace(folder.At("dog.png"), folder.At("cat.png")));
        Assert.False(PathIdentity.WouldReplace(folder.At("dog.png"), read: null));
    }

    [RequiresFact(Requirement.Unix)]
    public void Links_are_followed_but_for_the_one_that_is_written_over()
    {
        Directory.CreateDirectory(folder.At("photos", "deep"));
        string dog = folder.Write("photos/deep/dog.png", [1]);
        Directory.CreateSymbolicLink(folder.At("one"), folder.At("photos"));
        Directory.CreateSymbolicLink(folder.At("two"), folder.At("one", "deep"));
        File.CreateSymbolicLink(folder.At("link.png"), dog);
        File.CreateSymbolicLink(folder.At("nowhere.png"), folder.At("gone.png"));

        Assert.True(PathIdentity.WouldReplace(folder.At("one", "deep", "dog.png"), dog));
        Assert.True(PathIdentity.WouldReplace(folder.At("two", "dog.png"), folder.At("one", "deep", "dog.png")));
        Assert.True(PathIdentity.WouldReplace(dog, folder.At("link.png")));
        Assert.True(PathIdentity.WouldReplace(folder.At("link.png"), folder.At("link.png")));
        Assert.False(PathIdentity.WouldReplace(folder.At("link.png"), dog));
        Assert.False(PathIdentity.WouldReplace(folder.At("new", "dog.png"), folder.At("nowhere.png")));
    }
}
