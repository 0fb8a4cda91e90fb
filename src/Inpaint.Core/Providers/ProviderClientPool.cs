using System.Runtime.InteropServices;
using System.Security;
using System.Security.Cryptography;
using Inpaint.Http;
using Inpaint.Jobs;

namespace Inpaint.Providers;

/// <summary>A client and the watcher of its jobs.</summary>
/// <param name="Provider">Where to.</param>
/// <param name="Client">The client.</param>
/// <param name="Watcher">The watcher.</param>
internal sealed record ProviderAccess(InpaintProvider Provider, IProviderClient Client, JobWatcher Watcher)
{
    /// <summary>The list price that applies to a job.</summary>
    /// <param name="job">The job.</param>
    /// <returns>US dollars per megapixel; null when unknown or free.</returns>
    public decimal? PriceFor(InpaintJob job) => Provider.CapabilitiesFor(job.Operation, job.Model)?.PricePerMegapixel;
}

/// <summary>One client and one watcher for each provider, address and key, so that all jobs of a process share its rate limits and its schedule.</summary>
internal sealed class ProviderClientPool(ProviderRegistry providers, HttpClientSource http, Func<string> stateFolder, TimeProvider time, WatchSchedule schedule) : IDisposable
{
    private readonly Dictionary<string, ProviderAccess> open = new(StringComparer.Ordinal);

    /// <summary>Finds or makes the client for a provider.</summary>
    /// <param name="provider">Where to.</param>
    /// <param name="apiKey">With which key.</param>
    /// <returns>The client and its watcher.</returns>
    public ProviderAccess Get(InpaintProvider provider, SecureString? apiKey)
    {
        string folder = stateFolder();
        string identity = string.Join('\n', provider.Name.ToUpperInvariant(), provider.Kind, provider.BaseUri, provider.SyncUri, provider.StorageUri, provider.AuthScheme, folder, Digest(provider, apiKey));
        lock (open)
        {
            if (!open.TryGetValue(identity, out ProviderAccess? access))
            {
                IProviderClient client = providers.DescriptorOf(provider.Kind).Create(new ProviderServices(provider, apiKey, http, folder, time));
                access = new ProviderAccess(provider, client, new JobWatcher(client, time, schedule));
                open.Add(identity, access);
            }

            return access;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (open)
        {
            foreach (ProviderAccess access in open.Values)
            {
                access.Watcher.Dispose();
                (access.Client as IDisposable)?.Dispose();
            }

            open.Clear();
        }
    }

    /// <summary>Tells keys apart without keeping one, and refuses what would end a header early.</summary>
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
                ? throw new InpaintException(InpaintErrorId.InvalidParameter, $"The key of {provider.Name} cannot be one: it holds a space, a line break or another character that keys do not have.") { Provider = provider.Name }
                : Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(characters.AsSpan())));
        }
        finally
        {
            Marshal.ZeroFreeGlobalAllocUnicode(text);
            Array.Clear(characters);
        }
    }
}
