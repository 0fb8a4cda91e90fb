using System.Globalization;
using System.Security.Cryptography.X509Certificates;

namespace Inpaint.Emulator;

/// <summary>Runs the emulator as a program of its own: <c>Inpaint.Emulator [--port N] [--tls FILE]</c>.</summary>
public static class Program
{
    /// <summary>Starts the server, says where it listens, and ends with standard input or a signal.</summary>
    /// <param name="arguments">--port and a number, or nothing for a free port; --tls and a file, to which the certificate is written that clients must trust, or nothing for plain HTTP.</param>
    /// <returns>0, or 2 for bad arguments.</returns>
    public static async Task<int> Main(string[] arguments)
    {
        int port = 0;
        string? certificateFile = null;
        for (int i = 0; i < arguments.Length; i += 2)
        {
            string? value = arguments.ElementAtOrDefault(i + 1);
            bool isUnderstood = arguments[i] switch
            {
                "--port" => int.TryParse(value, CultureInfo.InvariantCulture, out port),
                "--tls" => (certificateFile = value) is not null,
                _ => false,
            };
            if (!isUnderstood)
            {
                await Console.Error.WriteLineAsync("usage: Inpaint.Emulator [--port N] [--tls FILE]");
                return 2;
            }
        }

        using X509Certificate2? certificate = certificateFile is null ? null : EmulatorCertificate.Create();
        if (certificate is not null)
        {
            await File.WriteAllTextAsync(certificateFile!, certificate.ExportCertificatePem());
        }

        await using EmulatorServer server = await EmulatorServer.StartAsync(new() { Port = port, Certificate = certificate });
        await Console.Out.WriteLineAsync($"listening on {server.BaseUri.GetLeftPart(UriPartial.Authority)}");
        await Console.Out.FlushAsync();
        await Task.WhenAny(EndOfInputAsync(), server.WaitForShutdownAsync());
        return 0;
    }

    private static Task EndOfInputAsync() => Task.Run(() =>
    {
        while (Console.In.Read() >= 0)
        {
        }
    });
}
