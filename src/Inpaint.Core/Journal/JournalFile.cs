using System.Buffers;
using System.Runtime.ExceptionServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Inpaint.Files;
using Inpaint.Http;
using Microsoft.Win32.SafeHandles;

namespace Inpaint.Journal;

/// <summary>
/// The open file of one job. Each line is the whole job as JSON at a later time: a change is added to the end, which needs neither a new file nor a rename, and a reader
/// takes the last line that is complete. One that a killed process or a power cut has left unfinished was told to nobody.
/// </summary>
internal sealed class JournalFile : IDisposable
{
    /// <summary>A journal file is a few kilobytes; anything much larger is not read.</summary>
    private const long MaximumFileBytes = 4 << 20;

    /// <summary>A file that has grown to this, of a job that is asked about again and again, is replaced by its last line.</summary>
    private const long MaximumBytesOfLines = 64 << 10;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? lineBuffer;

    /// <summary>Without escapes that only HTML needs: people read the files, too.</summary>
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly SafeFileHandle handle;

    private JournalFile(string path, SafeFileHandle handle)
    {
        FullPath = path;
        this.handle = handle;
    }

    /// <summary>Its path.</summary>
    public string FullPath { get; }

    /// <summary>Its stamp now.</summary>
    public FileStamp Stamp => FileStamp.Of(handle);

    /// <summary>Opens a file that others may read and change at the same time; null when there is none.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static JournalFile? TryOpen(string path, FileAccess access)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return new JournalFile(path, File.OpenHandle(path, FileMode.Open, access, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Reads a file; null when there is none, or none that can be read, which is warned about.</summary>
    public static JournalEntry? Read(string path, Action<string>? warn)
    {
        try
        {
            using JournalFile? file = TryOpen(path, FileAccess.Read);
            return file?.Read(warn);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            warn?.Invoke($"The job file '{path}' cannot be read: {e.Message}");
            return null;
        }
    }

    /// <summary>Reads the job; null when it is damaged or was written by a newer version, which is warned about.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    public JournalEntry? Read(Action<string>? warn)
    {
        try
        {
            if (Parse(LastLine(ReadContent())) is not { } entry)
            {
                warn?.Invoke($"The job file '{FullPath}' was written by a newer version and is left alone.");
                return null;
            }

            if (!entry.IsComplete())
            {
                throw new JsonException("It contains no job.");
            }

            return string.Equals(entry.Job.JournalId + ".json", Path.GetFileName(FullPath), StringComparison.Ordinal)
                ? entry
                : throw new JsonException("It contains another job than its name says.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException)
        {
            warn?.Invoke(DescribeDamage(FullPath, PlainText.Clean(e.Message).TrimEnd('.')));
            return null;
        }
    }

    /// <summary>Writes a new file, which replaces one that is there, and returns when it is on disk.</summary>
    /// <returns>The file's stamp.</returns>
    public static FileStamp Create(string path, JournalEntry entry)
    {
        FileStamp? stamp = null;
        PrivateFiles.Write(
            path,
            stream =>
            {
                stream.Write(LineOf(entry));
                stamp = FileStamp.Of(stream.SafeFileHandle);
            },
            bufferSize: 0);
        return stamp!;
    }

    /// <summary>Adds a line. Only one thread of one process may do so at a time.</summary>
    /// <param name="entry">The job.</param>
    /// <param name="isDurable">Whether this returns when the line is on disk.</param>
    /// <returns>The file's stamp; null where nothing was added, because the file does not consist of lines or has too many, and is to be created anew.</returns>
    public FileStamp? Append(JournalEntry entry, bool isDurable)
    {
        long end = EndOfLines();
        if (end is 0 or > MaximumBytesOfLines)
        {
            return null;
        }

        RandomAccess.Write(handle, LineOf(entry), end);
        if (isDurable)
        {
            RandomAccess.FlushToDisk(handle);
        }

        return Stamp;
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    /// <summary>The line of a job, in memory that the thread's next line replaces.</summary>
    private static ReadOnlySpan<byte> LineOf(JournalEntry entry)
    {
        ArrayBufferWriter<byte> line = lineBuffer ?? new(8 << 10);
        line.ResetWrittenCount();
        using (Utf8JsonWriter writer = new(line, Readable))
        {
            JournalWriter.Write(writer, entry);
        }

        line.Write("\n"u8);
        lineBuffer = line.Capacity <= MaximumBytesOfLines ? line : null;
        return line.WrittenSpan;
    }

    /// <summary>Where the next line begins, which an unfinished one does not change; 0 for a file that does not consist of lines.</summary>
    private long EndOfLines()
    {
        Span<byte> start = stackalloc byte[3];
        if (IsOneObject(start[..RandomAccess.Read(handle, start, fileOffset: 0)]))
        {
            return 0;
        }

        Span<byte> last = stackalloc byte[1];
        long end = RandomAccess.GetLength(handle);
        while (end > 0 && RandomAccess.Read(handle, last, end - 1) == 1 && last[0] != (byte)'\n')
        {
            end--;
        }

        return end;
    }

    /// <summary>Whether a file is a single indented object: version 1 was, and people who edit a file may make it one.</summary>
    private static bool IsOneObject(ReadOnlySpan<byte> content) => content.StartsWith("{\n"u8) || content.StartsWith("{\r\n"u8);

    private ReadOnlySpan<byte> ReadContent()
    {
        long length = RandomAccess.GetLength(handle);
        if (length > MaximumFileBytes)
        {
            throw new JsonException($"{length} bytes are too many for a job.");
        }

        byte[] content = new byte[length];
        return content.AsSpan(0, RandomAccess.Read(handle, content, fileOffset: 0));
    }

    /// <summary>The last complete line; the whole content where it does not consist of lines.</summary>
    private static ReadOnlySpan<byte> LastLine(ReadOnlySpan<byte> content)
    {
        int end = content.LastIndexOf((byte)'\n');
        return end < 0 || IsOneObject(content) ? content : content[(content[..end].LastIndexOf((byte)'\n') + 1)..end];
    }

    /// <summary>Parses a job's file; null when a newer version wrote it, whose form may be any other.</summary>
    /// <exception cref="JsonException">It is damaged.</exception>
    private static JournalEntry? Parse(ReadOnlySpan<byte> content)
    {
        JournalEntry? entry = null;
        ExceptionDispatchInfo? damage = null;
        try
        {
            entry = JsonSerializer.Deserialize(content, JournalReading.Default.JournalEntry) ?? throw new JsonException("It contains no job.");
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

    private static long? VersionOf(ReadOnlySpan<byte> content)
    {
        Utf8JsonReader reader = new(content);
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
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
