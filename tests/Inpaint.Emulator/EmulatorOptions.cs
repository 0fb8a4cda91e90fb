using System.Security.Cryptography.X509Certificates;
using Inpaint.Emulator.Wire;

namespace Inpaint.Emulator;

/// <summary>How an emulator is started.</summary>
public sealed record EmulatorOptions
{
    /// <summary>Services beside the emulator's own, by the prefix of their paths.</summary>
    internal IReadOnlyDictionary<string, Wire.IEmulatedService> MoreServices { get; init; } = new Dictionary<string, Wire.IEmulatedService>(StringComparer.Ordinal);

    /// <summary>The TCP port on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The certificate with which the server speaks TLS, and HTTP/2 where the client does; null for plain HTTP.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The clock of timed steps, slow answers and timestamps.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
