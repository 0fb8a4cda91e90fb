using Xunit;

namespace Inpaint.Tests.Http;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("a bench", "a bench")]
    [InlineData("  a\r\n\tbench \n", "a bench")]
    [InlineData("\u001b[31mred\u001b[0m", "red")]
    [InlineData("\u009b1;5Hx", "x")]
    [InlineData("\u001b]0;title\u0007x\u001b]8;;https://x\u001b\\y", "xy")]
    [InlineData("\u001b]0;never ended", "")]
    [InlineData("a\u001bc\0\u0007b", "a c b")]
    [InlineData(" 50%|█████     | 14/28\r100%|██████████| 28/28", "50%|█████ | 14/28 100%|██████████| 28/28")]
    [InlineData("", "")]
    public void Is_one_harmless_line(string text, string expected) => Assert.Equal(expected, PlainText.Clean(text));

    [Fact]
    public void A_cleaned_text_is_bounded() => Assert.Equal("abc…", PlainText.Clean("abcdef", 3));
}
