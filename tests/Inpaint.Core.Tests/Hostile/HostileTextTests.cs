using System.Text;
using Inpaint.Http;
using Inpaint.Providers.Shared;
using Inpaint.Results;
using Inpaint.Tests.Providers.Fal;
using Xunit;

namespace Inpaint.Tests.Hostile;

/// <summary>Damaged texts of services and files: each reader says what it has read, or that it cannot, and nothing else comes of it.</summary>
public sealed class HostileTextTests
{
    private const int UsualRounds = 4000;

    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("120")]
    [InlineData("1.5")]
    [InlineData("Fri, 20 Nov 2026 12:00:45 GMT")]
    [InlineData("Friday, 20-Nov-26 12:00:45 GMT")]
    public void A_wait_is_bounded(string text) => Try(text, damaged =>
    {
        TimeSpan? wait = RetryAfter.Parse(damaged, Now);
        Assert.True(wait is null || (wait >= TimeSpan.Zero && wait <= RetryAfter.Max), damaged);
    });

    [Theory]
    [InlineData("data:image/png;base64,iVBORw0KGgo=")]
    [InlineData("data:;base64,AAAA")]
    [InlineData("data:text/plain;charset=utf-8,x")]
    public void A_data_URI_is_read_or_is_broken(string text) => Try(text, damaged =>
    {
        if (!DataUri.IsOne(damaged))
        {
            return;
        }

        try
        {
            (ReadOnlyMemory<byte> content, _) = DataUri.Decode(damaged);
            _ = DataUri.MediaTypeOf(content.Span);
            Assert.True(content.Length <= damaged.Length);
        }
        catch (FormatException)
        {
            // It says so.
        }
    });

    [Theory]
    [InlineData("https://queue.fal.run/fal-ai/flux-lora/requests/764cabcf-b745-4b3e-ae38-1200304cf45b/status?logs=1")]
    [InlineData("https://queue.fal.run:443/fal-ai/../requests/%2e%2e/x#y")]
    [InlineData("http://user@[::1]:8080/x")]
    public void A_URL_is_at_home_or_is_not_taken(string text)
    {
        Uri home = new("https://proxy.example:8443/fal");
        HostGuard guard = new("Mine", home);
        Try(text, damaged =>
        {
            foreach (string candidate in new[] { damaged, damaged.Replace("queue.fal.run", "proxy.example:8443/fal", StringComparison.Ordinal) })
            {
                Uri? taken = guard.Accept(candidate, home);
                Assert.True(taken is null || (taken.GetLeftPart(UriPartial.Path).StartsWith("https://proxy.example:8443/fal/", StringComparison.Ordinal) && guard.Covers(taken)), $"{candidate} -> {taken}");
            }
        });
    }

    [Theory]
    [InlineData("dog.png")]
    [InlineData("https://cdn.example/files/b/tiger/dog%2Fcat.png?x=1#y")]
    [InlineData(@"C:\shots\dog.tar.gz")]
    [InlineData("")]
    public void A_files_name_stays_one(string text) => Try(text, damaged =>
    {
        InpaintImage image = new() { Index = 1, Origin = new ImageOrigin { Source = damaged, JobId = damaged, Provider = damaged, Model = damaged, Prompt = damaged, Count = 2 } };
        foreach (string template in new[] { FileNameTemplate.Default, "{Source}-{Id}-{Provider}-{Model}", "{Id}", damaged })
        {
            string name;
            try
            {
                name = FileNameTemplate.Fill(template, image, Now);
            }
            catch (InpaintException e)
            {
                Assert.Equal(InpaintErrorId.InvalidParameter, e.ErrorId);
                continue;
            }

            Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, 160);
            Assert.DoesNotContain(name, c => c is '/' or '\\' or ':' or '\0' || char.IsControl(c));
            Assert.False(name is "." or ".." || name[0] == ' ' || name[^1] is '.' or ' ', name);
        }
    });

    [Theory]
    [InlineData("the key \u001b[31mwrong\u001b[0m \u001b]8;;https://x\u0007 is not known\r\nline 2")]
    [InlineData("""{"error":{"message":"Bearer 0123456789abcdef0123 is wrong","key":"0123456789abcdef0123"}}""")]
    public void A_message_is_one_line_without_the_key(string text)
    {
        const string key = "0123456789abcdef0123";
        SecretRedactor redactor = new(FalClientTest.Secure(key));
        Try(text, damaged =>
        {
            string shown = redactor.Redact(PlainText.Clean(damaged, 300));
            Assert.DoesNotContain(shown, char.IsControl);
            Assert.DoesNotContain(key, shown, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(key, redactor.RedactEcho(damaged), StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("512x384")]
    [InlineData("landscape_16_9")]
    [InlineData(" 1024 X 768 ")]
    public void A_size_is_read_or_refused(string text) => Try(text, damaged =>
    {
        try
        {
            ImageSize size = ImageSize.Parse(damaged);
            Assert.InRange(size.Width, size.Name is null ? 1 : 0, ImageSize.MaximumEdge);
            Assert.InRange(size.Height, size.Name is null ? 1 : 0, ImageSize.MaximumEdge);
        }
        catch (InpaintException e)
        {
            Assert.Equal(InpaintErrorId.InvalidParameter, e.ErrorId);
        }
    });

    private static void Try(string text, Action<string> use)
    {
        Mutator mutator = new(text.Length);
        for (int round = Mutator.Rounds(UsualRounds); round > 0; round--)
        {
            string damaged = mutator.Damage(text);
            try
            {
                use(damaged);
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"{damaged}\n{e}");
            }
        }
    }
}
