using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Inpaint.Tests.Imaging.Terminal;

/// <summary>What a terminal makes of sixels: a strict reader that accepts only what the manual of the VT340 describes.</summary>
internal sealed partial class SixelPicture
{
    private readonly int?[] pixels;

    private SixelPicture(int width, int height)
    {
        Width = width;
        Height = height;
        pixels = new int?[width * height];
    }

    public int Width { get; }

    public int Height { get; }

    public int Registers { get; private set; }

    /// <summary>Red, green and blue; null where nothing was drawn.</summary>
    public (int Red, int Green, int Blue)? this[int x, int y] => pixels[(y * Width) + x] is int color ? (color >> 16, (color >> 8) & 255, color & 255) : null;

    public static SixelPicture Read(string text)
    {
        Match frame = Frame().Match(text);
        Assert.True(frame.Success, "Not one device control string of sixels.");
        SixelPicture picture = new(Number(frame, "w"), Number(frame, "h"));
        Dictionary<int, int> registers = [];
        int x = 0;
        int top = 0;
        int color = -1;
        int at = 0;
        string data = frame.Groups["data"].Value;
        while (at < data.Length)
        {
            Match command = Command().Match(data, at);
            Assert.True(command.Success, $"Unknown command at {at}.");
            at += command.Length;
            if (command.Groups["register"].Success)
            {
                color = Number(command, "register");
                if (command.Groups["red"].Success)
                {
                    registers.Add(color, (Percent(command, "red") << 16) | (Percent(command, "green") << 8) | Percent(command, "blue"));
                }

                Assert.True(registers.ContainsKey(color), $"Register {color} is used before it is set.");
            }
            else if (command.Value == "$")
            {
                x = 0;
            }
            else if (command.Value == "-")
            {
                x = 0;
                top += 6;
            }
            else
            {
                int run = command.Groups["run"].Success ? Number(command, "run") : 1;
                picture.Paint(x, top, run, command.Groups["sixel"].Value[0] - '?', registers[color]);
                x += run;
            }
        }

        picture.Registers = registers.Count;
        return picture;
    }

    private void Paint(int x, int top, int run, int bits, int color)
    {
        Assert.InRange(x + run, 1, Width);
        for (int i = 0; i < 6; i++)
        {
            if ((bits & (1 << i)) != 0)
            {
                Assert.InRange(top + i, 0, Height - 1);
                Array.Fill(pixels, color, ((top + i) * Width) + x, run);
            }
        }
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    private static int Percent(Match match, string group)
    {
        int percent = Number(match, group);
        Assert.InRange(percent, 0, 100);
        return ((percent * 255) + 50) / 100;
    }

    [GeneratedRegex(@"\A\eP0;1;0q""1;1;(?<w>\d+);(?<h>\d+)(?<data>[^\e]*)\e\\\z")]
    private static partial Regex Frame();

    [GeneratedRegex(@"\G(?:#(?<register>\d+)(?:;2;(?<red>\d+);(?<green>\d+);(?<blue>\d+))?|\$|-|(?:!(?<run>\d+))?(?<sixel>[?-~]))")]
    private static partial Regex Command();
}
