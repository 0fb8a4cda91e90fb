using System.Globalization;
using System.Text;
using Inpaint.Results;
using Xunit;

namespace Inpaint.Tests.Results;

public class FileNameTemplateTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 23, 59, 58, TimeSpan.Zero);

    [Theory]
    [InlineData(null, "dog-inpaint")]
    [InlineData("{Source}-{Seed}-{Index}", "dog-42-0")]
    [InlineData("{source}_{OPERATION}", "dog_inpaint")]
    [InlineData("{Provider} {Model}", "Fal fal-ai-flux-lora-inpainting")]
    [InlineData("{Id}", "72a35804")]
    [InlineData("{Date}", "20261120-235958")]
    [InlineData("plain", "plain")]
    [InlineData("{Source", "{Source")]
    [InlineData("a}b", "a}b")]
    [InlineData("../{Source}", "_dog")]
    [InlineData("", "picture")]
    public void A_template_is_filled_in(string? template, string expected) => Assert.Equal(expected, FileNameTemplate.Fill(template, Image(), Now));

    [Theory]
    [InlineData("{Title}", "Hund")]
    [InlineData("{title}-{Seed}", "Hund-42")]
    [InlineData("{Path}", "a_b.jpg")]
    [InlineData("{Empty}", "dog-inpaint")]
    [InlineData("{Id}", "72a35804")]
    public void The_columns_of_a_row_fill_in_what_the_template_does_not_know_itself(string template, string expected)
    {
        InpaintImage image = Image();
        image = image with { Origin = image.Origin with { Columns = new Dictionary<string, string>(StringComparer.Ordinal) { ["Title"] = "Hund", ["Path"] = "a/b.jpg", ["Empty"] = "", ["Id"] = "7" } } };

        Assert.Equal(expected, FileNameTemplate.Fill(template, image, Now));
        Assert.Contains("{Title}", Assert.Throws<InpaintException>(() => FileNameTemplate.Fill("{Other}", image, Now)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{Prompt}")]
    [InlineData("{}")]
    [InlineData("{ Source }")]
    public void An_unknown_placeholder_is_refused_with_the_known_ones(string template)
    {
        InpaintException e = Assert.Throws<InpaintException>(() => FileNameTemplate.Fill(template, Image(), Now));

        Assert.Equal(InpaintErrorId.InvalidParameter, e.ErrorId);
        Assert.Contains("{Source}", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/home/user/dog.png", "dog")]
    [InlineData("C:\\shots\\dog.old.png", "dog.old")]
    [InlineData("https://pictures.example/a/my%20dog.png?sig=x/y.png#z", "my dog")]
    [InlineData("https://pictures.example/..%2F..%2Fetc%2Fpasswd", "passwd")]
    [InlineData(".hidden", "hidden")]
    [InlineData("CON.png", "_CON")]
    [InlineData("com1", "_com1")]
    [InlineData("COM².x.png", "_COM².x")]
    [InlineData("aux .txt.png", "_aux .txt")]
    [InlineData("dog\u202Egnp.exe", "dog_gnp")]
    [InlineData("...", "picture")]
    public void A_source_gives_a_plain_name(string source, string expected) =>
        Assert.Equal(expected, FileNameTemplate.Fill("{Source}", Image(source), Now));

    [Fact]
    public void A_picture_from_words_alone_is_called_by_the_first_of_them() =>
        Assert.Equal("a-lion-sitting-on-a-stone-inpaint", FileNameTemplate.Fill(null, Image(source: null, "a lion, sitting on a stone bench"), Now));

    [Fact]
    public void Several_pictures_of_one_result_get_names_of_their_own_however_long_the_source_is_called()
    {
        foreach (string source in new[] { "dog", new string('x', 300), new string('狮', 300), string.Concat(Enumerable.Repeat("🦁", 300)) })
        {
            string[] names = [.. Enumerable.Range(0, 4).Select(n => FileNameTemplate.Fill("{Source}-by-{Seed}", Image(source + ".png", count: 4, index: n), Now))];

            Assert.Equal(4, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
            Assert.All(names, (name, n) => Assert.EndsWith($"-by-42-{n}", name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Whatever_the_texts_say_the_name_is_legal_everywhere()
    {
        Random random = new(20261120);
        string[] bits =
        [
            "..", "/", "\\", ":", "*", "?", "\"", "<", ">", "|", "\0", "\n", "\t", "\u007F", "\u0085", "\u200F", "\u2028", "\uD83D", "\uDE00", "\uFFFD", "\uFEFF", " ", ".", "~", "-",
            "CON", "nul", "LPT1", "COM¹", "a", "é", "e\u0301", "狮", "🦁", "%2F", "{Id}", "$(rm)", "C:", "http", "file:///", ".png", ".json", new string('w', 90),
        ];
        string Text() => string.Concat(Enumerable.Range(0, random.Next(0, 12)).Select(_ => bits[random.Next(bits.Length)]));
        string[] templates = [.. SaveOptions.NamePlaceholders.Select(p => "{" + p + "}"), FileNameTemplate.Default, "{Source}{Id}{Provider}{Model}", "{Source}/{Id}\\{Index}", " {Source}. "];
        for (int round = 0; round < 20_000; round++)
        {
            InpaintImage image = Image(random.Next(5) == 0 ? null : Text(), Text(), random.Next(1, 5), random.Next(0, 4));
            image = image with { Origin = image.Origin with { JobId = Text(), Provider = Text(), Model = Text() } };
            string name = FileNameTemplate.Fill(templates[random.Next(templates.Length)], image, Now);
            AssertLegal(name);
        }
    }

    [Fact]
    public void Whatever_the_template_says_the_name_is_legal_everywhere_or_the_template_refused()
    {
        Random random = new(20261121);
        string[] bits = [.. SaveOptions.NamePlaceholders.Select(p => "{" + p + "}"), "{", "}", "{Nonsense}", "..", "/", "\\", "C:", "::$DATA", "CON", "aux.", "nul .", "~", " ", ".", "\0", "\u202E", "狮", "🦁", "\uD83D", "e\u0301", new string('w', 70)];
        int refused = 0;
        for (int round = 0; round < 20_000; round++)
        {
            string template = string.Concat(Enumerable.Range(0, random.Next(0, 8)).Select(_ => bits[random.Next(bits.Length)]));
            try
            {
                string name = FileNameTemplate.Fill(template, Image(count: random.Next(1, 4), index: random.Next(0, 3)), Now);
                AssertLegal(name);

                // A number, an extension and the sidecar's are still to come, and an encrypted file system takes 143 bytes.
                Assert.InRange(Encoding.UTF8.GetByteCount($"{name}-100000.webp.json"), 1, 143);
            }
            catch (InpaintException e)
            {
                Assert.Equal(InpaintErrorId.InvalidParameter, e.ErrorId);
                refused++;
            }
        }

        Assert.InRange(refused, 1_000, 15_000);
    }

    internal static void AssertLegal(string name)
    {
        string shown = string.Join(' ', name.Select(c => ((int)c).ToString("X4", CultureInfo.InvariantCulture)));
        Assert.True(name.Length > 0, "empty");
        Assert.False(name.IndexOfAny(['<', '>', ':', '"', '/', '\\', '|', '?', '*']) >= 0, shown);
        Assert.False(name.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029' or '\u202E' or '\u200F' or '\uFEFF'), shown);
        Assert.False(name[^1] is ' ' or '.' || name[0] is ' ' or '.', shown);
        Assert.True(name.IsNormalized(NormalizationForm.FormC), shown);
        Assert.InRange(Encoding.UTF8.GetByteCount(name), 1, 120);
        Assert.Equal(name, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(name)));
        Assert.DoesNotMatch("(?i)^(con|prn|aux|nul|conin\\$|conout\\$|com[0-9¹²³]|lpt[0-9¹²³]) *(\\.|$)", name);
        Assert.Equal("/folder", Path.GetDirectoryName(Path.GetFullPath("/folder/" + name))?.Replace('\\', '/')[^7..]);
    }

    private static InpaintImage Image(string? source = "/home/user/dog.png", string prompt = "an empty bench", int count = 1, int index = 0) => new()
    {
        Url = "https://cdn.example/0.png",
        Index = index,
        Origin = new ImageOrigin
        {
            Source = source,
            Prompt = prompt,
            Seed = 42,
            Count = count,
            JobId = "72a35804",
            Provider = "Fal",
            Model = "fal-ai/flux-lora/inpainting",
        },
    };
}
