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
    [InlineData("https://fal.run/@evil.example/x")]
    [InlineData("https://fal.run/https://evil.example/")]
    [InlineData("https://fal.run?@evil.example/")]
    [InlineData("https://@fal.run/x@evil.example")]
    [InlineData("https://fal.run#@evil.example/")]
    [InlineData("HTTPS://FAL.RUN/x")]
    [InlineData("https://fal。run/x")]
    public void The_key_may_go_home(string url) => Assert.True(Guard.Covers(new Uri(url)));

    [Theory]
    [InlineData("http://queue.fal.run/x")]
    [InlineData("https://evilfal.ai/x")]
    [InlineData("https://evilfal.run/x")]
    [InlineData("https://fal.run.evil.example/x")]
    [InlineData("https://sub.queue.fal.run/x")]
    [InlineData("https://run/x")]
    [InlineData("https://fal.run.evil/x")]
    [InlineData("https://fal.ai.evil.example/x")]
    [InlineData("https://fal.runn/x")]
    [InlineData("https://fa1.run/x")]
    [InlineData("https://fal-run/x")]
    [InlineData("https://xn--fl-fja.run/x")]
    [InlineData("https://ｆａｌ.run/x")]
    [InlineData("https://f\uFD73al.run/x")]
    [InlineData("https://fаl.run/x")]
    [InlineData("https://fal.run:80/x")]
    [InlineData("https://fal.run:444/x")]
    [InlineData("http://fal.run:443/x")]
    [InlineData("https://fal.run:443@evil.example/x")]
    [InlineData("https://evil.example/fal.run")]
    [InlineData("https://evil.example?fal.run")]
    [InlineData("https://evil.example#fal.run")]
    [InlineData("https://[::1]/x")]
    [InlineData("http://localhost/x")]
    [InlineData("https://127.0.0.1/x")]
    [InlineData("ws://fal.run/x")]
    [InlineData("gopher://fal.run/x")]
    [InlineData("data:text/plain,fal.run")]
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
    public void The_key_may_go_nowhere_else(string url)
    {
        Assert.False(Guard.Covers(new Uri(url)));
        InpaintException e = Assert.Throws<InpaintException>(() => Guard.EnsureAllowed(new Uri(url)));
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
    [InlineData("http://[0:0:0:0:0:0:0:1]:5000", true)]
    [InlineData("http://[::ffff:127.0.0.1]:5000", true)]
    [InlineData("http://127.1:5000", true)]
    [InlineData("http://0x7f000001:5000", true)]
    [InlineData("http://2130706433:5000", true)]
    [InlineData("http://localhost.:5000", false)]
    [InlineData("http://sub.localhost:5000", false)]
    [InlineData("http://loca1host:5000", false)]
    [InlineData("http://localhost@10.0.0.1:5000", false)]
    [InlineData("http://127.0.0.1@10.0.0.1:5000", false)]
    [InlineData("http://[fe80::1]:5000", false)]
    [InlineData("http://[::ffff:10.0.0.1]:5000", false)]
    [InlineData("http://169.254.169.254", false)]
    [InlineData("http://128.0.0.1:5000", false)]
    [InlineData("http://localhost.example:5000", false)]
    [InlineData("http://127.0.0.1.example:5000", false)]
    [InlineData("http://10.0.0.1:5000", false)]
    [InlineData("http://0.0.0.0:5000", false)]
    [InlineData("http://[::]:5000", false)]
    [InlineData("http://queue.fal.run", false)]
    [InlineData("https://10.0.0.1", true)]
    public void Plain_HTTP_is_for_this_machine_alone(string baseUri, bool allowed)
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
    [InlineData("https://proxy.example/fal", "https://proxy.example/fal/..%2fsecret", false)]
    [InlineData("https://proxy.example/fal", @"https://proxy.example/fal/..\secret", false)]
    [InlineData("https://proxy.example/fal", "https://proxy.example/fal%2fx", false)]
    [InlineData("https://proxy.example/fal", "https://proxy.example/falx/y", false)]
    [InlineData("https://proxy.example/fal", "https://proxy.example/FAL/x", false)]
    [InlineData("https://proxy.example/fal", "https://proxy.example:8443/fal/x", false)]
    [InlineData("https://proxy.example/fal", "https://proxy.example./fal/x", false)]
    [InlineData("https://proxy.example/fal", "https://user:pass@proxy.example/fal/x", false)]
    [InlineData("https://proxy.example/fal", "https://proxy.example@evil.example/fal/x", false)]
    [InlineData("https://proxy.example/fal", "//proxy.example/fal/x", false)]
    [InlineData("https://proxy.example/fal", "javascript:alert(1)", false)]
    [InlineData("https://proxy.example/fal", "file://proxy.example/fal/x", false)]
    [InlineData("https://proxy.example/fal", "/fal/x", false)]
    [InlineData("https://proxy.example/fal", "not an address", false)]
    [InlineData("https://proxy.example/fal", "", false)]
    [InlineData("https://proxy.example/fal", null, false)]
    [InlineData("https://queue.fal.run", "https://queue.fal.run/fal-ai/x/requests/1/status", true)]
    public void A_returned_URL_is_taken_only_below_the_base(string baseUri, string? returned, bool taken)
    {
        Uri home = new(baseUri);
        Assert.Equal(taken, new HostGuard("Mine", home).Accept(returned, home) is not null);
    }

    [Theory]
    [InlineData(@"https://proxy.example\@evil.example/fal/x")]
    [InlineData(@"https:\\proxy.example\fal\x")]
    [InlineData("https://proxy%2Eexample/fal/x")]
    [InlineData("https://proxy.example%2f@evil.example/fal/x")]
    [InlineData("https://proxy.example\t/fal/x")]
    [InlineData("https://proxy.example\0/fal/x")]
    [InlineData("https://queue.fal.run@user@proxy.example/fal/x")]
    [InlineData("https://proxy.example:443x/fal/x")]
    [InlineData("https://proxy.example:99999/fal/x")]
    [InlineData("https://[proxy.example]/fal/x")]
    [InlineData("https:///proxy.example/fal/x")]
    [InlineData("https:proxy.example/fal/x")]
    public void What_only_looks_like_a_URL_is_rebuilt_and_never_leads_elsewhere(string returned)
    {
        Uri home = new("https://proxy.example/fal");
        HostGuard guard = new("Mine", home);

        Uri? taken = guard.Accept(returned, home);

        Assert.True(taken is null || (taken.Authority == "proxy.example" && taken.AbsolutePath.StartsWith("/fal/", StringComparison.Ordinal)), $"{taken}");
    }

    [Theory]
    [InlineData("https://cdn.example/x", "https://fal.run", true)]
    [InlineData("https://evilfal.ai/x", "https://fal.run", true)]
    [InlineData("http://cdn.example/x", "https://fal.run", false)]
    [InlineData("https://user@cdn.example/x", "https://fal.run", false)]
    [InlineData("http://127.0.0.1:9/x", "https://fal.run", false)]
    [InlineData("https://127.0.0.1:9/x", "https://fal.run", false)]
    [InlineData("http://[::1]:9/x", "https://fal.run", false)]
    [InlineData("http://localhost:9/x", "https://fal.run", false)]
    [InlineData("http://127.0.0.1:9/x", "http://127.0.0.1:5000", true)]
    [InlineData("http://localhost:9/x", "http://[::1]:5000", true)]
    [InlineData("file:///etc/passwd", "https://fal.run", false)]
    [InlineData("ftp://cdn.example/x", "https://fal.run", false)]
    public void A_picture_goes_only_where_nobody_reads_it_and_never_to_this_machines_own_services(string place, string home, bool allowed)
    {
        HostGuard guard = new("Mine", new Uri(home));
        if (allowed)
        {
            guard.EnsureSecure(new Uri(place));
            return;
        }

        Assert.Equal(InpaintErrorId.InsecureTransport, Assert.Throws<InpaintException>(() => guard.EnsureSecure(new Uri(place))).ErrorId);
    }
}
