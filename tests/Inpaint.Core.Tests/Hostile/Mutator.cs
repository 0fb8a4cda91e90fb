using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Inpaint.Tests.Hostile;

/// <summary>
/// Damages files, texts and JSON as a broken disk, a careless service or an enemy does; the same seed damages alike. How often is the tests' one setting: few rounds by
/// default, <c>INPAINT_LONG=1</c> for the long run, <c>INPAINT_FUZZ_ROUNDS</c> for a number of one's own.
/// </summary>
internal sealed class Mutator(int seed)
{
    private const int LongRun = 12;

    // Values of JSON that a member may have instead of its own: of another kind, empty, absurd, or meaning something at another place.
    private static readonly string[] Oddities =
    [
        "null", "true", "[]", "{}", "\"\"", "\" \"", "0", "-1", "1e308", "-1e-308", "1e400", "12345678901234567890123456789", "0.1", "\"1e999\"", "\"NaN\"", "\"\\u0000\"", "\"HALF\"",
        "\"data:\"", "\"data:image/png;base64,\"", "\"data:image/png;base64,????\"", "\"data:,\"", "\"data:;base64,AA==\"", "\"http://[\"", "\"file:///etc/passwd\"", "[null,[],{},1]",
        "{\"0\":{\"0\":{\"0\":[\"x\"]}}}", "[[[[[[[[]]]]]]]]", "\"success\"", "\"COMPLETED\"", "\"failed\"", "{\"url\":null}", "[{\"url\":7}]", "{\"message\":[{}]}", "\"https://\"",
        "\"https://a/../../../b\"", "\"\\u001b]0;x\\u0007\\u001b[31m\"", "\"../../x\"", "\"9999-99-99T99:99:99Z\"", "9223372036854775808", "\"\\u202e\\u0301\\ufffe\"",
    ];

    // Pieces of text that parsers treat in a way of their own.
    private static readonly string[] Fragments =
    [
        "\0", "\r", "\n", "\r\n", "\t", " ", ":", "::", ",", ";", "=", "/", "//", "\\", "..", "../", "%", "%00", "%2e%2e%2f", "{", "}", "{Seed}", "{Index", "\"", "'", "<", "&#", "-", "+", "e", "E", "0x", "NaN",
        "Infinity", "∞", "٣", "\uFEFF", "\u200B", "\u202E", "é", "🦁", "\uD83D", "\uFFFF", "data:", "base64,", "http://", "file:", "data", "event", "1e308", "99999999999999999999", "GMT", "CON", "nul.",
    ];

    private readonly Random random = new(seed);

    /// <summary>How many rounds a test makes.</summary>
    /// <param name="usual">How many without being told otherwise.</param>
    /// <param name="inLongRun">How many in the long run; null for twelve times as many.</param>
    /// <returns>The number.</returns>
    public static int Rounds(int usual, int? inLongRun = null) =>
        int.TryParse(Environment.GetEnvironmentVariable("INPAINT_FUZZ_ROUNDS"), CultureInfo.InvariantCulture, out int rounds) ? rounds
        : Environment.GetEnvironmentVariable("INPAINT_LONG") == "1" ? inLongRun ?? usual * LongRun
        : usual;

    /// <summary>A whole number below a bound.</summary>
    /// <param name="bound">The bound.</param>
    /// <returns>The number.</returns>
    public int Next(int bound) => random.Next(bound);

    /// <summary>Damages a file.</summary>
    /// <param name="file">The file; stays as it is.</param>
    /// <returns>A damaged copy.</returns>
    public byte[] Damage(ReadOnlySpan<byte> file)
    {
        byte[] damaged = file.ToArray();
        for (int i = random.Next(1, 6); i > 0 && damaged.Length > 0; i--)
        {
            // Headers decide most and are small: they are hit more often.
            int at = random.Next(2) == 0 ? random.Next(damaged.Length) : random.Next(Math.Min(damaged.Length, 200));
            switch (random.Next(5))
            {
                case 0:
                    damaged[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    damaged[at] = (byte)random.Next(256);
                    break;
                case 2:
                    damaged[at] = random.Next(2) == 0 ? (byte)0 : (byte)255;
                    break;
                case 3:
                    int from = random.Next(damaged.Length);
                    int count = Math.Min(random.Next(1, 32), damaged.Length - Math.Max(at, from));
                    damaged.AsSpan(from, count).ToArray().CopyTo(damaged, at);
                    break;
                default:
                    damaged = random.Next(4) == 0 ? damaged[..Math.Max(1, at)] : [.. damaged[..at], (byte)random.Next(256), .. damaged[at..]];
                    break;
            }
        }

        return damaged;
    }

    /// <summary>Damages a text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>A damaged copy; it may be no Unicode.</returns>
    public string Damage(string text)
    {
        StringBuilder damaged = new(text);
        for (int i = random.Next(1, 6); i > 0; i--)
        {
            int at = random.Next(damaged.Length + 1);
            switch (random.Next(5))
            {
                case 0 when at < damaged.Length:
                    damaged[at] = (char)random.Next(128);
                    break;
                case 1 when at < damaged.Length:
                    damaged.Remove(at, random.Next(1, damaged.Length - at + 1));
                    break;
                case 2 when at < damaged.Length:
                    damaged.Insert(at, damaged.ToString(at, random.Next(1, damaged.Length - at + 1)));
                    break;
                case 3:
                    damaged.Insert(at, (char)random.Next(0x10000));
                    break;
                default:
                    damaged.Insert(at, Fragments[random.Next(Fragments.Length)]);
                    break;
            }
        }

        return damaged.ToString();
    }

    /// <summary>Changes members of a JSON document; now and then breaks its text too.</summary>
    /// <param name="json">The document.</param>
    /// <returns>UTF-8; mostly JSON still.</returns>
    public byte[] DamageJson(string json)
    {
        JsonNode root = JsonNode.Parse(json)!;
        for (int count = random.Next(1, 4); count > 0; count--)
        {
            Change(root);
        }

        // Half a surrogate pair passes every parser, but no writer would write it.
        byte[] bytes = Encoding.UTF8.GetBytes(root.ToJsonString().Replace("HALF", "\\ud83d", StringComparison.Ordinal));
        if (random.Next(4) == 0)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return bytes;
    }

    private void Change(JsonNode root)
    {
        JsonNode at = root;
        while (true)
        {
            JsonNode? inner = at switch
            {
                JsonObject { Count: > 0 } members => members.ElementAt(random.Next(members.Count)).Value,
                JsonArray { Count: > 0 } items => items[random.Next(items.Count)],
                _ => null,
            };
            if (inner is not (JsonObject or JsonArray) || random.Next(3) == 0)
            {
                break;
            }

            at = inner;
        }

        JsonNode? odd = JsonNode.Parse(Oddities[random.Next(Oddities.Length)]);
        switch (at)
        {
            case JsonObject { Count: > 0 } members:
                string name = members.ElementAt(random.Next(members.Count)).Key;
                if (random.Next(5) == 0)
                {
                    members.Remove(name);
                }
                else
                {
                    members[name] = odd;
                }

                break;
            case JsonArray { Count: > 0 } items:
                items[random.Next(items.Count)] = odd;
                break;
            case JsonArray items:
                items.Add(odd);
                break;
            case JsonObject members:
                members["x"] = odd;
                break;
        }
    }
}
