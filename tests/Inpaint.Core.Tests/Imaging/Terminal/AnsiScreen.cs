using System.Globalization;
using System.Text.RegularExpressions;
using Inpaint.Imaging.Terminal;
using Xunit;

namespace Inpaint.Tests.Imaging.Terminal;

/// <summary>What a terminal shows of half blocks: two pixels for each cell, null where its own ground is seen.</summary>
internal static partial class AnsiScreen
{
    /// <summary>Reads lines of half blocks; fails for any other character, and for a line that does not end with the terminal's own colours.</summary>
    public static PixelColor?[][] Read(string text)
    {
        List<PixelColor?[]> rows = [];
        foreach (string line in text.Split('\n'))
        {
            Assert.EndsWith("\e[0m", line, StringComparison.Ordinal);
            List<PixelColor?> upper = [];
            List<PixelColor?> lower = [];
            PixelColor? ink = null;
            PixelColor? paper = null;
            int at = 0;
            while (at < line.Length)
            {
                Match item = Item().Match(line, at);
                Assert.True(item.Success, $"Unknown text at {at}: {line[at..Math.Min(line.Length, at + 20)]}");
                at += item.Length;
                switch (item.Groups["layer"].Value + item.Value[^1])
                {
                    case "38m":
                        ink = ColorOf(item);
                        break;
                    case "48m":
                        paper = ColorOf(item);
                        break;
                    case "▀":
                        upper.Add(ink);
                        lower.Add(paper);
                        break;
                    case "▄":
                        upper.Add(paper);
                        lower.Add(ink);
                        break;
                    case " ":
                        upper.Add(paper);
                        lower.Add(paper);
                        break;
                    default:
                        paper = null;
                        ink = item.Value == "\e[0m" ? null : ink;
                        break;
                }
            }

            rows.Add([.. upper]);
            rows.Add([.. lower]);
        }

        return [.. rows];
    }

    private static PixelColor ColorOf(Match item) => item.Groups["n"].Success
        ? XtermPalette.Colors[Number(item, "n") - 16]
        : new PixelColor((byte)Number(item, "r"), (byte)Number(item, "g"), (byte)Number(item, "b"));

    private static int Number(Match item, string group) => int.Parse(item.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\G(?:\e\[(?:(?<layer>[34]8);(?:2;(?<r>\d+);(?<g>\d+);(?<b>\d+)|5;(?<n>\d+))|0|49)m|[▀▄ ])")]
    private static partial Regex Item();
}
