using System.Globalization;

namespace Inpaint.Emulator;

/// <summary>Runs the emulator as a program of its own: <c>Inpaint.Emulator [--port N]</c>.</summary>
public static class Program
{
    /// <summary>Starts the server, says where it listens, and ends with standard input or a signal.</summary>
    /// <param name="arguments">--port and a number, or nothing for a free port.</param>
    /// <returns>0, or 2 for bad arguments.</returns>
    public static async Task<int> Main(string[] arguments)
    {
        int port = 0;
        if (arguments is not ([] or ["--port", _]) || (arguments is ["--port", string text] && !int.TryParse(text, CultureInfo.InvariantCulture, out port)))
        {
            await Console.Error.WriteLineAsync("usage: Inpaint.Emulator [--port N]");
            return 2;
        }

        await using EmulatorServer server = await EmulatorServer.StartAsync(new() { Port = port });
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
