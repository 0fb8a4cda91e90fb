using System.Runtime.InteropServices;
using System.Security;
using System.Security.Cryptography;
using Inpaint.Http;
using Inpaint.Providers;

namespace Inpaint.Jobs;

/// <summary>A client, the watcher of its jobs and their slots, leased to one operation, which disposes of the lease when it is done.</summary>
internal sealed record ProviderAccess(InpaintProvider Provider, IProviderClient Client, JobWatcher Watcher, JobSlots Slots, Action Return) : IDisposable
{
    /// <summary>The price of a job; null when it is unknown or free.</summary>
    public InpaintPrice? PriceFor(InpaintJob job) => Provider.CapabilitiesFor(job.Operation, job.Model)?.Price;

    /// <inheritdoc/>
    public void Dispose() => Return();
}

/// <summary>
/// One client and one watcher for each combination of provider, URLs and key, so that all jobs of a process share rate limits and polling. A client has its own copy of
/// the key, and both are disposed of when the provider is changed or removed, or called with another key: at once, or with the last operation that still uses them.
/// Clients without a key stay, because jobs of the embedded provider run in them.
/// </summary>
internal sealed class ProviderClientPool(ProviderRegistry providers, HttpClientSource http, Func<string> stateFolder, TimeProvider time, WatchSchedule schedule) : IDisposable
{
    private readonly Dictionary<string, PooledClient> open = new(StringComparer.Ordinal);

    /// <summary>The number of clients that hold a key.</summary>
    internal int KeyCount
    {
        get
        {
            lock (open)
            {
                return open.Values.Count(client => client.Key is not null);
            }
        }
    }

    /// <summary>Finds or creates the client for a provider. The key is copied.</summary>
    /// <exception cref="InpaintException">InvalidParameter: the key contains invalid characters; ApiKeyMissing: it was disposed of.</exception>
    public ProviderAccess Get(InpaintProvider provider, SecureString? apiKey)
    {
        using SecureString? key = provider.NeedsKey ? CopyOf(apiKey, provider) : null;
        string folder = stateFolder();
        List<string?> parts = [provider.Name.ToUpperInvariant(), provider.Kind, provider.BaseUri?.OriginalString, provider.AuthScheme, folder, Digest(provider, key)];
        foreach ((string name, Uri uri) in provider.Endpoints)
        {
            parts.Add(name + " " + uri.OriginalString);
        }

        string identity = string.Join('\n', parts);
        lock (open)
        {
            if (!open.TryGetValue(identity, out PooledClient? pooled))
            {
                Drop(client => client.Users == 0 && IsOf(client, provider.Name));
                SecureString? own = key?.Copy();
                IProviderClient client = providers.DescriptorOf(provider.Kind).Create(new ProviderServices(provider, own, http, folder, time));
                pooled = new PooledClient(provider.Name, client, new JobWatcher(client, time, schedule), own);
                open.Add(identity, pooled);
            }

            pooled.Users++;
            int returned = 0;
            return new ProviderAccess(provider, pooled.Client, pooled.Watcher, pooled.Slots, () =>
            {
                if (Interlocked.Exchange(ref returned, 1) == 0)
                {
                    Return(pooled);
                }
            });
        }
    }

    /// <summary>Forgets the keys of a provider; of all when null.</summary>
    public void ForgetKeys(string? provider)
    {
        lock (open)
        {
            Drop(client => provider is null || IsOf(client, provider));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (open)
        {
            foreach (PooledClient pooled in open.Values)
            {
                pooled.Dispose();
            }

            open.Clear();
        }
    }

    private static bool IsOf(PooledClient client, string provider) => string.Equals(client.Provider, provider, StringComparison.OrdinalIgnoreCase);

    private static SecureString? CopyOf(SecureString? key, InpaintProvider provider)
    {
        try
        {
            return key?.Copy();
        }
        catch (ObjectDisposedException e)
        {
            throw new InpaintException(InpaintErrorId.ApiKeyMissing, $"The key of {provider.Name} is a SecureString that has been disposed of. Nothing was sent.", e) { Provider = provider.Name };
        }
    }

    private void Drop(Func<PooledClient, bool> predicate)
    {
        foreach ((string identity, PooledClient pooled) in open.Where(entry => entry.Value.Key is not null && predicate(entry.Value)).ToArray())
        {
            open.Remove(identity);
            pooled.IsDropped = true;
            if (pooled.Users == 0)
            {
                pooled.Dispose();
            }
        }
    }

    private void Return(PooledClient pooled)
    {
        lock (open)
        {
            if (--pooled.Users == 0 && pooled.IsDropped)
            {
                pooled.Dispose();
            }
        }
    }

    /// <summary>Distinguishes keys without keeping them, and refuses characters that would break a header.</summary>
    private static string Digest(InpaintProvider provider, SecureString? key)
    {
        if (key is null)
        {
            return "";
        }

        nint text = Marshal.SecureStringToGlobalAllocUnicode(key);
        char[] characters = new char[key.Length];
        try
        {
            Marshal.Copy(text, characters, 0, characters.Length);
            return MemoryExtensions.Trim(characters.AsSpan()).ContainsAnyExceptInRange('!', '~')
                ? throw new InpaintException(InpaintErrorId.InvalidParameter, $"The key of {provider.Name} is not valid: it contains a space, a line break or another character that keys do not have.") { Parameter = nameof(ProviderSettings.ApiKey), Provider = provider.Name }
                : Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(characters.AsSpan())));
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(text);
            Array.Clear(characters);
        }
    }

    private sealed class PooledClient(string provider, IProviderClient client, JobWatcher watcher, SecureString? key) : IDisposable
    {
        public string Provider { get; } = provider;

        public IProviderClient Client { get; } = client;

        public JobWatcher Watcher { get; } = watcher;

        public JobSlots Slots { get; } = new();

        public SecureString? Key { get; } = key;

        public int Users { get; set; }

        public bool IsDropped { get; set; }

        public void Dispose()
        {
            Watcher.Dispose();
            (Client as IDisposable)?.Dispose();
            Key?.Dispose();
        }
    }
}
