using System.Collections;
using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Xunit;

namespace Inpaint.Tests.Keys;

/// <summary>A key that must never be seen again, and the ways to look for it: as it is, and as the encodings write it through which text passes.</summary>
internal static class Canary
{
    /// <summary>An id and a secret, as fal's keys are, with letters that base64, URLs and JSON each spell in another way.</summary>
    public const string Key = "5ca1ab1e-0f0f:C4nary+Key/Of=Th3Mine";

    private static readonly string Secret = Key[(Key.IndexOf(':', StringComparison.Ordinal) + 1)..];

    /// <summary>What a service may write in the place of the key; each gives it away.</summary>
    public static string[] Spellings { get; } = [.. new[] { Key, Secret }.SelectMany(SpellingsOf).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>The key as JSON writes it when every letter is given by its number.</summary>
    public static string ByNumber { get; } = string.Concat(Key.Select(c => $"\\u{(int)c:x4}"));

    /// <summary>Looks at a text.</summary>
    /// <param name="where">What the text is, for the message.</param>
    /// <param name="text">The text.</param>
    public static void AssertAbsent(string where, string? text)
    {
        // The beginning of the secret stands for a key that was cut in half before it was taken out.
        foreach (string spelling in Spellings.Append(ByNumber).Append(Secret[..10]))
        {
            if (text?.Contains(spelling, StringComparison.OrdinalIgnoreCase) == true)
            {
                Assert.Fail($"{where} holds the key as '{spelling}': {text}");
            }
        }
    }

    /// <summary>Looks at an object: its text, its JSON, and each of its public members.</summary>
    /// <param name="where">What the object is, for the message.</param>
    /// <param name="value">The object.</param>
    public static void AssertAbsentFrom(string where, object? value)
    {
        switch (value)
        {
            case null:
                return;
            case Exception e:
                AssertAbsentFromException(where, e);
                return;
        }

        AssertAbsent(where, value.ToString());
        AssertAbsent(where + " as JSON", JsonSerializer.Serialize(value, value.GetType()));
        AssertAbsent(where + " as plain JSON", JsonSerializer.Serialize(value, value.GetType(), Relaxed));
    }

    /// <summary>Looks at every file below a folder: its name and its bytes.</summary>
    /// <param name="folder">The folder.</param>
    public static void AssertAbsentBelow(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            AssertAbsent("a file's name", file);
            AssertAbsent(file, Encoding.Latin1.GetString(File.ReadAllBytes(file)));
        }
    }

    private static JsonSerializerOptions Relaxed { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static void AssertAbsentFromException(string where, Exception e)
    {
        AssertAbsent(where, e.ToString());
        foreach (DictionaryEntry entry in e.Data)
        {
            AssertAbsent($"{where}'s data", $"{entry.Key} {entry.Value}");
        }

        foreach (PropertyInfo property in e.GetType().GetProperties().Where(p => p.Name is not (nameof(Exception.TargetSite) or nameof(Exception.Data))))
        {
            object? value = property.GetValue(e);
            AssertAbsent($"{where}.{property.Name}", value?.ToString());
            if (value is Exception inner)
            {
                AssertAbsentFromException($"{where}.{property.Name}", inner);
            }
            else if (value is InpaintJob job)
            {
                AssertAbsentFrom($"{where}.{property.Name}", job);
            }
        }
    }

    private static string[] SpellingsOf(string text)
    {
        string base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=');
        return
        [
            text,
            Uri.EscapeDataString(text),
            JavaScriptEncoder.Default.Encode(text),
            text.Replace("/", "\\/", StringComparison.Ordinal),
            WebUtility.HtmlEncode(text),
            HtmlEncoder.Default.Encode(text),
            base64,
            base64.Replace('+', '-').Replace('/', '_'),
        ];
    }
}
