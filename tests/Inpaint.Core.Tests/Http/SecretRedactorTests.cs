using System.Text;
using Inpaint.Http;
using Inpaint.Tests.Providers.Fal;
using Xunit;

namespace Inpaint.Tests.Http;

public sealed class SecretRedactorTests
{
    private const string Key = "c0ffee-id:s3cr3t/+\"=Ünicode";
    private static readonly SecretRedactor Redactor = new(FalClientTest.Secure(Key));

    public static TheoryData<string> Spellings => new()
    {
        Key,
        Uri.EscapeDataString(Key),
        Key.Replace("\"", "\\\"", StringComparison.Ordinal),
        "c0ffee-id:s3cr3t/\\u002B\\u0022=\\u00DCnicode",
        Convert.ToBase64String(Encoding.UTF8.GetBytes(Key)),
        Key.ToUpperInvariant(),
        Key[(Key.IndexOf(':', StringComparison.Ordinal) + 1)..],
    };

    [Theory]
    [MemberData(nameof(Spellings))]
    public void EverySpellingOfTheKeyIsTakenOut(string spelling)
    {
        string text = Redactor.Redact($"before {spelling} after");
        Assert.Equal($"before {SecretRedactor.Mark} after", text);
    }

    [Theory]
    [InlineData("Authorization: Key 0123456789abcdef:fedcba98", "Authorization: Key ***")]
    [InlineData("authorization: bearer eyJhbGciOi.J9.abc_def-123", "authorization: bearer ***")]
    [InlineData("""{"key":"abc","prompt":"a key"}""", """{"key":"***","prompt":"a key"}""")]
    [InlineData("""{"api_key" : "abc"}""", """{"api_key" : "***"}""")]
    [InlineData("""{\"key\":\"abc\"}""", """{\"key\":\"***\"}""")]
    [InlineData("the key to the house", "the key to the house")]
    [InlineData("", "")]
    public void WhatLooksLikeAKeyIsTakenOut(string text, string expected) => Assert.Equal(expected, new SecretRedactor(null).Redact(text));

    [Fact]
    public void AVeryShortKeyDoesNotTearWordsApart() => Assert.Equal("a bench", new SecretRedactor(FalClientTest.Secure("a")).Redact("a bench"));
}
