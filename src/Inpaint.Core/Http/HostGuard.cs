using System.Net;
using System.Net.Sockets;

namespace Inpaint.Http;

/// <summary>
/// Lets an API key go to the configured origins (exact scheme, host and port) of its own provider, over TLS, and nowhere else. Plain http is allowed on
/// loopback only.
/// </summary>
internal sealed class HostGuard
{
    private static readonly string[] EscapedSeparators = ["%2F", "%5C"];

    private readonly string provider;
    private readonly Uri[] bases;

    /// <summary>Creates a guard for a provider's configured base URLs; nulls are skipped.</summary>
    public HostGuard(string provider, params Uri?[] bases)
    {
        this.provider = provider;
        this.bases = bases.OfType<Uri>().ToArray();
    }

    /// <summary>The networks in which the provider may point to pictures.</summary>
    public AllowedNetworks Networks => new(bases);

    /// <summary>Whether a URL stays on this machine. Only a literal loopback address and <c>localhost</c> count: any other name is resolved elsewhere.</summary>
    public static bool IsLoopback(Uri uri) =>
        HostOf(uri) is { } host
        && (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address)));

    /// <summary>Whether what is sent to a URL is protected: https, or plain http that stays on the machine. False for an invalid host name.</summary>
    public static bool IsSecure(Uri uri) =>
        uri.IsAbsoluteUri && HostOf(uri) is not null && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && IsLoopback(uri)));

    /// <summary>Whether the key may be sent to a URL: it is on a configured origin, secure, and has no user name.</summary>
    public bool Covers(Uri uri) => IsSecure(uri) && uri.UserInfo.Length == 0 && Array.Exists(bases, b => IsSameOrigin(b, uri));

    /// <summary>Refuses a URL to which the key may not be sent.</summary>
    /// <exception cref="InpaintException">InsecureTransport.</exception>
    public void EnsureAllowed(Uri uri)
    {
        if (Covers(uri))
        {
            return;
        }

        string reason = !IsSecure(uri) ? "it would be sent unencrypted; use https (plain http is allowed for 127.0.0.1 and localhost only)"
            : uri.UserInfo.Length > 0 ? "the URL contains a user name"
            : $"only {string.Join(" and ", bases.Select(b => b.GetLeftPart(UriPartial.Authority)).Distinct(StringComparer.OrdinalIgnoreCase))} may receive it";
        throw new InpaintException(InpaintErrorId.InsecureTransport, $"The key of provider '{provider}' was not sent to {OriginOf(uri)}: {reason}. Nothing was sent.") { Provider = provider };
    }

    /// <summary>Refuses a URL for data that is sent without a key but must still be protected.</summary>
    /// <exception cref="InpaintException">InsecureTransport.</exception>
    public void EnsureSecure(Uri uri)
    {
        // A remote service must not make this machine call its own services.
        bool isForeignLoopback = IsLoopback(uri) && !Array.Exists(bases, IsLoopback);
        if (!IsSecure(uri) || uri.UserInfo.Length > 0 || isForeignLoopback)
        {
            string rule = isForeignLoopback ? "That is this machine itself." : "Only https URLs without a user name are used.";
            throw new InpaintException(InpaintErrorId.InsecureTransport, $"Provider '{provider}' returned a picture URL at {OriginOf(uri)}. {rule} Nothing was sent there.") { Provider = provider };
        }
    }

    /// <summary>
    /// Accepts a URL from a service if the key may be sent there: on the origin of a base URL and below its path. Null when it is missing, foreign or malformed,
    /// so that it must be built from the base instead. A path with escaped separators is not accepted, because servers disagree about where it leads.
    /// </summary>
    public Uri? Accept(string? text, Uri baseUri)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || !Covers(uri) || !IsSameOrigin(baseUri, uri))
        {
            return null;
        }

        string root = baseUri.AbsolutePath.TrimEnd('/') + "/";
        bool isUnambiguous = !Array.Exists(EscapedSeparators, separator => uri.AbsolutePath.Contains(separator, StringComparison.OrdinalIgnoreCase));
        return isUnambiguous && uri.AbsolutePath.StartsWith(root, StringComparison.Ordinal) ? uri : null;
    }

    /// <summary>Appends a path, escaped and with or without a query, to a base URL that may have a path of its own.</summary>
    public static Uri Below(Uri baseUri, string path) =>
        new($"{baseUri.GetLeftPart(UriPartial.Authority)}{baseUri.AbsolutePath.TrimEnd('/')}/{path.TrimStart('/')}");

    private static bool IsSameOrigin(Uri a, Uri b) =>
        string.Equals(a.Scheme, b.Scheme, StringComparison.OrdinalIgnoreCase)
        && HostOf(a) is { } host
        && string.Equals(host, HostOf(b), StringComparison.OrdinalIgnoreCase)
        && a.Port == b.Port;

    /// <summary>The host as it is sent to DNS; null for a name that is invalid by the rules of internationalised names.</summary>
    private static string? HostOf(Uri uri)
    {
        try
        {
            return uri.IdnHost;
        }
        catch (UriFormatException)
        {
            return null;
        }
    }

    // Scheme, host and port only: a path or query may hold secrets.
    private static string OriginOf(Uri uri) => uri.IsAbsoluteUri ? $"{uri.Scheme}://{uri.Authority}" : "a relative URL";
}

