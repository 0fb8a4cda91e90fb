using System.Net;
using System.Net.Sockets;

namespace Inpaint.Http;

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
