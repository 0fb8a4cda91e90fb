using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Inpaint.Emulator.Cdn;

/// <summary>A file of the file host.</summary>
/// <param name="Name">Its name in the URL.</param>
/// <param name="ContentType">Its type as announced at the upload.</param>
/// <param name="Bytes">Its content; null until it is uploaded.</param>
public sealed record StoredFile(string Name, string ContentType, ReadOnlyMemory<byte>? Bytes)
{
    /// <summary>The parts of an upload in progress, by number.</summary>
    internal ConcurrentDictionary<int, (ReadOnlyMemory<byte> Bytes, string ETag)> Parts { get; } = new();
}

/// <summary>The files of the file host: what was uploaded and what models have made.</summary>
public sealed class FileStore
{
    private readonly ConcurrentDictionary<string, StoredFile> files = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Func<ReadOnlyMemory<byte>>> remote = new(StringComparer.Ordinal);

    /// <summary>A snapshot of all files by their id.</summary>
    public IReadOnlyDictionary<string, StoredFile> All => new Dictionary<string, StoredFile>(files, StringComparer.Ordinal);

    /// <summary>Stands in for a picture elsewhere on the web, so that a model can load it without a network.</summary>
    /// <param name="url">Its address.</param>
    /// <param name="bytes">Its content.</param>
    public void Publish(string url, ReadOnlyMemory<byte> bytes) => Publish(url, () => bytes);

    /// <summary>Forgets all files, published ones too.</summary>
    public void Clear()
    {
        files.Clear();
        remote.Clear();
    }

    internal void Publish(string url, Func<ReadOnlyMemory<byte>> read) => remote[url] = read;

    internal string Add(string name, string contentType, ReadOnlyMemory<byte>? bytes = null)
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        files[id] = new(name, contentType, bytes);
        return id;
    }

    internal StoredFile? Find(string id) => files.GetValueOrDefault(id);

    internal void Fill(string id, ReadOnlyMemory<byte> bytes) => files[id] = files[id] with { Bytes = bytes };

    /// <summary>Finds what an address leads to without going through HTTP.</summary>
    internal ReadOnlyMemory<byte>? FindByUrl(string url)
    {
        if (remote.TryGetValue(url, out Func<ReadOnlyMemory<byte>>? published))
        {
            return published();
        }

        string[] parts = url.Split("/files/");
        return parts.Length == 2 && files.TryGetValue(parts[1].Split('/')[0], out StoredFile? file) ? file.Bytes : null;
    }
}
