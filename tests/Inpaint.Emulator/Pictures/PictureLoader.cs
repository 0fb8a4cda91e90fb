using Inpaint.Emulator.Cdn;
using Inpaint.Imaging;

namespace Inpaint.Emulator.Pictures;

/// <summary>Fetches the pictures that an input names: data URIs, files of the emulated host, published addresses, and anything on loopback. Never the network beyond.</summary>
internal sealed class PictureLoader(FileStore files) : IDisposable
{
    private readonly HttpClient http = new();

    /// <summary>The bytes behind an address; null when there are none to be had.</summary>
    public async Task<ReadOnlyMemory<byte>?> FetchAsync(string url)
    {
        if (url.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return FromDataUri(url);
        }

        if (files.FindByUrl(url) is { } known)
        {
            return known;
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || !uri.IsLoopback)
        {
            return null;
        }

        try
        {
            return await http.GetByteArrayAsync(uri);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    public void Dispose() => http.Dispose();

    private static ReadOnlyMemory<byte>? FromDataUri(string url)
    {
        int comma = url.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0 || !url.AsSpan(0, comma).EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        byte[] bytes = new byte[url.Length - comma];
        return Convert.TryFromBase64Chars(url.AsSpan(comma + 1), bytes, out int length) ? bytes.AsMemory(0, length) : default(ReadOnlyMemory<byte>?);
    }
}
