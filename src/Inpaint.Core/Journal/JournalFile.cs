using System.Runtime.ExceptionServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Inpaint.Http;

namespace Inpaint.Journal;

/// <summary>Reads the file of one job, and says what can be done about one that is damaged.</summary>
internal static class JournalFile
{
    /// <summary>A journal file is a few kilobytes; anything much larger is not read.</summary>
    private const long MaximumFileBytes = 4 << 20;

    /// <summary>Reads a file; null when there is none, or none that can be read, which is warned about.</summary>
    public static JournalEntry? Read(string path, Action<string>? warn)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            byte[] content = ReadContent(path);
            if (Parse(content) is not { } entry)
            {
                warn?.Invoke($"The job file '{path}' was written by a newer version and is left alone.");
                return null;
            }

            if (!entry.IsComplete())
            {
                throw new JsonException("It contains no job.");
            }

            return string.Equals(entry.Job.JournalId + ".json", Path.GetFileName(path), StringComparison.Ordinal)
                ? entry
                : throw new JsonException("It contains another job than its name says.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            warn?.Invoke(DescribeDamage(path, PlainText.Clean(e.Message).TrimEnd('.')));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            warn?.Invoke($"The job file '{path}' cannot be read: {e.Message}");
            return null;
        }
    }

    private static byte[] ReadContent(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        if (stream.Length > MaximumFileBytes)
        {
            throw new JsonException($"{stream.Length} bytes are too many for a job.");
        }

        byte[] content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }

    /// <summary>Parses a job's file; null when a newer version wrote it, whose form may be any other.</summary>
    /// <exception cref="JsonException">It is damaged.</exception>
    private static JournalEntry? Parse(byte[] content)
    {
        JournalEntry? entry = null;
        ExceptionDispatchInfo? damage = null;
        try
        {
            entry = JsonSerializer.Deserialize(content, JournalJson.Readable.JournalEntry) ?? throw new JsonException("It contains no job.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            damage = ExceptionDispatchInfo.Capture(e);
        }

        if (entry?.Version > JournalEntry.CurrentVersion || (damage is not null && VersionOf(content) > JournalEntry.CurrentVersion))
        {
            return null;
        }

        damage?.Throw();
        return entry;
    }

    private static long? VersionOf(byte[] content)
    {
        using JsonDocument document = JsonDocument.Parse(content);
        return document.RootElement.Integer("version");
    }

    /// <summary>Says what to do about a damaged file. What is still legible in it is included, because the file may belong to a paid job.</summary>
    public static string DescribeDamage(string path, string reason)
    {
        string job = ReadField(path, "id") is { } id ? $"its id {id}" : "the id that the provider's site shows";
        string provider = ReadField(path, "provider") is { } name ? $" from provider {name}" : "";
        return $"The job file '{path}' is damaged ({reason}). It may belong to a job that is paid for: collect that by {job}{provider}. Then delete the file; until then this warning is repeated.";
    }

    private static string? ReadField(string path, string field)
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] head = new byte[16 << 10];
            int read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            Match found = Regex.Match(Encoding.UTF8.GetString(head, 0, read), $"\"{field}\"\\s*:\\s*\"([A-Za-z0-9._-]{{1,100}})\"", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
            return found.Success ? found.Groups[1].Value : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or RegexMatchTimeoutException)
        {
            return null;
        }
    }
}
