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
    public void Every_spelling_of_the_key_is_taken_out(string spelling)
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
    public void What_looks_like_a_key_is_taken_out(string text, string expected) => Assert.Equal(expected, new SecretRedactor(null).Redact(text));

    [Fact]
    public void A_very_short_key_does_not_tear_words_apart() => Assert.Equal("a bench", new SecretRedactor(FalClientTest.Secure("a")).Redact("a bench"));

    private const string EchoedKey = "c0ffee-id:s3cr3t/+\"=Unicode";

    /// <summary>The key as it may stand within a text of JSON.</summary>
    public static TheoryData<string> EchoedSpellings =>
    [
        EchoedKey.Replace("\"", "\\\"", StringComparison.Ordinal),
        EchoedKey.Replace("\"", "\\\"", StringComparison.Ordinal).Replace("/", "\\/", StringComparison.Ordinal),
        EchoedKey.Replace("\"", "\\u0022", StringComparison.Ordinal),
        string.Concat(EchoedKey.Select(c => $"\\u{(int)c:X4}")),
        string.Concat(EchoedKey.Select((c, i) => i % 3 == 0 || c == '"' ? $"\\u{(int)c:x4}" : c.ToString())),
        Uri.EscapeDataString(EchoedKey),
        Uri.EscapeDataString(EchoedKey).Replace("%2F", "%2f", StringComparison.Ordinal).Replace("%3A", "%3a", StringComparison.Ordinal).Replace("%2B", "%2b", StringComparison.Ordinal).Replace("%3D", "%3d", StringComparison.Ordinal),
        System.Net.WebUtility.HtmlEncode(EchoedKey),
        Convert.ToBase64String(Encoding.UTF8.GetBytes(EchoedKey)),
        EchoedKey[(EchoedKey.IndexOf(':', StringComparison.Ordinal) + 1)..].Replace("\"", "\\\"", StringComparison.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(EchoedSpellings))]
    public void A_response_that_echoes_the_key_is_read_without_it(string spelling)
    {
        string text = $$"""{"a":"before {{spelling}} after","b":"{{spelling}}","c":"\\n \u00e9 \/"}""";
        using System.Text.Json.JsonDocument kept = System.Text.Json.JsonDocument.Parse(new SecretRedactor(FalClientTest.Secure(EchoedKey)).RedactEcho(text));

        Assert.Equal($"before {SecretRedactor.Mark} after", kept.RootElement.GetProperty("a").GetString());
        Assert.Equal(SecretRedactor.Mark, kept.RootElement.GetProperty("b").GetString());
        Assert.Equal("\\n é /", kept.RootElement.GetProperty("c").GetString());
    }

    [Theory]
    [InlineData("none", """{"a":"none","b":true}""")]
    [InlineData("12345678901", """{"a":"1234567890"}""")]
    [InlineData("0123456789abcdef", "")]
    [InlineData("0123456789abcdef", """{"a":"\u0030\u0031 \u","b":"\\u0030"}""")]
    [InlineData("0123456789abcdef", "\\u00")]
    [InlineData("0123456789abcdef", "long enough \\")]
    public void A_response_without_the_key_stays_as_it_is(string key, string text)
    {
        ReadOnlyMemory<byte> answer = Encoding.UTF8.GetBytes(text);
        Assert.Equal(answer, new SecretRedactor(FalClientTest.Secure(key)).RedactEcho(answer));
        Assert.Equal(answer, new SecretRedactor(null).RedactEcho(answer));
    }
}
