namespace Inpaint.Emulator.Wire;

/// <summary>A service that answers below one path prefix.</summary>
internal interface IEmulatedService
{
    /// <summary>Finds the handler of a request.</summary>
    /// <param name="method">The HTTP method in capitals.</param>
    /// <param name="segments">The path below the prefix, split at slashes and unescaped.</param>
    /// <returns>The route; never null, an unknown path has an answer too.</returns>
    WireRoute Resolve(string method, string[] segments);
}