/// <summary>Networks other than the internet, whose machines tend to trust whoever can reach them.</summary>
[Flags]
internal enum NetworkZones
{
    /// <summary>The internet only.</summary>
    None = 0,

    /// <summary>This machine itself.</summary>
    Loopback = 1,

    /// <summary>Private networks: of a home, a company, a cloud.</summary>
    Private = 2,

    /// <summary>Link-local, where clouds serve instance metadata and credentials.</summary>
    LinkLocal = 4,

    /// <summary>All of them.</summary>
    All = Loopback | Private | LinkLocal,
}

/// <summary>Classifies network addresses.</summary>
internal static class NetworkZone
{
    /// <summary>The zone of an address; None for the internet.</summary>
    public static NetworkZones Of(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return OfVersion4(bytes);
        }

        // An embedded IPv4 address (RFC 4291, 6052, 3056) leads to the same machine.
        bool isEmbedded = address.IsIPv4MappedToIPv6 || bytes.AsSpan(0, 12).SequenceEqual((ReadOnlySpan<byte>)[0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]);
        if (isEmbedded)
        {
            return OfVersion4(bytes.AsSpan(12));
        }

        if (bytes[0] == 0x20 && bytes[1] == 0x02)
        {
            return OfVersion4(bytes.AsSpan(2, 4));
        }

        return IPAddress.IsLoopback(address) || address.Equals(IPAddress.IPv6Any) ? NetworkZones.Loopback
            : address.IsIPv6LinkLocal || address.IsIPv6Multicast ? NetworkZones.LinkLocal
            : address.IsIPv6UniqueLocal || address.IsIPv6SiteLocal ? NetworkZones.Private
            : NetworkZones.None;
    }

    /// <summary>The zone of a host as far as it is known without a DNS query; null for a name that must be resolved.</summary>
    public static NetworkZones? OfHost(string host)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address))
        {
            return Of(address);
        }

        string name = host.TrimEnd('.');
        return string.Equals(name, "localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) ? NetworkZones.Loopback : null;
    }

    // RFC 6890. 0.0.0.0/8 is this machine to most systems; multicast and reserved addresses never serve pictures and are treated as link-local.
    private static NetworkZones OfVersion4(ReadOnlySpan<byte> address) => (address[0], address[1]) switch
    {
        (127 or 0, _) => NetworkZones.Loopback,
        (169, 254) => NetworkZones.LinkLocal,
        (10, _) or (192, 168) or (172, >= 16 and <= 31) or (100, >= 64 and <= 127) or (198, 18 or 19) => NetworkZones.Private,
        (192, 0) when address[2] == 0 => NetworkZones.Private,
        ( >= 224, _) => NetworkZones.LinkLocal,
        _ => NetworkZones.None,
    };
}

/// <summary>In which networks besides the internet a service may point to pictures: those in which its own configured URLs are.</summary>
/// <param name="Bases">The service's configured URLs; nulls are skipped.</param>
internal sealed record AllowedNetworks(params Uri?[] Bases)
{
    /// <summary>The internet only: for a URL from a service that is not configured here.</summary>
    public static AllowedNetworks None { get; } = new();

    /// <summary>For a URL from the user.</summary>
    public static AllowedNetworks Anywhere { get; } = new() { IsAnywhere = true };

    public bool IsAnywhere { get; private init; }
}
