namespace Inpaint.Http;

/// <summary>In which networks beside the internet a service may name addresses for pictures: those in which its own configured address is.</summary>
/// <param name="Bases">The service's configured addresses; nulls are skipped.</param>
internal sealed record AllowedNetworks(params IEnumerable<Uri?> Bases)
{
    /// <summary>For an address that a service has named which is not known here.</summary>
    public static AllowedNetworks None { get; } = new();

    /// <summary>For an address that the user has named.</summary>
    public static AllowedNetworks Anywhere { get; } = new() { IsAnywhere = true };

    /// <summary>Whether every network is meant.</summary>
    public bool IsAnywhere { get; private init; }
}
