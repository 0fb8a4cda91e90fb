using System.Globalization;
using System.Text.RegularExpressions;
using Inpaint.Imaging;
using Inpaint.Imaging.Terminal;
using Xunit;

namespace Inpaint.Tests.Imaging.Terminal;

public sealed partial class InlineGraphicsTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(120, 90)]
    public void Kittys_commands_keep_its_rules(int width, int height)
    {
        Raster sheet = Sheets.Waves(width, height);
        string text = InlineImageEncoder.EncodeKitty(sheet, columns: 12, CancellationToken.None);
        MatchCollection commands = KittyCommand().Matches(text);

        Assert.Equal(text.Length, commands.Sum(c => c.Length));
        Assert.Equal("a=T,f=100,q=2,c=12,", commands[0].Groups["keys"].Value);
        Assert.All(commands.Skip(1), c => Assert.Empty(c.Groups["keys"].Value));
        Assert.All(commands.SkipLast(1), c => Assert.Equal(("1", 4096), (c.Groups["more"].Value, c.Groups["data"].Length)));
        Assert.Equal("0", commands[^1].Groups["more"].Value);
        Assert.InRange(commands[^1].Groups["data"].Length, 1, 4096);
        AssertIsPng(sheet, string.Concat(commands.Select(c => c.Groups["data"].Value)));
    }

    [Fact]
    public void ITerm2s_command_states_size_and_width()
    {
        Raster sheet = Sheets.Waves(50, 30);
        sheet.Data[3] = 0;
        Match command = ITerm2Command().Match(InlineImageEncoder.EncodeITerm2(sheet, columns: 5, CancellationToken.None));

        Assert.True(command.Success);
        Assert.Equal("5", command.Groups["width"].Value);
        int length = AssertIsPng(sheet, command.Groups["data"].Value);
        Assert.Equal(length, int.Parse(command.Groups["size"].ValueSpan, CultureInfo.InvariantCulture));
    }

    private static int AssertIsPng(Raster sheet, string base64)
    {
        byte[] file = Convert.FromBase64String(base64);
        Raster sent = Pictures.Decode(new MemoryStream(file), "sent");
        Assert.Equal(sheet.Data, RasterLayout.Convert(sent, channels: 4, bitDepth: 8).Data);
        return file.Length;
    }

    [GeneratedRegex(@"\e_G(?<keys>(?:[a-z]=\w+,)*)m=(?<more>[01]);(?<data>[A-Za-z0-9+/=]+)\e\\")]
    private static partial Regex KittyCommand();

    [GeneratedRegex(@"\A\e\]1337;File=inline=1;size=(?<size>\d+);width=(?<width>\d+);height=auto;preserveAspectRatio=1:(?<data>[A-Za-z0-9+/=]+)\a\z")]
    private static partial Regex ITerm2Command();
}
