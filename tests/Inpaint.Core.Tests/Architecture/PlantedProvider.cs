using Inpaint.Providers.Local;
using Inpaint.Tests.Architecture;

namespace Inpaint.Providers.Planted;

/// <summary>Depends on another provider, so that it can be seen that <see cref="Tests.Architecture.LayerTests"/> finds such a dependency.</summary>
internal static class PlantedProvider
{
    public static ProviderCapabilities Capabilities { get; } = LocalCapabilities.Inpaint;
}
