using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Inpaint.Emulator;
using Xunit;

namespace Inpaint.Tests.Emulator;

/// <summary>The emulator over TLS, with a certificate that only those trust who are given <see cref="Trusts"/>.</summary>
public sealed class TlsEmulatorFixture : IAsyncLifetime
{
    public X509Certificate2 Certificate { get; } = EmulatorCertificate.Create();

    public EmulatorServer Server { get; private set; } = null!;

    public RemoteCertificateValidationCallback Trusts => (_, shown, _, _) => shown is X509Certificate2 known && known.Thumbprint == Certificate.Thumbprint;

    public async ValueTask InitializeAsync() => Server = await EmulatorServer.StartAsync(new EmulatorOptions { Certificate = Certificate });

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Certificate.Dispose();
    }
}
