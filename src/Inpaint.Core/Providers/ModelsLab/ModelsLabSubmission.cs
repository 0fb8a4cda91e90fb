using System.Text.Json.Nodes;
using Inpaint.Http;

namespace Inpaint.Providers.ModelsLab;

/// <summary>A job in ModelsLab's form; the key is written into the body only when it is sent.</summary>
/// <param name="Target">Where it goes.</param>
/// <param name="Body">The body without the key.</param>
internal sealed record ModelsLabSubmission(Uri Target, JsonObject Body) : PreparedSubmission;

/// <summary>Bodies with the key in them, which is where ModelsLab wants it.</summary>
internal static class ModelsLabBodies
{
    /// <summary>Makes the factory of a body. The key is opened for each attempt anew.</summary>
    /// <param name="channel">Holds the key.</param>
    /// <param name="body">The body without the key.</param>
    /// <returns>The factory.</returns>
    public static Func<HttpContent> JsonWithKey(this ProviderChannel channel, JsonObject body) =>
        () => channel.WithKey(key => ApiRequest.Json(ModelsLabRequestBody.Write(body, key))());
}
