using System.Net;
using System.Net.Sockets;

namespace Inpaint.Http;

/// <summary>Networks that are not the internet, and whose machines trust whoever reaches them.</summary>
[Flags]
internal enum NetworkZones
{
    /// <summary>The internet alone.</summary>
    None = 0,

    /// <summary>This machine itself.</summary>
    Loopback = 1,

    /// <summary>Private networks: of a house, a company, a cloud.</summary>
    Private = 2,

    /// <summary>The link itself, where clouds tell machines their secrets.</summary>
    LinkLocal = 4,

    /// <summary>All of them.</summary>
    All = Loopback | Private | LinkLocal,
}

/// <summary>Tells networks apart by address.</summary>
internal static class NetworkZone
{
    /// <summary>The zone of an address.</summary>
    /// <param name="address">The address.</param>
    /// <returns>The zone; None for the internet.</returns>
    public static NetworkZones Of(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return OfVersion4(bytes);
        }

        // An IPv4 address in another dress (RFC 4291, 6052, 3056) leads to the same machine.
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

    /// <summary>The zone of a host that says it without being looked up.</summary>
    /// <param name="host">An address, or a name.</param>
    /// <returns>The zone; null for a name that must be looked up.</returns>
    public static NetworkZones? OfHost(string host)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address))
        {
            return Of(address);
        }

        string name = host.TrimEnd('.');
        return string.Equals(name, "localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) ? NetworkZones.Loopback : null;
    }

    // RFC 6890. 0.0.0.0/8 is this machine to most systems; what is multicast or reserved is no picture's place, and belongs with what is nearest.
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
