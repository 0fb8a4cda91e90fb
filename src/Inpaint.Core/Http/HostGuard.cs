using System.Net;

namespace Inpaint.Http;

/// <summary>
/// Keeps a key at home: it travels to the configured origins (scheme, host and port, each exact) of its own provider, over TLS, and nowhere else.
/// Plain http is for this machine's own loopback.
/// </summary>
internal sealed class HostGuard
{
    private static readonly string[] EscapedSeparators = ["%2F", "%5C"];

    private readonly string provider;
    private readonly Uri[] bases;

    /// <summary>Creates the guard.</summary>
    /// <param name="provider">The provider's name, for messages.</param>
    /// <param name="bases">The provider's configured base addresses; nulls are skipped.</param>
    public HostGuard(string provider, params Uri?[] bases)
    {
        this.provider = provider;
        this.bases = bases.OfType<Uri>().ToArray();
    }

    /// <summary>Where the provider is.</summary>
    public AllowedNetworks Home => new(bases);

    /// <summary>Whether an address is this machine's own. Only a literal loopback address and the reserved name count: any other name is resolved by somebody else.</summary>
    /// <param name="uri">The address.</param>
    /// <returns>True when what is sent there does not leave the machine.</returns>
    public static bool IsLoopback(Uri uri) =>
        HostOf(uri) is { } host
        && (string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address)));

    /// <summary>Whether bytes sent to an address are protected: https, or plain http that stays on the machine.</summary>
    /// <param name="uri">The address.</param>
    /// <returns>True when they are; false also for a host whose name cannot be one.</returns>
    public static bool IsSecure(Uri uri) =>
        uri.IsAbsoluteUri && HostOf(uri) is not null && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && IsLoopback(uri)));

    /// <summary>Whether the key may go to an address.</summary>
    /// <param name="uri">The address.</param>
    /// <returns>True when it is on a configured origin, secure, and carries no user name.</returns>
    public bool Covers(Uri uri) => IsSecure(uri) && uri.UserInfo.Length == 0 && bases.Any(b => IsSameOrigin(b, uri));

    /// <summary>Refuses an address that the key may not go to.</summary>
    /// <param name="uri">The address.</param>
    /// <exception cref="InpaintException">InsecureTransport.</exception>
    public void EnsureAllowed(Uri uri)
    {
        if (Covers(uri))
        {
            return;
        }

        string reason = !IsSecure(uri) ? "it would travel unencrypted; use https (plain http is for 127.0.0.1 and localhost only)"
            : uri.UserInfo.Length > 0 ? "the address carries a user name"
            : $"only {string.Join(" and ", bases.Select(b => b.GetLeftPart(UriPartial.Authority)).Distinct(StringComparer.OrdinalIgnoreCase))} may have it";
        throw new InpaintException(InpaintErrorId.InsecureTransport, $"The key of provider '{provider}' was not sent to {Place(uri)}: {reason}. Nothing was sent.") { Provider = provider };
    }

    /// <summary>Refuses an address for bytes that need no key but still must not be read on the way.</summary>
    /// <param name="uri">The address.</param>
    /// <exception cref="InpaintException">InsecureTransport.</exception>
    public void EnsureSecure(Uri uri)
    {
        // A service elsewhere must not make this machine talk to its own services.
        bool isForeignLoopback = IsLoopback(uri) && !bases.Any(IsLoopback);
        if (!IsSecure(uri) || uri.UserInfo.Length > 0 || isForeignLoopback)
        {
            string rule = isForeignLoopback ? "That is this machine itself." : "Only https addresses without a user name are used.";
            throw new InpaintException(InpaintErrorId.InsecureTransport, $"Provider '{provider}' named {Place(uri)} as the place for a picture. {rule} Nothing was sent there.") { Provider = provider };
        }
    }

    /// <summary>
    /// Takes an address that a service named, if the key may go there: on the origin of a base and below its path. A path with escaped separators is not
    /// taken: servers differ in where it leads.
    /// </summary>
    /// <param name="text">The address as the service wrote it.</param>
    /// <param name="baseUri">The configured base.</param>
    /// <returns>The address; null when it is missing, foreign or malformed, and must be rebuilt instead.</returns>
    public Uri? Accept(string? text, Uri baseUri)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || !Covers(uri) || !IsSameOrigin(baseUri, uri))
        {
            return null;
        }

        string root = baseUri.AbsolutePath.TrimEnd('/') + "/";
        bool isClear = !EscapedSeparators.Any(separator => uri.AbsolutePath.Contains(separator, StringComparison.OrdinalIgnoreCase));
        return isClear && uri.AbsolutePath.StartsWith(root, StringComparison.Ordinal) ? uri : null;
    }

    /// <summary>Appends a path to a base, which may have a path of its own.</summary>
    /// <param name="baseUri">The configured base.</param>
    /// <param name="path">The path, escaped, with or without a leading slash; may end in a query.</param>
    /// <returns>The address.</returns>
    public static Uri Below(Uri baseUri, string path) =>
        new($"{baseUri.GetLeftPart(UriPartial.Authority)}{baseUri.AbsolutePath.TrimEnd('/')}/{path.TrimStart('/')}");

    private static bool IsSameOrigin(Uri a, Uri b) =>
        string.Equals(a.Scheme, b.Scheme, StringComparison.OrdinalIgnoreCase)
        && HostOf(a) is { } host
        && string.Equals(host, HostOf(b), StringComparison.OrdinalIgnoreCase)
        && a.Port == b.Port;

    /// <summary>The host as DNS will be asked for it; null for a name that passes as an address's and is none by the rules of international names.</summary>
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

    // Scheme, host and port alone: a path or query may hold what is not for messages.
    private static string Place(Uri uri) => uri.IsAbsoluteUri ? $"{uri.Scheme}://{uri.Authority}" : "an incomplete address";
}
