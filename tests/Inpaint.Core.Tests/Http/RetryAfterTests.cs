using Inpaint.Http;
using Xunit;

namespace Inpaint.Tests.Http;

public sealed class RetryAfterTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("7", 7)]
    [InlineData(" 30 ", 30)]
    [InlineData("1.5", 1.5)]
    [InlineData("-3", 0)]
    [InlineData("999999999999999", 86400)]
    [InlineData("Fri, 20 Nov 2026 12:00:45 GMT", 45)]
    [InlineData("Friday, 20-Nov-26 12:00:45 GMT", 45)]
    [InlineData("Fri, 20 Nov 2026 11:00:00 GMT", 0)]
    [InlineData("Wed, 20 Nov 2126 11:00:00 GMT", 86400)]
    public void Is_understood(string text, double seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), RetryAfter.Parse(text, Now));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("NaN")]
    [InlineData("1e9")]
    [InlineData("12:30")]
    [InlineData("2026-11-20T12:00:45Z")]
    [InlineData("1, 2")]
    [InlineData("٣")]
    public void Is_ignored(string? text) => Assert.Null(RetryAfter.Parse(text, Now));

    [Fact]
    public void Arbitrary_text_does_no_harm()
    {
        Random random = new(7);
        const string alphabet = "0123456789-+.eE,: GMTFriNovSatday\0\t\u0663∞";
        for (int round = 0; round < 20_000; round++)
        {
            string text = new([.. Enumerable.Range(0, random.Next(70)).Select(_ => alphabet[random.Next(alphabet.Length)])]);
            TimeSpan? wait = RetryAfter.Parse(text, Now);
            Assert.True(wait is null || (wait >= TimeSpan.Zero && wait <= RetryAfter.Max), text);
        }
    }
}
