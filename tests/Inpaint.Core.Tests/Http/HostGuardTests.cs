using Inpaint.Http;
using Xunit;

namespace Inpaint.Tests.Http;

public sealed class HostGuardTests
{
    private static readonly HostGuard Guard = new("Fal", new Uri("https://queue.fal.run"), new Uri("https://fal.run"), null);

    [Theory]
    [InlineData("https://queue.fal.run/fal-ai/flux-lora")]
    [InlineData("https://QUEUE.fal.run/x")]
    [InlineData("https://queue.fal.run:443/x")]
    [InlineData("https://fal.run/x?y=z")]
    public void TheKeyMayGoHome(string url) => Assert.True(Guard.Covers(new Uri(url)));

    [Theory]
    [InlineData("http://queue.fal.run/x")]
    [InlineData("https://evilfal.ai/x")]
    [InlineData("https://evilfal.run/x")]
    [InlineData("https://fal.run.evil.example/x")]
    [InlineData("https://sub.queue.fal.run/x")]
    [InlineData("https://run/x")]
    [InlineData("https://queue.fal.run:8443/x")]
    [InlineData("https://queue.fal.run./x")]
    [InlineData("https://queue-fal.run/x")]
    [InlineData("https://user@queue.fal.run/x")]
    [InlineData("https://queue.fal.run:pass@evil.example/x")]
    [InlineData("https://queue.fal.run@evil.example/x")]
    [InlineData("https://quеue.fal.run/x")]
    [InlineData("https://rest.fal.ai/x")]
    [InlineData("http://127.0.0.1:5000/x")]
    [InlineData("ftp://queue.fal.run/x")]
    [InlineData("file:///etc/passwd")]
    public void TheKeyMayGoNowhereElse(string url)
    {
        Assert.False(Guard.Covers(new Uri(url)));
        InpaintException e = Assert.Throws<InpaintException>(() => Guard.Demand(new Uri(url)));
        Assert.Equal(InpaintErrorId.InsecureTransport, e.ErrorId);
        Assert.Contains("Nothing was sent", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("pass@", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:5000", true)]
    [InlineData("http://127.8.9.10:5000", true)]
    [InlineData("http://[::1]:5000", true)]
    [InlineData("http://localhost:5000", true)]
    [InlineData("http://LOCALHOST:5000", true)]
    [InlineData("http://localhost.example:5000", false)]
    [InlineData("http://127.0.0.1.example:5000", false)]
    [InlineData("http://10.0.0.1:5000", false)]
    [InlineData("http://0.0.0.0:5000", false)]
    [InlineData("http://[::]:5000", false)]
    [InlineData("http://queue.fal.run", false)]
    [InlineData("https://10.0.0.1", true)]
    public void PlainHttpIsForThisMachineAlone(string baseUri, bool allowed)
    {
        Uri uri = new(baseUri);
        Assert.Equal(allowed, new HostGuard("Mine", uri).Covers(uri));
    }

    [Theory]
    [InlineData("https://proxy.example/fal", "https://proxy.example/fal/fal-ai/x/requests/1", true)]
    [InlineData("https://proxy.example/fal/", "https://proxy.example/fal/fal-ai/x/requests/1", true)]
    [InlineData("https://proxy.example/fal", "https://proxy.example/fal-ai/x/requests/1", false)]
    [InlineData("https://proxy.example/fal", "https://proxy.example/fal/../secret", false)]
    [InlineData("https://proxy.example/fal", "https://proxy.example/fal/%2e%2e/secret", false)]
    [InlineData("https://proxy.example/fal", "https://queue.fal.run/fal/fal-ai/x/requests/1", false)]
    [InlineData("https://proxy.example/fal", "http://proxy.example/fal/x", false)]
    [InlineData("https://proxy.example/fal", "/fal/x", false)]
    [InlineData("https://proxy.example/fal", "not an address", false)]
    [InlineData("https://proxy.example/fal", "", false)]
    [InlineData("https://proxy.example/fal", null, false)]
    [InlineData("https://queue.fal.run", "https://queue.fal.run/fal-ai/x/requests/1/status", true)]
    public void AReturnedAddressIsTakenOnlyBelowTheBase(string baseUri, string? returned, bool taken)
    {
        Uri home = new(baseUri);
        Assert.Equal(taken, new HostGuard("Mine", home).Accept(returned, home) is not null);
    }

    [Theory]
    [InlineData("https://gate.example", "https://queue.fal.run/fal-ai/auto/requests/1?x=y#z", "https://gate.example/fal-ai/auto/requests/1")]
    [InlineData("https://gate.example:8443/v1/", "http://u:p@queue.fal.run/a/b", "https://gate.example:8443/v1/a/b")]
    [InlineData("https://gate.example", "ftp://queue.fal.run/a", null)]
    [InlineData("https://gate.example", "a/b", null)]
    public void AnAddressOfAnotherHostIsMovedHome(string baseUri, string returned, string? expected) =>
        Assert.Equal(expected, HostGuard.Rebase(returned, new Uri(baseUri))?.AbsoluteUri);
}
