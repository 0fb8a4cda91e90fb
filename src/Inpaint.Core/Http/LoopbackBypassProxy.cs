using System.Net;

namespace Inpaint.Http;

/// <summary>
/// The system's proxy for everything but this machine itself. A key may go to loopback unencrypted because it does not leave the machine; by way of a proxy
/// it would, and most environments that name one name no exceptions.
/// </summary>
/// <param name="system">The proxy of the system or the environment.</param>
internal sealed class LoopbackBypassProxy(IWebProxy system) : IWebProxy
{
    /// <inheritdoc/>
    public ICredentials? Credentials
    {
        get => system.Credentials;
        set => system.Credentials = value;
    }

    /// <inheritdoc/>
    public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : system.GetProxy(destination);

    /// <inheritdoc/>
    public bool IsBypassed(Uri host) => HostGuard.IsLoopback(host) || system.IsBypassed(host);
}
